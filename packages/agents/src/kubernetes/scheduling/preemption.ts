import { eventsAbout } from '../objects/events.ts';
import { indexed } from '../objects/indexed.ts';
import { type NodeLoad, nodeJudge, nodeLoads, requestsOf } from '../objects/node-fit.ts';
import { type PodView, podViews } from '../objects/pod-view.ts';
import { conditionOf, instantAt, numberAt, textAt } from '../objects/read-object.ts';

/** A pod is replaced within this time of being put aside, its grace period included. */
const REPLACED_WITHIN_MS = 3 * 60_000;
/** A workload whose owner is younger than this never ran before. */
const SETTLED_MS = 10 * 60_000;

const preemptedWorkloads = indexed((reader) => {
  const isPreempted = (pod: PodView) =>
    textAt(conditionOf(pod.object, 'DisruptionTarget'), 'reason') === 'PreemptionByScheduler' ||
    eventsAbout(reader, pod.id).some(({ reason }) => reason === 'Preempted');
  return new Set(
    podViews(reader)
      .filter(isPreempted)
      .map(({ workload }) => workload),
  );
});

/**
 * Workload of higher priority that took the room of a pod; undefined when the pod was not put aside. The pod of its workload says so itself
 * while it is there; later the order of events does: it was replaced just after pods came that outrank it, and fits where they are.
 */
export function preemptorOf(pod: PodView): string | undefined {
  const [first] = nodeLoads(pod.reader)
    .flatMap((node) => outrankers(pod, node))
    .sort((a, b) => (a.workload < b.workload ? -1 : 1));
  if (preemptedWorkloads(pod.reader).has(pod.workload)) return first?.workload ?? pod.workload;
  if (!isReplacement(pod)) return undefined;
  const nodes = nodeLoads(pod.reader);
  const node = nodes.find((candidate) => fitsWithout(pod, candidate, nodes));
  return node && outrankers(pod, node)[0]?.workload;
}

/** Its owner ran pods long before it. */
function isReplacement(pod: PodView): boolean {
  const owner = pod.reader.relations(pod.id, 'out', 'managedBy')[0]?.to ?? '';
  const ownerMs = instantAt(pod.reader.object(owner), 'metadata', 'creationTimestamp');
  const podMs = instantAt(pod.object, 'metadata', 'creationTimestamp');
  return ownerMs !== undefined && podMs !== undefined && podMs - ownerMs > SETTLED_MS;
}

/** Pods on a node that came just before this one and have a higher priority. */
function outrankers(pod: PodView, node: NodeLoad): readonly PodView[] {
  const podMs = instantAt(pod.object, 'metadata', 'creationTimestamp') ?? 0;
  const own = numberAt(pod.object, 'spec', 'priority') ?? 0;
  return node.pods.filter(({ object, workload }) => {
    const madeMs = instantAt(object, 'metadata', 'creationTimestamp') ?? 0;
    const isJustBefore = madeMs <= podMs && podMs - madeMs < REPLACED_WITHIN_MS;
    return workload !== pod.workload && isJustBefore && (numberAt(object, 'spec', 'priority') ?? 0) > own;
  });
}

function fitsWithout(pod: PodView, node: NodeLoad, nodes: readonly NodeLoad[]): boolean {
  const away = outrankers(pod, node);
  if (away.length === 0) return false;
  const requested = new Map(node.requested);
  for (const { object } of away)
    for (const [resource, amount] of requestsOf(object)) requested.set(resource, (requested.get(resource) ?? 0) - amount);
  return nodeJudge(pod, nodes)({ ...node, requested, pods: node.pods.filter((other) => !away.includes(other)) }).size === 0;
}
