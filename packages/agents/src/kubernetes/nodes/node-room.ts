import { type CmdbReader, parseQuantity, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import { indexed } from '../objects/indexed.ts';
import { isNodeChosen, requestsOf, toleratesTaints } from '../objects/node-match.ts';
import { type HeldObject, isReadCompletely, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { type IndexedPod, podIndex } from '../objects/pod-index.ts';
import { conditionOf, mapAt, textAt } from '../objects/read-object.ts';

/** The scheduler, or an autoscaler of nodes, gets this long to place a pod. */
const SETTLING_MS = 60_000;

/** What is left on a node. */
interface Room {
  readonly node: HeldObject;
  readonly cordoned: boolean;
  readonly ready: boolean;
  /** Cores. Infinite when the node does not say what it has. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  /** Pods that may still be placed. */
  readonly slots: number;
}

const roomOfNodes = indexed((reader): readonly Room[] => objectsOf(reader, 'Node', '').map((node) => roomOf(reader, node)));

function roomOf(reader: CmdbReader, node: HeldObject): Room {
  const pods = (podIndex(reader).byNode.get(node.name) ?? []).filter(
    (pod) => !/^(?:Succeeded|Failed)$/.test(textAt(pod.object, 'status', 'phase') ?? ''),
  );
  const asked = pods.map((pod) => requestsOf(readField(pod.object, ['spec'])));
  const has = (resource: string) => parseQuantity(readField(node.object, ['status', 'allocatable', resource])) ?? Number.POSITIVE_INFINITY;
  return {
    node,
    cordoned: readField(node.object, ['spec', 'unschedulable']) === true,
    ready:
      textAt(conditionOf(node.object, 'Ready'), 'status') !== 'False' && textAt(conditionOf(node.object, 'Ready'), 'status') !== 'Unknown',
    cpu: has('cpu') - asked.reduce((sum, entry) => sum + entry.cpu, 0),
    memory: has('memory') - asked.reduce((sum, entry) => sum + entry.memory, 0),
    slots: has('pods') - pods.length,
  };
}

/** Pods that the scheduler could not place; one that is new, or held back on purpose, is none. */
const unplacedPods = indexed((reader) =>
  podIndex(reader).all.filter((pod) => {
    if (pod.over || pod.node !== undefined || textAt(pod.object, 'status', 'phase') !== 'Pending') return false;
    const scheduled = conditionOf(pod.object, 'PodScheduled');
    return textAt(scheduled, 'reason') !== 'SchedulingGated' && !isYoungerThan(reader, pod.object, SETTLING_MS);
  }),
);

function mayUse(pod: IndexedPod, room: Room): boolean {
  const spec = readField(pod.object, ['spec']);
  return room.ready && isNodeChosen(spec, room.node.object) && toleratesTaints(spec, room.node.object);
}

function hasRoom(pod: IndexedPod, room: Room): boolean {
  const wanted = requestsOf(readField(pod.object, ['spec']));
  return wanted.cpu <= room.cpu && wanted.memory <= room.memory && room.slots >= 1;
}

/** Cordoned nodes that a waiting pod would fit on, when it fits on no open one. */
export function waitingForCordoned(reader: CmdbReader): readonly FindingDraft[] {
  // What is left on each node is only reckoned where somebody waits.
  const rooms = unplacedPods(reader).length === 0 ? [] : roomOfNodes(reader);
  if (!rooms.some((room) => room.cordoned) || !isReadCompletely(reader, 'Node')) return [];
  const waiting = new Map<Room, IndexedPod>();
  for (const pod of unplacedPods(reader)) {
    const fitting = rooms.filter((room) => mayUse(pod, room) && hasRoom(pod, room) && !(room.cordoned && isControlPlane(room.node)));
    if (fitting.some((room) => !room.cordoned) || saysOtherwise(pod)) continue;
    for (const room of fitting) if (!waiting.has(room)) waiting.set(room, pod);
  }
  const [first] = [...waiting.keys()].map(({ node }) => node.id).sort();
  return [...waiting].map(([{ node }, pod]) => ({
    code: 'T0-NODE-005',
    subject: node.id,
    // Nodes that were cordoned for one work are one cause.
    suspects: first === undefined || first === node.id ? [] : [first],
    facts: { node: node.name, pod: pod.name },
    evidence: [quote(reader, node.id, ['spec', 'unschedulable']), quote(reader, pod.id, ['status', 'conditions'])],
  }));
}

/** Where nobody is meant to be placed, a cordon takes nothing away. */
function isControlPlane({ object }: HeldObject): boolean {
  const labels = mapAt(object, 'metadata', 'labels');
  return ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'].some((label) => label in labels);
}

/** The scheduler has said why, and did not name a cordoned node. */
function saysOtherwise(pod: IndexedPod): boolean {
  const message = textAt(conditionOf(pod.object, 'PodScheduled'), 'message');
  return message !== undefined && !/unschedulable/i.test(message);
}

/** Nodes without a slot for another pod, when every node that a waiting pod may use is so. */
export function waitingForSlots(reader: CmdbReader): readonly FindingDraft[] {
  const rooms = unplacedPods(reader).length === 0 ? [] : roomOfNodes(reader);
  if (!rooms.some((room) => room.slots < 1) || !isReadCompletely(reader, 'Node') || !isReadCompletely(reader, 'Pod')) return [];
  const full = new Map<Room, IndexedPod>();
  for (const pod of unplacedPods(reader)) {
    const usable = rooms.filter((room) => !room.cordoned && mayUse(pod, room));
    if (usable.length === 0 || usable.some((room) => room.slots >= 1)) continue;
    for (const room of usable) if (!full.has(room)) full.set(room, pod);
  }
  return [...full].map(([{ node }, pod]) => ({
    code: 'T0-NODE-006',
    subject: node.id,
    facts: { node: node.name, most: String(readField(node.object, ['status', 'allocatable', 'pods'])), pod: pod.name },
    evidence: [quote(reader, node.id, ['status', 'allocatable']), quote(reader, pod.id, ['status', 'conditions'])],
  }));
}
