import { type CmdbReader, parseKubernetesItemId, parseQuantity, readField } from '@tier0/core';
import { siblingId } from './existence.ts';
import { indexed } from './indexed.ts';
import { type PodView, podViews } from './pod-view.ts';
import { conditionOf, listAt, mapAt, numberAt, textAt } from './read-object.ts';
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
export type NodeJudge = (node: NodeLoad) => ReadonlySet<Obstacle>;

/** A judge of nodes for one pod; what does not depend on the node is worked out once. */
export function nodeJudge(pod: PodView, nodes: readonly NodeLoad[]): NodeJudge {
  const requests = requestsOf(pod.object);
  const isNeighbourly = neighbourhood(pod, nodes);
  const keepsSpread = spreadJudge(pod, nodes);
  const volumes = volumesOf(pod);
  return (node) => {
    const found = new Set<Obstacle>([...taintObstacles(pod.object, node), ...resourceObstacles(requests, node)]);
    const add = (obstacle: Obstacle, isThere: boolean) => isThere && found.add(obstacle);
    add('node-selector', !matchesNodeSelector(pod.object, node));
    add('node-affinity', !matchesNodeAffinity(pod.object, node));
    add('host-port', portHolder(pod, node) !== undefined);
    add('pod-affinity', !isNeighbourly(node));
    add('topology-spread', !keepsSpread(node));
    add(
      'volume-affinity',
      !volumes.every((volume) => matchesTerms(listAt(volume, 'spec', 'nodeAffinity', 'required', 'nodeSelectorTerms'), node)),
    );
    return found;
  };
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

function resourceObstacles(requests: ReadonlyMap<string, number>, node: NodeLoad): readonly Obstacle[] {
  const allocatable = readField(node.object, ['status', 'allocatable']) ?? readField(node.object, ['status', 'capacity']);
  if (allocatable === undefined) return [];
  const found: Obstacle[] = [];
  for (const [resource, amount] of requests) {
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

/** The pod on the node that already holds a host port the pod asks for. */
export function portHolder(pod: PodView, node: NodeLoad): PodView | undefined {
  const wanted = hostPorts(pod.object);
  return wanted.length === 0 ? undefined : node.pods.find((other) => hostPorts(other.object).some((port) => wanted.includes(port)));
}

/** Required pod affinity and anti-affinity, both ways. A topology is the value of a label of the node. */
function neighbourhood(pod: PodView, nodes: readonly NodeLoad[]): (node: NodeLoad) => boolean {
  const together = listAt(pod.object, 'spec', 'affinity', 'podAffinity', REQUIRED).map((term) => topologyOf(term, pod, nodes));
  const apart = listAt(pod.object, 'spec', 'affinity', 'podAntiAffinity', REQUIRED).map((term) => topologyOf(term, pod, nodes));
  const refused = refusals(pod);
  return (node) => {
    // The first of a group that wants to be together may go anywhere.
    const isNear = together.every(
      ({ term, key, values }) => values.has(node.labels[key] ?? '') || (values.size === 0 && isMeant(term, pod, pod)),
    );
    const isApart = apart.every(({ key, values }) => !values.has(node.labels[key] ?? ''));
    return isNear && isApart && !refused.some(({ key, value }) => node.labels[key] === value);
  };
}

/** Values of the topology label of the nodes where pods are that a term means. */
function topologyOf(term: unknown, pod: PodView, nodes: readonly NodeLoad[]) {
  const key = textAt(term, 'topologyKey') ?? '';
  const held = nodes.filter((node) => node.labels[key] !== undefined && node.pods.some((other) => isMeant(term, other, pod)));
  return { term, key, values: new Set(held.map((node) => node.labels[key] ?? '')) };
}

/** Labels and namespace of a pod, read once: terms are held against every pod there is. */
function standingOf(pod: PodView): Standing {
  const held = STANDINGS.get(pod) ?? {
    labels: mapAt(pod.object, 'metadata', 'labels'),
    namespace: parseKubernetesItemId(pod.id)?.namespace ?? '',
  };
  STANDINGS.set(pod, held);
  return held;
}

interface Standing {
  readonly labels: Readonly<Record<string, string>>;
  readonly namespace: string;
}

const STANDINGS = new WeakMap<PodView, Standing>();

/** Whether a term of the holder means a pod: its namespaces (the holder's own by default) and its selector. */
function isMeant(term: unknown, candidate: PodView, holder: PodView): boolean {
  const { labels, namespace } = standingOf(candidate);
  if (!selects(readField(term, ['labelSelector']), labels)) return false;
  const namespaces = listAt(term, 'namespaces').map(String);
  if (namespaces.length > 0) return namespaces.includes(namespace);
  return readField(term, ['namespaceSelector']) !== undefined || namespace === standingOf(holder).namespace;
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

/** Topologies in which pods already there refuse the newcomer by their own anti-affinity. */
function refusals(pod: PodView): readonly { readonly key: string; readonly value: string }[] {
  return separatedPods(pod.reader).flatMap(({ node, holder, terms }) =>
    terms.flatMap((term) => {
      const key = textAt(term, 'topologyKey') ?? '';
      const value = node.labels[key];
      return value !== undefined && isMeant(term, pod, holder) ? [{ key, value }] : [];
    }),
  );
}

/** Hard topology spread: placing the pod must not make its domain fuller than the emptiest by more than maxSkew. */
function spreadJudge(pod: PodView, nodes: readonly NodeLoad[]): (node: NodeLoad) => boolean {
  const hard = listAt(pod.object, 'spec', 'topologySpreadConstraints').filter(
    (entry) => textAt(entry, 'whenUnsatisfiable') !== 'ScheduleAnyway',
  );
  const judges = hard.map((constraint) => {
    const key = textAt(constraint, 'topologyKey') ?? '';
    const counts = domainCounts(pod, key, readField(constraint, ['labelSelector']), nodes);
    const least = counts.size < (numberAt(constraint, 'minDomains') ?? 1) ? 0 : Math.min(...counts.values());
    const skew = numberAt(constraint, 'maxSkew') ?? 1;
    return (node: NodeLoad) => node.labels[key] !== undefined && (counts.get(node.labels[key]) ?? 0) + 1 - least <= skew;
  });
  return (node) => judges.every((judge) => judge(node));
}

/** Pods that a selector means, by the value of the topology label; only nodes the pod may have are counted. */
function domainCounts(pod: PodView, key: string, labelSelector: unknown, nodes: readonly NodeLoad[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    const domain = node.labels[key];
    if (domain === undefined || !matchesNodeSelector(pod.object, node) || !matchesNodeAffinity(pod.object, node)) continue;
    const own = node.pods.filter((candidate) => isMeant({ labelSelector }, candidate, pod));
    counts.set(domain, (counts.get(domain) ?? 0) + own.length);
  }
  return counts;
}

/** Volumes that the claims of a pod are bound to. */
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
