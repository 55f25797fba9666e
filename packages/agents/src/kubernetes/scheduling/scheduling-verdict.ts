import { parseKubernetesItemId, readField } from '@tier0/core';
import { indexed } from '../objects/indexed.ts';
import { knowsNodes, type NodeLoad, nodeJudge, nodeLoads } from '../objects/node-fit.ts';
import type { PodView } from '../objects/pod-view.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';
import { type Obstacle, schedulerReasons } from '../objects/scheduler-message.ts';

/** What keeps a pod from every node it could have, and the nodes that would take it but for that. */
export interface Verdict {
  readonly obstacle: Obstacle;
  readonly nodes: readonly NodeLoad[];
}

/** Obstacles that a node shows to single pods; among equals the first named says most. */
const BY_WEIGHT: readonly Obstacle[] = [
  'device',
  'resources',
  'pod-slots',
  'host-port',
  'pod-affinity',
  'topology-spread',
  'volume-count',
  'taint',
  'volume-affinity',
];

interface Placement {
  /** The moment of the snapshot, milliseconds since the epoch. */
  readonly atMs: number;
  readonly node: NodeLoad;
  readonly obstacles: ReadonlySet<Obstacle>;
}

/**
 * The obstacle whose removal would place the pod: recomputed from the nodes where they were read, else taken from the scheduler's message.
 * The scheduler stops at the first obstacle of each node, so its message alone may name one that matters less.
 */
export function verdictOf(pod: PodView, message: string): Verdict | undefined {
  const known = verdicts(pod.reader);
  const key = keyOf(pod, message);
  const held = known.get(key) ?? { verdict: judge(pod, message) };
  known.set(key, held);
  return held.verdict;
}

/** Pods that ask for the same are judged once. */
const verdicts = indexed(() => new Map<string, { readonly verdict: Verdict | undefined }>());

/** Fields of a pod that decide where it may run. */
const DECIDES = ['nodeSelector', 'affinity', 'tolerations', 'topologySpreadConstraints', 'volumes', 'hostNetwork', 'overhead'] as const;

function keyOf({ id, object }: PodView, message: string): string {
  const { namespace } = parseKubernetesItemId(id) ?? {};
  const asked = ['containers', 'initContainers'].flatMap((list) =>
    listAt(object, 'spec', list).map((entry) => [readField(entry, ['resources']), readField(entry, ['ports'])]),
  );
  const own = DECIDES.map((field) => readField(object, ['spec', field]));
  return JSON.stringify([namespace, mapAt(object, 'metadata', 'labels'), own, asked, message]);
}

function judge(pod: PodView, message: string): Verdict | undefined {
  const told = toldVerdict(pod, message);
  if (told?.obstacle === 'claim' || !knowsNodes(pod.reader)) return told;
  const nodes = nodeLoads(pod.reader);
  const obstaclesAt = nodeJudge(pod, nodes);
  const atMs = Date.parse(pod.reader.at);
  const placements = nodes.map((node): Placement => ({ atMs, node, obstacles: obstaclesAt(node) }));
  // A node that seems to have room: the snapshot lacks something the scheduler knew.
  if (placements.some(({ obstacles }) => obstacles.size === 0)) return told;
  return computedVerdict(placements);
}

const LABELS: ReadonlySet<Obstacle> = new Set(['node-selector', 'node-affinity']);

/** The scheduler missed nothing but labels, and a node has them now and takes the pod: labels are all in the snapshot, so it was told before. */
export function isMendedSince(pod: PodView, message: string): boolean {
  const reasons = schedulerReasons(message);
  if (reasons.length === 0 || reasons.some(({ obstacle }) => !LABELS.has(obstacle)) || !knowsNodes(pod.reader)) return false;
  const nodes = nodeLoads(pod.reader);
  const obstaclesAt = nodeJudge(pod, nodes);
  return nodes.some((node) => obstaclesAt(node).size === 0);
}

function computedVerdict(placements: readonly Placement[]): Verdict | undefined {
  const unwanted = (['node-selector', 'node-affinity'] as const).find((obstacle) =>
    placements.every(({ obstacles }) => obstacles.has(obstacle)),
  );
  if (unwanted) return { obstacle: unwanted, nodes: [] };
  const matching = placements.filter(({ obstacles }) => !obstacles.has('node-selector') && !obstacles.has('node-affinity'));
  if (matching.length === 0) return { obstacle: 'node-affinity', nodes: [] };
  const wanted = without(matching, 'control-plane');
  if (wanted.every(({ obstacles }) => obstacles.has('volume-affinity'))) return verdict('volume-affinity', wanted);
  const usable = without(wanted, 'volume-affinity');
  return ruledOut(usable) ?? alone(usable, ['cordoned', 'node-unready']) ?? heaviest(usable) ?? common(usable) ?? verdict('taint', usable);
}

/** A node cordoned longer ago than this is no part of what happened now. */
const LONG_CORDONED_MS = 3_600_000;
/** Rules that the pod itself makes. */
const OWN_RULES: readonly Obstacle[] = ['pod-affinity', 'topology-spread', 'host-port', 'volume-affinity'];

/** Every open node is ruled out by one rule of the pod, and what is cordoned has been so for long: the rule is the cause. */
function ruledOut(placements: readonly Placement[]): Verdict | undefined {
  const closed = placements.filter(({ obstacles }) => obstacles.has('cordoned'));
  const open = placements.filter(
    ({ obstacles }) => !obstacles.has('cordoned') && !obstacles.has('node-unready') && !obstacles.has('control-plane'),
  );
  if (open.length === 0 || closed.length === 0 || !closed.every(({ node, atMs }) => isLongCordoned(node, atMs))) return undefined;
  const rule = OWN_RULES.find((obstacle) => open.every(({ obstacles }) => obstacles.has(obstacle) && obstacles.size === 1));
  return rule && verdict(rule, open);
}

function isLongCordoned({ object }: NodeLoad, atMs: number): boolean {
  const taint = listAt(object, 'spec', 'taints').find((entry) => textAt(entry, 'key') === 'node.kubernetes.io/unschedulable');
  const sinceMs = Date.parse(textAt(taint, 'timeAdded') ?? '');
  return !Number.isNaN(sinceMs) && atMs - sinceMs > LONG_CORDONED_MS;
}

/** Nodes without the obstacle, or all when every one has it. */
function without(placements: readonly Placement[], obstacle: Obstacle): readonly Placement[] {
  const rest = placements.filter(({ obstacles }) => !obstacles.has(obstacle));
  return rest.length > 0 ? rest : placements;
}

function verdict(obstacle: Obstacle, placements: readonly Placement[]): Verdict {
  return { obstacle, nodes: placements.map(({ node }) => node) };
}

/** Nodes that would take the pod if they were well: what ails them outweighs how full the others are. */
function alone(placements: readonly Placement[], ailments: readonly Obstacle[]): Verdict | undefined {
  const ailing = placements.filter(({ obstacles }) => [...obstacles].every((obstacle) => ailments.includes(obstacle)));
  if (ailing.length === 0) return undefined;
  return verdict(
    ailing.some(({ obstacles }) => obstacles.has('node-unready')) && !ailing.some(({ obstacles }) => obstacles.has('cordoned'))
      ? 'node-unready'
      : 'cordoned',
    ailing,
  );
}

/** The obstacle that is the only one on some node; a dedicated (tainted) node counts only where no other node is nearer. */
function heaviest(placements: readonly Placement[]): Verdict | undefined {
  const single = Map.groupBy(
    placements.filter(({ obstacles }) => obstacles.size === 1),
    ({ obstacles }) => [...obstacles][0] as Obstacle,
  );
  const open = [...single].filter(([obstacle]) => obstacle !== 'taint');
  const ranked = open.sort(([a, own], [b, others]) => others.length - own.length || BY_WEIGHT.indexOf(a) - BY_WEIGHT.indexOf(b));
  const [first] = ranked.length > 0 ? ranked : [...single];
  return first && verdict(first[0], first[1]);
}

/** Several obstacles on every node: the weightiest of those that all share. */
function common(placements: readonly Placement[]): Verdict | undefined {
  const shared = BY_WEIGHT.find((obstacle) => placements.every(({ obstacles }) => obstacles.has(obstacle)));
  return shared && verdict(shared, placements);
}

function toldVerdict(pod: PodView, message: string): Verdict | undefined {
  const reasons = schedulerReasons(message).map(({ obstacle }) => obstacle);
  if (reasons.length === 0) return undefined;
  if (reasons.includes('claim')) return { obstacle: 'claim', nodes: [] };
  const drop = (list: readonly Obstacle[], dropped: readonly Obstacle[]) => {
    const rest = list.filter((obstacle) => !dropped.includes(obstacle));
    return rest.length > 0 ? rest : list;
  };
  const open = drop(drop(drop(reasons, ['control-plane']), ['cordoned', 'node-unready']), ['node-selector', 'node-affinity']);
  const left = drop(drop(open, ['volume-affinity']), ['taint']);
  const first = BY_WEIGHT.find((obstacle) => left.includes(obstacle)) ?? left[0];
  return first && { obstacle: first === 'node-selector' ? selectorKind(pod) : first, nodes: [] };
}

/** The scheduler has one sentence for both. */
function selectorKind({ object }: PodView): Obstacle {
  const hasSelector = Object.keys(mapAt(object, 'spec', 'nodeSelector')).length > 0;
  const terms = listAt(object, 'spec', 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms');
  return !hasSelector && terms.some((term) => textAt(term, 'matchFields') === undefined) ? 'node-affinity' : 'node-selector';
}
