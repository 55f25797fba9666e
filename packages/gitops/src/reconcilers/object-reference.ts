import { type CallContext, parseKubernetesItemId } from '@tier0/core';
import type { ManifestObject } from '../kubernetes/manifests.ts';

/** Names one object of the Kubernetes API. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** Reads live objects. */
export interface ObjectReader {
  /** The live object; undefined when it does not exist. Throws where it cannot be known. */
  get(reference: ObjectReference, context: CallContext): Promise<object | undefined>;
}

const API_VERSIONS: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  ReplicaSet: 'apps/v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
  Ingress: 'networking.k8s.io/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  PodDisruptionBudget: 'policy/v1',
};

/** Where an item is found in the API: as its manifest says, else as its kind is usually served. Undefined for what is no Kubernetes item. */
export function referenceOf(item: string, declared: readonly ManifestObject[] = []): ObjectReference | undefined {
  const identity = parseKubernetesItemId(item);
  if (!identity) return undefined;
  const { kind, name, namespace } = identity;
  const manifest = declared.find(
    (object) => object.kind === kind && object.metadata.name === name && (object.metadata.namespace ?? namespace) === namespace,
  );
  return { apiVersion: manifest?.apiVersion ?? API_VERSIONS[kind] ?? 'v1', kind, namespace, name };
}
