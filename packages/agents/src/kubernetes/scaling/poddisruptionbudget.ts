import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { eventsAbout } from '../objects/events.ts';
import { siblingId } from '../objects/existence.ts';
import { type HeldObject, isReadCompletely, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { type IndexedPod, podIndex, podsMatching } from '../objects/pod-index.ts';
import { mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { ownerOf } from '../objects/workload-index.ts';

const SETTLING_MS = 300_000;

/** Budgets that stop a drain, or would. That none may go right now is ordinary while pods are not ready. */
export const podDisruptionBudgetRule: Rule = {
  name: 'poddisruptionbudget',
  check(reader) {
    if (!isReadCompletely(reader, 'Pod')) return [];
    const guarded = objectsOf(reader, 'PodDisruptionBudget').map((budget) => ({ budget, pods: podsOf(reader, budget) }));
    const all = new Set(guarded.flatMap(({ pods }) => pods.map((pod) => pod.id)));
    return [...guarded.flatMap((entry) => checkBudget(reader, entry, all)), ...severalBudgets(reader, guarded)];
  },
};

interface Guarded {
  readonly budget: HeldObject;
  readonly pods: readonly IndexedPod[];
}

function podsOf(reader: CmdbReader, budget: HeldObject): readonly IndexedPod[] {
  const selector = readField(budget.object, ['spec', 'selector']);
  return selector === undefined ? [] : podsMatching(reader, budget.namespace, selector).filter((pod) => !pod.over);
}

function checkBudget(reader: CmdbReader, { budget, pods }: Guarded, guarded: ReadonlySet<string>): readonly FindingDraft[] {
  if (pods.length === 0) return guardsNothing(reader, budget);
  const allowed = numberAt(budget.object, 'status', 'disruptionsAllowed') ?? (isImpossible(budget, pods) ? 0 : 1);
  if (allowed > 0) return [];
  const drained = pods.find((pod) => pod.ready && (isOnDrainedNode(reader, pod, guarded) || isToldHeld(reader, pod)));
  if (drained) return [blocksDrain(reader, budget, drained)];
  if (!isImpossible(budget, pods)) return [];
  const message = `budget ${budget.name} needs all of its ${pods.length} pods, so none may ever be evicted`;
  return [{ code: 'T0-PODDISRUPTIONBUDGET-003', subject: budget.id, message, evidence: [quote(reader, budget.id, ['spec'])] }];
}

function guardsNothing(reader: CmdbReader, budget: HeldObject): readonly FindingDraft[] {
  if (isYoungerThan(reader, budget.object, SETTLING_MS)) return [];
  const message = `budget ${budget.name} selects no pod`;
  return [
    {
      code: 'T0-PODDISRUPTIONBUDGET-001',
      subject: budget.id,
      message,
      evidence: [quote(reader, budget.id, ['spec', 'selector'])],
    },
  ];
}

/**
 * A drain cordons first and then takes away all it may: only pods of DaemonSets and pods that budgets guard are left. A cordoned node that
 * still runs others is merely closed.
 */
function isOnDrainedNode(reader: CmdbReader, pod: IndexedPod, guarded: ReadonlySet<string>): boolean {
  const node = reader.object(siblingId(pod.id, 'Node', pod.node ?? '', ''));
  if (pod.node === undefined || readField(node, ['spec', 'unschedulable']) !== true) return false;
  const others = (podIndex(reader).byNode.get(pod.node) ?? []).filter((other) => !other.over && !guarded.has(other.id));
  return others.every((other) => ownerOf(reader, other.id).includes('/DaemonSet/') || isStatic(other));
}

/** Whoever drains the node says by a warning that the pod may not be evicted. */
function isToldHeld(reader: CmdbReader, pod: IndexedPod): boolean {
  const nowMs = Date.parse(reader.at);
  return [siblingId(pod.id, 'Node', pod.node ?? '', ''), pod.id].some((item) =>
    eventsAbout(reader, item).some(
      ({ type, message, lastMs }) =>
        type === 'Warning' && lastMs !== undefined && nowMs - lastMs < DRAINING_MS && EVICTS.test(message) && message.includes(pod.name),
    ),
  );
}

/** A drain tries again every few seconds. */
const DRAINING_MS = 900_000;
const EVICTS =
  /evict[^\n]*(?:blocked|cannot|failed|too many requests|disruption budget)|(?:blocked|cannot|failed)[^\n]*evict|violate the pod's disruption budget/i;

function isStatic(pod: IndexedPod): boolean {
  return mapAt(pod.object, 'metadata', 'annotations')['kubernetes.io/config.mirror'] !== undefined;
}

/**
 * A drain that hangs: every pod of this budget that may go is needed. A fault when all that the budget asks for is ready, so that waiting
 * does not help; otherwise pods that are not ready are what the drain waits for.
 */
function blocksDrain(reader: CmdbReader, budget: HeldObject, pod: IndexedPod): FindingDraft {
  const healthy = numberAt(budget.object, 'status', 'currentHealthy');
  const expected = numberAt(budget.object, 'status', 'expectedPods');
  const isComplete = healthy === undefined || expected === undefined || healthy >= expected;
  return {
    code: 'T0-PODDISRUPTIONBUDGET-002',
    subject: budget.id,
    severity: isComplete ? 'fault' : 'degraded',
    message: `budget ${budget.name} allows no disruption, and pod ${pod.name} stands on node ${pod.node}, which is being drained`,
    evidence: [quote(reader, budget.id, ['spec']), quote(reader, budget.id, ['status'])],
  };
}

/** Whether the numbers of the budget never let a pod go while every pod is there. */
function isImpossible(budget: HeldObject, pods: readonly IndexedPod[]): boolean {
  const most = readField(budget.object, ['spec', 'maxUnavailable']);
  const least = readField(budget.object, ['spec', 'minAvailable']);
  const expected = numberAt(budget.object, 'status', 'expectedPods') ?? pods.length;
  if (most !== undefined) return countOf(most, expected) === 0;
  return least !== undefined && countOf(least, expected) >= expected;
}

/** A count, or a share of the expected pods rounded up, as the disruption controller rounds both. */
function countOf(value: unknown, expected: number): number {
  if (typeof value === 'number') return value;
  const share = /^(\d+)%$/.exec(typeof value === 'string' ? value : '')?.[1];
  return share === undefined ? 1 : Math.ceil((Number(share) / 100) * expected);
}

function severalBudgets(reader: CmdbReader, guarded: readonly Guarded[]): readonly FindingDraft[] {
  const first = new Map<string, HeldObject>();
  const told = new Map<string, FindingDraft>();
  for (const { budget, pods } of guarded) {
    for (const pod of pods) {
      const other = first.get(pod.id);
      if (other === undefined) first.set(pod.id, budget);
      else if (!told.has(budget.id)) told.set(budget.id, overlap(reader, [other, budget], pod));
    }
  }
  return [...told.values()];
}

function overlap(reader: CmdbReader, [first, second]: readonly [HeldObject, HeldObject], pod: IndexedPod): FindingDraft {
  const message = `budgets ${first.name} and ${second.name} both select pod ${textAt(pod.object, 'metadata', 'generateName') ?? pod.name}, which cannot be evicted`;
  return {
    code: 'T0-PODDISRUPTIONBUDGET-004',
    subject: second.id,
    key: first.name,
    message,
    evidence: [quote(reader, second.id, ['spec', 'selector'])],
  };
}
