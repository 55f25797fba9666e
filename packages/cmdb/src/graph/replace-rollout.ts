import { type Coverage, readField, writeField } from '@tier0/core';
import { idOf } from '../kinds/kubernetes-item.ts';
import { isRecord, type KubernetesObject, textMap, textOf } from '../kinds/kubernetes-object.ts';
import { containersOf, imagesOf } from '../kinds/pod-spec.ts';
import { controllerOf } from '../relations/owner.ts';
import type { ObjectsById } from './rehearse.ts';

export interface RolloutReplacement {
  readonly objects: ObjectsById;
  /** The workload with its new template. */
  readonly workload: KubernetesObject;
  readonly cluster: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Whether containers of this image were seen ready in this workload. */
  readonly isKnownGood: (image: string) => boolean;
}

const REVISION = 'deployment.kubernetes.io/revision';

/**
 * Puts the rollout of a new template in place of the old one. When every image was seen ready before, the new pods run and are
 * ready; otherwise nobody knows, and the returned coverage says so. Each takes the node of one it replaces; those beyond that have none, since
 * where they could be placed is for others to judge.
 */
export function replaceRollout(input: RolloutReplacement): readonly Coverage[] {
  const { objects, workload, cluster } = input;
  const old = podsOf(objects, workload);
  const replicas = replicasOf(workload, old.length);
  for (const pod of old) objects.delete(idOf(pod, cluster));
  const parent = workload.kind === 'Deployment' ? addReplicaSet(input, replicas) : workload;
  const unknown = [...imagesOf(workload).values()].filter((image) => !input.isKnownGood(image));
  if (unknown.length > 0) {
    objects.set(idOf(workload, cluster), writeField(workload, ['status'], undefined));
    return [unknownPods(workload, unknown)];
  }
  const nodes = old.flatMap((pod) => textOf(readField(pod, ['spec', 'nodeName'])) ?? []);
  for (let index = 0; index < replicas; index++) {
    const pod = readyPod(parent, workload, index, { at: input.at, node: nodes[index] });
    objects.set(idOf(pod, cluster), pod);
  }
  objects.set(idOf(workload, cluster), { ...workload, status: rolledOutStatus(workload, replicas) });
  return [];
}

function podsOf(objects: ObjectsById, workload: KubernetesObject): readonly KubernetesObject[] {
  const inNamespace = [...objects.values()].filter((object) => object.metadata.namespace === workload.metadata.namespace);
  const isOwn = (object: KubernetesObject, kind: string, names: ReadonlySet<string>) => {
    const owner = controllerOf(object);
    return owner?.kind === kind && names.has(owner.name);
  };
  const own = new Set([workload.metadata.name]);
  if (workload.kind !== 'Deployment') return inNamespace.filter((object) => object.kind === 'Pod' && isOwn(object, workload.kind, own));
  const replicaSets = inNamespace.filter((object) => object.kind === 'ReplicaSet' && isOwn(object, 'Deployment', own));
  const names = new Set(replicaSets.map((replicaSet) => replicaSet.metadata.name));
  return inNamespace.filter((object) => object.kind === 'Pod' && isOwn(object, 'ReplicaSet', names));
}

function replicasOf(workload: KubernetesObject, current: number): number {
  if (workload.kind === 'DaemonSet') return current;
  const replicas = readField(workload, ['spec', 'replicas']);
  return typeof replicas === 'number' ? replicas : 1;
}

/** Scales the Deployment's ReplicaSets to zero and adds one for the new template. */
function addReplicaSet({ objects, workload, cluster, at }: RolloutReplacement, replicas: number): KubernetesObject {
  let newest = 0;
  for (const [id, object] of objects) {
    const owner = object.kind === 'ReplicaSet' ? controllerOf(object) : undefined;
    if (owner?.kind !== 'Deployment' || owner.name !== workload.metadata.name || object.metadata.namespace !== workload.metadata.namespace)
      continue;
    newest = Math.max(newest, Number(textMap(object.metadata.annotations)[REVISION]) || 0);
    objects.set(id, { ...object, spec: { ...(object.spec as object), replicas: 0 }, status: { replicas: 0 } });
  }
  const replicaSet: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      ...childMetadata(workload, `${workload.metadata.name}-rehearsed`, at),
      annotations: { [REVISION]: String(newest + 1) },
    },
    spec: { ...(isRecord(workload.spec) ? workload.spec : {}), replicas },
    status: { replicas, readyReplicas: replicas, availableReplicas: replicas },
  };
  objects.set(idOf(replicaSet, cluster), replicaSet);
  return replicaSet;
}

function childMetadata(parent: KubernetesObject, name: string, at: string): KubernetesObject['metadata'] {
  return {
    name,
    ...(parent.metadata.namespace ? { namespace: parent.metadata.namespace } : {}),
    uid: `rehearsed-${name}`,
    creationTimestamp: at,
    labels: readField(parent, ['spec', 'template', 'metadata', 'labels']),
    ownerReferences: [
      { apiVersion: parent.apiVersion, kind: parent.kind, name: parent.metadata.name, uid: parent.metadata.uid, controller: true },
    ],
  };
}

function readyPod(
  parent: KubernetesObject,
  workload: KubernetesObject,
  index: number,
  when: { readonly at: string; readonly node: string | undefined },
): KubernetesObject {
  const spec = readField(workload, ['spec', 'template', 'spec']) as Record<string, unknown>;
  const name = workload.kind === 'StatefulSet' ? `${workload.metadata.name}-${index}` : `${parent.metadata.name}-${index}`;
  const running = containersOf({ containers: spec.containers }).map((container) => ({
    name: container.name,
    image: container.image,
    ready: true,
    started: true,
    restartCount: 0,
    state: { running: { startedAt: when.at } },
  }));
  const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: when.at,
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...childMetadata(parent, name, when.at),
      labels: readField(workload, ['spec', 'template', 'metadata', 'labels']),
      annotations: readField(workload, ['spec', 'template', 'metadata', 'annotations']),
    },
    spec: { ...spec, ...(when.node ? { nodeName: when.node } : {}) },
    status: { phase: 'Running', startTime: when.at, conditions, containerStatuses: running },
  };
}

function rolledOutStatus(workload: KubernetesObject, replicas: number): Record<string, unknown> {
  const observedGeneration = readField(workload, ['metadata', 'generation']);
  if (workload.kind === 'DaemonSet') {
    const counts = ['desiredNumberScheduled', 'currentNumberScheduled', 'updatedNumberScheduled', 'numberReady', 'numberAvailable'];
    return { observedGeneration, ...Object.fromEntries(counts.map((count) => [count, replicas])) };
  }
  const counts = { replicas, readyReplicas: replicas, updatedReplicas: replicas, availableReplicas: replicas };
  if (workload.kind === 'StatefulSet') return { observedGeneration, ...counts, currentReplicas: replicas };
  const conditions = [
    { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
    { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
  ];
  return { observedGeneration, ...counts, conditions };
}

function unknownPods(workload: KubernetesObject, images: readonly string[]): Coverage {
  const namespace = workload.metadata.namespace;
  const reason = `image ${images.join(', ')} was never seen ready in ${workload.kind} ${workload.metadata.name}: whether its pods start is not known`;
  return namespace ? { kind: 'Pod', namespace, state: 'failed', reason } : { kind: 'Pod', state: 'failed', reason };
}
