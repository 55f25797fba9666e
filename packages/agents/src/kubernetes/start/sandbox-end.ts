import { eventsAbout } from '../objects/events.ts';
import { indexed } from '../objects/indexed.ts';
import { type ContainerView, containersOf, livePods, nodeOf, type Termination, terminationOf } from '../objects/pod-view.ts';

/** Ends as close together as this came from one blow: a node that restarts ends all its containers at once. */
const TOGETHER_MS = 3_000;
/** Workloads whose containers ended together, at least. */
const WORKLOADS = 3;
/** Exit codes of what did not end by itself: killed, asked to end, or unknown to a runtime that was away. */
const ENDED_BY_OTHERS: ReadonlySet<number | undefined> = new Set([137, 143, 255]);

/** Whether a container ended because its node or its sandbox did: nothing of the program is in it. */
export function isSandboxEnd(view: ContainerView, ended: Termination): boolean {
  if (!ENDED_BY_OTHERS.has(ended.exitCode) || ended.finishedMs === undefined || ended.reason === 'OOMKilled') return false;
  return isSandboxChanged(view, ended.finishedMs) || hasEndedTogether(view, ended.finishedMs);
}

/** The kubelet makes the sandbox anew before it starts the containers again. */
function isSandboxChanged({ pod }: ContainerView, finishedMs: number): boolean {
  return eventsAbout(pod.reader, pod.id).some(
    ({ reason, lastMs }) => reason === 'SandboxChanged' && lastMs !== undefined && lastMs >= finishedMs,
  );
}

function hasEndedTogether(view: ContainerView, finishedMs: number): boolean {
  const node = nodeOf(view.pod);
  const near = (endsByNode(view.pod.reader).get(node ?? '') ?? []).filter((end) => Math.abs(end.finishedMs - finishedMs) <= TOGETHER_MS);
  return new Set(near.map(({ workload }) => workload)).size >= WORKLOADS;
}

/** Last ends by others of the containers on each node. */
const endsByNode = indexed((reader) => {
  const ends = livePods(reader).flatMap((pod) =>
    containersOf(pod).flatMap((view) => {
      const ended = terminationOf(view);
      const isByOthers = ended !== undefined && ENDED_BY_OTHERS.has(ended.exitCode) && ended.reason !== 'OOMKilled';
      return isByOthers && ended.finishedMs !== undefined
        ? [{ node: nodeOf(pod) ?? '', workload: pod.workload, finishedMs: ended.finishedMs }]
        : [];
    }),
  );
  return Map.groupBy(ends, ({ node }) => node);
});
