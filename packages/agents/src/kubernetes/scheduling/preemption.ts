import { parseKubernetesItemId, readField } from '@tier0/core';
import { eventsAbout } from '../objects/events.ts';
import { indexed } from '../objects/indexed.ts';
import { type NodeLoad, nodeJudge, nodeLoads, requestsOf } from '../objects/node-fit.ts';
import { type PodView, podViews } from '../objects/pod-view.ts';
import { conditionOf, instantAt, numberAt, textAt } from '../objects/read-object.ts';
import { workloadOf } from '../objects/workload.ts';

/** A pod is replaced within this time of being put aside, its grace period included. */
const REPLACED_WITHIN_MS = 3 * 60_000;
/** A workload whose owner is younger than this never ran before. */
const SETTLED_MS = 10 * 60_000;

/** Who took the room: the workload of the pod that the scheduler names, `gone` when that pod is there no more, `untold` when it names none. */
type Taker = { readonly workload: string } | 'gone' | 'untold';

/** Who was put aside, by workload, and for whom. */
const preemptions = indexed((reader) => {
  const found = new Map<string, Taker>();
  const byUid = new Map(podViews(reader).map((pod) => [textAt(pod.object, 'metadata', 'uid'), pod.workload]));
  for (const pod of podViews(reader)) {
    if (textAt(conditionOf(pod.object, 'DisruptionTarget'), 'reason') === 'PreemptionByScheduler') found.set(pod.workload, 'untold');
    for (const { reason, message } of eventsAbout(reader, pod.id))
      if (reason === 'Preempted') found.set(pod.workload, takerIn(message, byUid));
  }
  // The pod itself is gone by then, and its controller is known by its name.
  const controllers = ['ReplicaSet', 'StatefulSet', 'DaemonSet'].flatMap((kind) => reader.items({ kind }).items.map(({ id }) => id));
  for (const { id } of reader.items({ kind: 'Event' }).items) {
    const event = reader.object(id);
    if (textAt(event, 'reason') !== 'Preempted') continue;
    const target = readField(event, ['involvedObject']) ?? readField(event, ['regarding']);
    const [name, namespace] = [textAt(target, 'name') ?? '', textAt(target, 'namespace')];
    const owner = controllers.find((item) => {
      const identity = parseKubernetesItemId(item);
      return identity?.namespace === namespace && identity?.name === name.slice(0, name.lastIndexOf('-'));
    });
    const taker = takerIn(textAt(event, 'message') ?? textAt(event, 'note') ?? '', byUid);
    if (owner !== undefined && (typeof taker === 'object' || !found.has(workloadOf(reader, owner))))
      found.set(workloadOf(reader, owner), taker);
  }
  return found;
});

/** `Preempted by pod d8ff96ee-a351-488d-8644-5b2e359f467c on node node-1`. */
function takerIn(message: string, workloads: ReadonlyMap<string | undefined, string>): Taker {
  const uid = /Preempted by (?:a )?pod ([0-9a-f-]{36})/i.exec(message)?.[1];
  if (uid === undefined) return 'untold';
  const workload = workloads.get(uid);
  return workload === undefined ? 'gone' : { workload };
}

/**
 * Workload of higher priority that took the room of a pod; undefined when the pod was not put aside. The pod of its workload says so itself
 * while it is there; later the order of events does: it was replaced just after pods came that outrank it, and fits where they are.
 */
export function preemptorOf(pod: PodView): string | undefined {
  const known = preemptions(pod.reader);
  const [first] = nodeLoads(pod.reader)
    .flatMap((node) => outrankers(pod, node))
    .sort((a, b) => (a.workload < b.workload ? -1 : 1));
  const taker = known.get(pod.workload);
  if (typeof taker === 'object') return taker.workload;
  // Whoever took the room has left it: nobody who is there is to blame.
  if (taker === 'gone') return pod.workload;
  if (taker === 'untold') return first?.workload ?? pod.workload;
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
