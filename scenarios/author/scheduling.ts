import type { Item, Loose } from './item.ts';
import { leaveUnschedulable } from './pod-states.ts';
import type { World } from './world.ts';

/** Filters that taking other pods away could satisfy. */
const PREEMPTIBLE = /^(Insufficient|Too many pods|node\(s\) didn't match pod (anti-affinity|topology)|node\(s\) didn't have free ports)/;

/** The scheduler's verdict over all nodes: what each one lacks, in the order it prints. */
export function schedulerMessage(reasons: ReadonlyMap<string, number>, total: number): string {
  const texts = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  const helped = [...reasons].filter(([reason]) => PREEMPTIBLE.test(reason)).reduce((sum, [, count]) => sum + count, 0);
  const hopeless = total - helped;
  const preemption = [
    ...(helped > 0 ? [`${helped} No preemption victims found for incoming pod`] : []),
    ...(hopeless > 0 ? [`${hopeless} Preemption is not helpful for scheduling`] : []),
  ].sort();
  return `0/${total} nodes are available: ${texts.join(', ')}. preemption: 0/${total} nodes are available: ${preemption.join(', ')}.`;
}

/** Leaves a pod without a node: `reason` holds on every worker that `others` does not name; tainted and cordoned nodes say so. */
export function unschedule(world: World, pod: Item, reason: string, ago: number, others: ReadonlyMap<string, string> = new Map()): void {
  const reasons = new Map<string, number>();
  const nodes = world.list('Node');
  for (const node of nodes) {
    const why = others.get(node.metadata.name) ?? refusal(node, pod) ?? reason;
    reasons.set(why, (reasons.get(why) ?? 0) + 1);
  }
  leaveUnschedulable(world, pod, schedulerMessage(reasons, nodes.length), ago);
}

function refusal(node: Item, pod: Item): string | undefined {
  if (node.spec.unschedulable) return 'node(s) were unschedulable';
  const tolerated = (taint: Loose) =>
    (pod.spec.tolerations ?? []).some(
      (each: Loose) =>
        !each.key ||
        (each.key === taint.key &&
          (each.operator === 'Exists' || each.value === taint.value) &&
          (!each.effect || each.effect === taint.effect)),
    );
  const taint = (node.spec.taints ?? []).find((each: Loose) => each.effect !== 'PreferNoSchedule' && !tolerated(each));
  return taint && `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
}
