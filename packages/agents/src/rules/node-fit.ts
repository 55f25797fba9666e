import { type CmdbReader, parseKubernetesItemId, parseQuantity, readField } from '@tier0/core';
import { conditionOf, listAt, mapAt, numberAt, textAt } from '../workload/read-object.ts';
import { siblingId } from './existence.ts';
import { indexed } from './indexed.ts';
import { type PodView, podViews } from './pod-view.ts';
import type { Obstacle } from './scheduler-message.ts';
import { selects } from './selector-match.ts';

/** A node with what is already promised on it. */
export interface NodeLoad {
  readonly id: string;
  readonly name: string;
  readonly object: unknown;
  readonly labels: Readonly<Record<string, string>>;
  /** Sum of the requests of its pods, by resource name, in base units. */
  readonly requested: ReadonlyMap<string, number>;
  readonly pods: readonly PodView[];
}

/** Every node with its load, sorted by id. */
export const nodeLoads = indexed((reader): readonly NodeLoad[] => {
  const bound = Map.groupBy(podViews(reader).filter(holdsNode), ({ object }) => textAt(object, 'spec', 'nodeName') ?? '');
  return reader.items({ kind: 'Node' }).items.map(({ id, name }) => {
    const object = reader.object(id);
    const pods = bound.get(name) ?? [];
    const requested = new Map<string, number>();
    for (const pod of pods)
      for (const [resource, amount] of requestsOf(pod.object)) requested.set(resource, (requested.get(resource) ?? 0) + amount);
    return { id, name, object, labels: mapAt(object, 'metadata', 'labels'), requested, pods };
  });
});

function holdsNode({ object }: PodView): boolean {
  const phase = textAt(object, 'status', 'phase');
  return phase !== 'Succeeded' && phase !== 'Failed' && textAt(object, 'spec', 'nodeName') !== undefined;
}

/** What a pod requests in all: its containers together, or its largest init container; see "Resource sharing within containers" in the docs. */
export function requestsOf(pod: unknown): ReadonlyMap<string, number> {
  const total = new Map<string, number>();
  for (const container of listAt(pod, 'spec', 'containers')) addRequests(total, container, (held, more) => held + more);
  for (const container of listAt(pod, 'spec', 'initContainers')) {
    const isSidecar = textAt(container, 'restartPolicy') === 'Always';
    addRequests(total, container, isSidecar ? (held, more) => held + more : Math.max);
  }
  addRequests(total, { resources: { requests: readField(pod, ['spec', 'overhead']) } }, (held, more) => held + more);
  return total;
}

function addRequests(total: Map<string, number>, container: unknown, join: (held: number, more: number) => number): void {
  const requests = readField(container, ['resources', 'requests']);
  const limits = readField(container, ['resources', 'limits']);
  const names = [...Object.keys((limits as object | undefined) ?? {}), ...Object.keys((requests as object | undefined) ?? {})];
  for (const name of new Set(names)) {
    const amount = parseQuantity(readField(requests, [name])) ?? parseQuantity(readField(limits, [name]));
    if (amount !== undefined && amount > 0) total.set(name, join(total.get(name) ?? 0, amount));
  }
}

/** Why a node cannot take a pod, by what the snapshot holds. Empty: as far as one can see, it can. */
export function obstaclesOf(pod: PodView, node: NodeLoad, nodes: readonly NodeLoad[]): ReadonlySet<Obstacle> {
  const found = new Set<Obstacle>();
  const add = (obstacle: Obstacle, isThere: boolean) => isThere && found.add(obstacle);
  add('node-selector', !matchesNodeSelector(pod.object, node));
  add('node-affinity', !matchesNodeAffinity(pod.object, node));
  for (const obstacle of taintObstacles(pod.object, node)) found.add(obstacle);
  for (const obstacle of resourceObstacles(pod.object, node)) found.add(obstacle);
  add('host-port', hasPortConflict(pod, node));
  add('pod-affinity', !matchesPodAffinity(pod, node, nodes));
  add('topology-spread', !matchesSpread(pod, node, nodes));
  add('volume-affinity', !matchesVolumes(pod, node));
  return found;
}

export function matchesNodeSelector(pod: unknown, node: NodeLoad): boolean {
  return Object.entries(mapAt(pod, 'spec', 'nodeSelector')).every(([key, value]) => node.labels[key] === value);
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

export function matchesNodeAffinity(pod: unknown, node: NodeLoad): boolean {
  return matchesTerms(listAt(pod, 'spec', 'affinity', 'nodeAffinity', REQUIRED, 'nodeSelectorTerms'), node);
}

/** Terms are alternatives; an empty list of them asks for nothing here. */
function matchesTerms(terms: readonly unknown[], node: NodeLoad): boolean {
  if (terms.length === 0) return true;
  return terms.some((term) => {
    const byName = listAt(term, 'matchFields').every((field) => listAt(field, 'values').includes(node.name));
    return byName && listAt(term, 'matchExpressions').every((expression) => matchesExpression(expression, node.labels));
  });
}

function matchesExpression(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[textAt(expression, 'key') ?? ''];
  const values = listAt(expression, 'values').map(String);
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return true;
  }
}

function taintObstacles(pod: unknown, node: NodeLoad): readonly Obstacle[] {
  const tolerations = listAt(pod, 'spec', 'tolerations');
  const taints = listAt(node.object, 'spec', 'taints').filter((taint) => textAt(taint, 'effect') !== 'PreferNoSchedule');
  const cordon = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  const all = readField(node.object, ['spec', 'unschedulable']) === true ? [...taints, cordon] : taints;
  const held = all.filter((taint) => !tolerations.some((toleration) => tolerates(toleration, taint))).map(taintObstacle);
  const ready = textAt(conditionOf(node.object, 'Ready'), 'status');
  return ready === 'False' || ready === 'Unknown' ? [...held, 'node-unready'] : held;
}

function taintObstacle(taint: unknown): Obstacle {
  const key = textAt(taint, 'key') ?? '';
  if (key === 'node.kubernetes.io/unschedulable') return 'cordoned';
  if (key === 'node-role.kubernetes.io/control-plane' || key === 'node-role.kubernetes.io/master') return 'control-plane';
  return /^node\.(?:kubernetes|cloudprovider\.kubernetes)\.io\//.test(key) ? 'node-unready' : 'taint';
}

function tolerates(toleration: unknown, taint: unknown): boolean {
  const key = textAt(toleration, 'key');
  const effect = textAt(toleration, 'effect');
  if (effect !== undefined && effect !== textAt(taint, 'effect')) return false;
  const isExists = textAt(toleration, 'operator') === 'Exists';
  if (key === undefined) return isExists;
  if (key !== textAt(taint, 'key')) return false;
  return isExists || (textAt(toleration, 'value') ?? '') === (textAt(taint, 'value') ?? '');
}

const PLAIN_RESOURCE = /^(?:cpu|memory|ephemeral-storage|hugepages-.*)$/;

function resourceObstacles(pod: unknown, node: NodeLoad): readonly Obstacle[] {
  const allocatable = readField(node.object, ['status', 'allocatable']) ?? readField(node.object, ['status', 'capacity']);
  if (allocatable === undefined) return [];
  const found: Obstacle[] = [];
  for (const [resource, amount] of requestsOf(pod)) {
    const room = parseQuantity(readField(allocatable, [resource]));
    const isPlain = PLAIN_RESOURCE.test(resource);
    // A node that says nothing of cpu or memory was recorded in part; one that says nothing of a device has none.
    if (room === undefined && isPlain) continue;
    if ((room ?? 0) - (node.requested.get(resource) ?? 0) < amount) found.push(isPlain ? 'resources' : 'device');
  }
  const slots = parseQuantity(readField(allocatable, ['pods']));
  return slots !== undefined && node.pods.length >= slots ? [...found, 'pod-slots'] : found;
}

function hostPorts(pod: unknown): readonly string[] {
  return listAt(pod, 'spec', 'containers').flatMap((container) =>
    listAt(container, 'ports').flatMap((port) => {
      const number =
        numberAt(port, 'hostPort') ?? (readField(pod, ['spec', 'hostNetwork']) === true ? numberAt(port, 'containerPort') : undefined);
      return number === undefined || number === 0 ? [] : [`${textAt(port, 'protocol') ?? 'TCP'}/${number}`];
    }),
  );
}

function hasPortConflict(pod: PodView, node: NodeLoad): boolean {
  return portHolder(pod, node) !== undefined;
}

/** The pod on the node that already holds a host port the pod asks for. */
export function portHolder(pod: PodView, node: NodeLoad): PodView | undefined {
  const wanted = hostPorts(pod.object);
  return wanted.length === 0 ? undefined : node.pods.find((other) => hostPorts(other.object).some((port) => wanted.includes(port)));
}

/** Required pod affinity and anti-affinity, both ways. A topology is the value of a label of the node. */
function matchesPodAffinity(pod: PodView, node: NodeLoad, nodes: readonly NodeLoad[]): boolean {
  const affinity = listAt(pod.object, 'spec', 'affinity', 'podAffinity', REQUIRED);
  const anti = listAt(pod.object, 'spec', 'affinity', 'podAntiAffinity', REQUIRED);
  const isNear = affinity.every((term) => podsNear(term, pod, node, nodes).length > 0 || isFirst(term, pod, nodes));
  const isApart = anti.every((term) => podsNear(term, pod, node, nodes).length === 0);
  return isNear && isApart && !isRefused(pod, node);
}

/** The first of a group that wants to be together may go anywhere. */
function isFirst(term: unknown, pod: PodView, nodes: readonly NodeLoad[]): boolean {
  const matchesItself = isMeant(term, pod, pod);
  return matchesItself && !nodes.some((node) => node.pods.some((other) => isMeant(term, other, pod)));
}

function podsNear(term: unknown, pod: PodView, node: NodeLoad, nodes: readonly NodeLoad[]): readonly PodView[] {
  const topology = node.labels[textAt(term, 'topologyKey') ?? ''];
  if (topology === undefined) return [];
  const near = nodes.filter((other) => other.labels[textAt(term, 'topologyKey') ?? ''] === topology);
  return near.flatMap((other) => other.pods.filter((candidate) => isMeant(term, candidate, pod)));
}

/** Whether a term of the holder means a pod: its namespaces (the holder's own by default) and its selector. */
function isMeant(term: unknown, candidate: PodView, holder: PodView): boolean {
  const own = parseKubernetesItemId(holder.id)?.namespace ?? '';
  const namespaces = listAt(term, 'namespaces').map(String);
  const isEverywhere = readField(term, ['namespaceSelector']) !== undefined && namespaces.length === 0;
  const inSpace =
    isEverywhere || (namespaces.length > 0 ? namespaces : [own]).includes(parseKubernetesItemId(candidate.id)?.namespace ?? '');
  return inSpace && selects(readField(term, ['labelSelector']), mapAt(candidate.object, 'metadata', 'labels'));
}

/** Pods with required anti-affinity, with the node they are on. Few pods have it, so all others are passed over once. */
const separatedPods = indexed((reader) =>
  nodeLoads(reader).flatMap((node) =>
    node.pods.flatMap((holder) => {
      const terms = listAt(holder.object, 'spec', 'affinity', 'podAntiAffinity', REQUIRED);
      return terms.length === 0 ? [] : [{ node, holder, terms }];
    }),
  ),
);

/** Pods already there may refuse the newcomer by their own anti-affinity. */
function isRefused(pod: PodView, node: NodeLoad): boolean {
  return separatedPods(pod.reader).some(({ node: other, holder, terms }) =>
    terms.some((term) => {
      const key = textAt(term, 'topologyKey') ?? '';
      return node.labels[key] !== undefined && node.labels[key] === other.labels[key] && isMeant(term, pod, holder);
    }),
  );
}

/** Hard topology spread: placing the pod must not make its domain fuller than the emptiest by more than maxSkew. */
function matchesSpread(pod: PodView, node: NodeLoad, nodes: readonly NodeLoad[]): boolean {
  const hard = listAt(pod.object, 'spec', 'topologySpreadConstraints').filter(
    (entry) => textAt(entry, 'whenUnsatisfiable') !== 'ScheduleAnyway',
  );
  return hard.every((constraint) => {
    const key = textAt(constraint, 'topologyKey') ?? '';
    const domain = node.labels[key];
    if (domain === undefined) return false;
    const counts = new Map<string, number>();
    const eligible = nodes.filter(
      (other) => other.labels[key] !== undefined && matchesNodeSelector(pod.object, other) && matchesNodeAffinity(pod.object, other),
    );
    for (const other of eligible) {
      const own = other.pods.filter((candidate) => isMeant({ labelSelector: readField(constraint, ['labelSelector']) }, candidate, pod));
      counts.set(other.labels[key] ?? '', (counts.get(other.labels[key] ?? '') ?? 0) + own.length);
    }
    const domains = numberAt(constraint, 'minDomains') ?? 1;
    const least = counts.size < domains ? 0 : Math.min(...counts.values());
    return (counts.get(domain) ?? 0) + 1 - least <= (numberAt(constraint, 'maxSkew') ?? 1);
  });
}

/** Bound volumes that may only be used on some nodes. */
function matchesVolumes(pod: PodView, node: NodeLoad): boolean {
  return volumesOf(pod).every((volume) => matchesTerms(listAt(volume, 'spec', 'nodeAffinity', 'required', 'nodeSelectorTerms'), node));
}

function volumesOf({ reader, id, object }: PodView): readonly unknown[] {
  return listAt(object, 'spec', 'volumes').flatMap((volume) => {
    const claim = textAt(volume, 'persistentVolumeClaim', 'claimName');
    const bound =
      claim === undefined ? undefined : textAt(reader.object(siblingId(id, 'PersistentVolumeClaim', claim)), 'spec', 'volumeName');
    const held = bound === undefined ? undefined : reader.object(siblingId(id, 'PersistentVolume', bound, ''));
    return held === undefined ? [] : [held];
  });
}

/** Whether the nodes of the cluster were all read. */
export function knowsNodes(reader: CmdbReader): boolean {
  const { items, coverage } = reader.items({ kind: 'Node' });
  return items.length > 0 && coverage.every((row) => row.state === 'complete');
}
