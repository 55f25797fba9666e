import {
  type CmdbReader,
  type ConfigurationItem,
  type FieldPath,
  kubernetesItemId,
  parseKubernetesItemId,
  parseQuantity,
  readField,
} from '@tier0/core';
import { indexed } from './indexed.ts';
import { conditionOf, listAt, mapAt, numberAt, textAt } from './read-object.ts';

/** Kinds that keep pods running and stand above all others that do. */
export const SERVING_KINDS = ['DaemonSet', 'Deployment', 'DeploymentConfig', 'Rollout', 'StatefulSet'] as const;
/** Kinds that keep pods running for another one, or by themselves. */
const SET_KINDS = ['ReplicaSet', 'ReplicationController'] as const;
/** Kinds that hold a pod template: an owner chain is followed up to the last of them. */
const TEMPLATE_KINDS: ReadonlySet<string> = new Set([...SERVING_KINDS, ...SET_KINDS, 'CronJob', 'Job']);
const MAX_OWNERS = 5;

/** Every workload that keeps pods running, sorted by kind and id. */
export function workloadsOf(reader: CmdbReader): readonly ConfigurationItem[] {
  const alone = SET_KINDS.flatMap((kind) => reader.items({ kind }).items.filter(({ id }) => workloadOf(reader, id) === id));
  return [...SERVING_KINDS.flatMap((kind) => reader.items({ kind }).items), ...alone];
}

/**
 * The item that a pod's fate is decided at: the last of its owner chain that holds a pod template, itself when nothing owns it.
 * What stands above a workload (an operator's resource, a GitOps object) is not followed: its fields are not those of a pod template.
 */
export function workloadOf(reader: CmdbReader, item: string): string {
  const known = workloads(reader);
  const held = known.get(item) ?? findWorkload(reader, item);
  known.set(item, held);
  return held;
}

/** Asked of each pod by many rules, and worked out once. */
const workloads = indexed(() => new Map<string, string>());

function findWorkload(reader: CmdbReader, item: string): string {
  let current = item;
  for (let hop = 0; hop < MAX_OWNERS; hop++) {
    const owner = reader.relations(current, 'out', 'managedBy')[0];
    if (!owner || !TEMPLATE_KINDS.has(parseKubernetesItemId(owner.to)?.kind ?? '')) return current;
    const deployment = deploymentAbove(reader, current, owner.to);
    if (deployment !== undefined) return deployment;
    current = owner.to;
  }
  return current;
}

/**
 * Who answers for an item: of a pod that an operator made itself, the operator's resource, which all its pods share; of anything else the
 * item. A pod that a node runs by itself has nobody else.
 */
export function answererOf(reader: CmdbReader, item: string): string {
  if (parseKubernetesItemId(item)?.kind !== 'Pod' || workloadOf(reader, item) !== item) return item;
  const owner = reader.relations(item, 'out', 'managedBy')[0]?.to;
  return owner === undefined || parseKubernetesItemId(owner)?.kind === 'Node' ? item : owner;
}

/**
 * The Deployment of a ReplicaSet that was not recorded: the controller names a ReplicaSet after its Deployment and the hash of the template,
 * which its pods have as a label.
 */
function deploymentAbove(reader: CmdbReader, pod: string, replicaSet: string): string | undefined {
  const set = parseKubernetesItemId(replicaSet);
  if (set?.kind !== 'ReplicaSet' || reader.object(replicaSet) !== undefined) return undefined;
  const hash = mapAt(reader.object(pod), 'metadata', 'labels')['pod-template-hash'];
  if (hash === undefined || !set.name.endsWith(`-${hash}`)) return undefined;
  return kubernetesItemId({ ...set, kind: 'Deployment', name: set.name.slice(0, -hash.length - 1) });
}

const podsByWorkload = indexed(() => new Map<string, readonly string[]>());

/** Pods under a workload, sorted by id. Counted once a reader: every finding about a pod asks for its siblings. */
export function podsOf(reader: CmdbReader, workload: string): readonly string[] {
  const known = podsByWorkload(reader);
  const pods = known.get(workload) ?? findPods(reader, workload);
  known.set(workload, pods);
  return pods;
}

function findPods(reader: CmdbReader, workload: string): readonly string[] {
  const own = reader.relations(workload, 'in', 'managedBy').map((relation) => relation.from);
  if (own.length === 0 && parseKubernetesItemId(workload)?.kind === 'Deployment') return orphansOf(reader).get(workload) ?? [];
  return own.flatMap((id) => (parseKubernetesItemId(id)?.kind === 'Pod' ? [id] : podsOf(reader, id))).sort();
}

const orphans = new WeakMap<CmdbReader, ReadonlyMap<string, readonly string[]>>();

/** Pods by the Deployment of their ReplicaSet, where the ReplicaSet was not recorded. */
function orphansOf(reader: CmdbReader): ReadonlyMap<string, readonly string[]> {
  const known = orphans.get(reader);
  if (known) return known;
  const pods = reader.items({ kind: 'Pod' }).items.map(({ id }) => id);
  const found = Map.groupBy(pods, (pod) => workloadOf(reader, pod));
  orphans.set(reader, found);
  return found;
}

/** Path of the pod specification in an object: a pod's own or a template's. */
export function podSpecPath(kind: string): FieldPath {
  if (kind === 'CronJob') return ['spec', 'jobTemplate', 'spec', 'template', 'spec'];
  return kind === 'Pod' ? ['spec'] : ['spec', 'template', 'spec'];
}

/** Path of the labels of an object's pods: a pod's own or a template's. */
export function podLabelsPath(kind: string): FieldPath {
  return [...podSpecPath(kind).slice(0, -1), 'metadata', 'labels'];
}

export function containerPath(kind: string, container: string): FieldPath {
  return [...podSpecPath(kind), 'containers', { key: 'name', value: container }];
}

/** A container and the memory it may use. */
export interface MemoryLimit {
  readonly container: string;
  readonly bytes: number;
  /** As written, e.g. `256Mi`. */
  readonly quantity: string;
}

/** Containers of a workload's template that have a memory limit. */
export function memoryLimits(reader: CmdbReader, workload: string): readonly MemoryLimit[] {
  const kind = parseKubernetesItemId(workload)?.kind ?? '';
  return listAt(reader.object(workload), ...podSpecPath(kind), 'containers').flatMap((entry): readonly MemoryLimit[] => {
    const container = textAt(entry, 'name');
    const quantity = readField(entry, ['resources', 'limits', 'memory']);
    const bytes = parseQuantity(quantity);
    return container && bytes !== undefined && bytes > 0 ? [{ container, bytes, quantity: String(quantity) }] : [];
  });
}

/** Software name to version: images by their last path segment, frameworks from `tier0.dev/framework: name@version, ...`. */
export function softwareOf(reader: CmdbReader, workload: string): Readonly<Record<string, string>> {
  const object = reader.object(workload);
  const kind = parseKubernetesItemId(workload)?.kind ?? '';
  const images = listAt(object, ...podSpecPath(kind), 'containers').flatMap((entry) => imageSoftware(textAt(entry, 'image') ?? ''));
  const holders = [mapAt(object, 'metadata', 'labels'), mapAt(object, 'metadata', 'annotations')];
  const templates = [mapAt(object, 'spec', 'template', 'metadata', 'labels'), mapAt(object, 'spec', 'template', 'metadata', 'annotations')];
  const frameworks = [...holders, ...templates].flatMap((map) => (map[FRAMEWORK] ?? '').split(',')).flatMap(frameworkSoftware);
  return Object.fromEntries([...images, ...frameworks]);
}

const FRAMEWORK = 'tier0.dev/framework';

function imageSoftware(image: string): readonly (readonly [string, string])[] {
  const match = /(?:^|\/)([^/:@]+):([^/@]+)(?:@|$)/.exec(image);
  return match ? [[match[1] ?? '', match[2] ?? '']] : [];
}

/** A label's value cannot hold `@`, so `name_version` is read as well. */
function frameworkSoftware(text: string): readonly (readonly [string, string])[] {
  const match = /^([^@\s]+?)[@_]v?(\d[\w.+-]*)$/.exec(text.trim());
  return match ? [[match[1] ?? '', match[2] ?? '']] : [];
}

/** How a workload's rollout stands. `unknown`: its controller has not said, or has not yet seen the newest template. */
export function rolloutOf(object: unknown, kind: string): 'complete' | 'progressing' | 'unknown' {
  const observed = numberAt(object, 'status', 'observedGeneration');
  const generation = numberAt(object, 'metadata', 'generation');
  if (readField(object, ['status']) === undefined) return 'unknown';
  if (observed !== undefined && generation !== undefined && observed < generation) return 'unknown';
  if (kind === 'DaemonSet') {
    const wanted = numberAt(object, 'status', 'desiredNumberScheduled') ?? 0;
    const updated = numberAt(object, 'status', 'updatedNumberScheduled') ?? wanted;
    return updated >= wanted && (numberAt(object, 'status', 'numberReady') ?? 0) >= wanted ? 'complete' : 'progressing';
  }
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const updated = numberAt(object, 'status', 'updatedReplicas') ?? 0;
  const ready = numberAt(object, 'status', 'readyReplicas') ?? 0;
  const total = numberAt(object, 'status', 'replicas') ?? 0;
  return updated >= wanted && ready >= wanted && total <= wanted ? 'complete' : 'progressing';
}

/** Whether a pod is ready by its own condition. */
export function isPodReady(pod: unknown): boolean {
  return textAt(conditionOf(pod, 'Ready'), 'status') === 'True';
}
