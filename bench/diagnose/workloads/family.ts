import type { Snapshot } from '@tier0/cmdb';
import type { Recording } from '../recordings.ts';

export type KubernetesObject = Snapshot['objects'][number];
/** An object whose fields are looked up by name. */
export type Loose = { readonly [key: string]: unknown };

/** A field below a value; undefined where there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((held, key) => (typeof held === 'object' && held !== null ? (held as Loose)[key] : undefined), value);
}

/** The same as a map; empty where it is none. */
export function mapAt(value: unknown, ...path: readonly string[]): Loose {
  const held = at(value, ...path);
  return typeof held === 'object' && held !== null ? (held as Loose) : {};
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const held = at(value, ...path);
  return Array.isArray(held) ? held : [];
}

/** One revision of a Deployment's template. */
export interface RevisionSet {
  /** Name of its ReplicaSet. */
  readonly name: string;
  readonly number: number;
  readonly hash: string;
  /** Undefined where it was not recorded. */
  readonly object: KubernetesObject | undefined;
}

/** A pod of a Deployment. */
export interface FamilyPod {
  readonly object: KubernetesObject;
  readonly set: RevisionSet;
  readonly node: string | undefined;
  readonly isReady: boolean;
  readonly isGoing: boolean;
}

/** A Deployment with what it made. */
export interface Family {
  readonly deployment: KubernetesObject;
  readonly name: string;
  readonly namespace: string;
  readonly wanted: number;
  /** The newest last. */
  readonly sets: readonly RevisionSet[];
  /** Those of the newest revision last. */
  readonly pods: readonly FamilyPod[];
}

/** Every Deployment of people, with its ReplicaSets and pods. */
export function familiesOf({ snapshot }: Recording): readonly Family[] {
  return snapshot.objects
    .filter(({ kind, metadata }) => kind === 'Deployment' && !/^kube-|^openshift-/.test(metadata.namespace ?? ''))
    .map((deployment) => familyOf(deployment, snapshot.objects));
}

function familyOf(deployment: KubernetesObject, objects: readonly KubernetesObject[]): Family {
  const { name, namespace = 'default' } = deployment.metadata;
  const own = objects.filter(({ metadata }) => metadata.namespace === deployment.metadata.namespace);
  const recorded = own.filter((object) => object.kind === 'ReplicaSet' && controllerOf(object, 'Deployment') === name);
  const members = own.flatMap((pod) => {
    const set = pod.kind === 'Pod' ? controllerOf(pod, 'ReplicaSet') : undefined;
    return set !== undefined && isSetOf(set, name, pod, recorded) ? [{ pod, set }] : [];
  });
  const names = [...new Set([...recorded.map(({ metadata }) => metadata.name), ...members.map(({ set }) => set)])];
  const sets = names.map((set) => revisionOf(set, name, recorded)).sort((a, b) => a.number - b.number);
  const pods = members
    .map(({ pod, set }) => memberOf(pod, sets.find((one) => one.name === set) as RevisionSet))
    .sort((a, b) => sets.indexOf(a.set) - sets.indexOf(b.set));
  return { deployment, name, namespace, wanted: Number(at(deployment, 'spec', 'replicas') ?? 1), sets, pods };
}

function isSetOf(set: string, deployment: string, pod: KubernetesObject, recorded: readonly KubernetesObject[]): boolean {
  if (recorded.some(({ metadata }) => metadata.name === set)) return true;
  return recorded.length === 0 && set === `${deployment}-${at(pod, 'metadata', 'labels', 'pod-template-hash')}`;
}

function controllerOf(object: KubernetesObject, kind: string): string | undefined {
  const owner = listAt(object, 'metadata', 'ownerReferences').find((one) => at(one, 'controller') === true);
  return at(owner, 'kind') === kind ? String(at(owner, 'name')) : undefined;
}

function revisionOf(name: string, deployment: string, recorded: readonly KubernetesObject[]): RevisionSet {
  const object = recorded.find(({ metadata }) => metadata.name === name);
  const number = Number(at(object, 'metadata', 'annotations', 'deployment.kubernetes.io/revision') ?? 1);
  return { name, number, hash: name.slice(deployment.length + 1), object };
}

function memberOf(object: KubernetesObject, set: RevisionSet): FamilyPod {
  const ready = listAt(object, 'status', 'conditions').find((one) => at(one, 'type') === 'Ready');
  return {
    object,
    set,
    node: at(object, 'spec', 'nodeName') as string | undefined,
    isReady: at(ready, 'status') === 'True',
    isGoing: at(object, 'metadata', 'deletionTimestamp') !== undefined,
  };
}
