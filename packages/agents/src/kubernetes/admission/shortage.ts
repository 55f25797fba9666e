import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import { eventsAbout } from '../objects/events.ts';
import { indexed } from '../objects/indexed.ts';
import { ageMs, type HeldObject, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { conditionOf, instantAt, listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { podSpecPath, workloadOf } from '../objects/workload.ts';

/** A workload whose controller has made fewer pods than it wants. Not ready is another matter. */
export interface Shortage {
  /** Item id of the workload that holds the template. */
  readonly workload: string;
  readonly namespace: string;
  readonly name: string;
  readonly podSpec: unknown;
  readonly podAnnotations: Readonly<Record<string, string>>;
  /** What the controller says of its attempts; `''` when it says nothing. */
  readonly message: string;
  /** Object and path of the status that shows it. */
  readonly shownBy: string;
  readonly sinceMs: number | undefined;
}

/** Pods are made within seconds. */
const SETTLING_MS = 60_000;

/** Workloads that lack pods, by namespace; one entry for each workload. */
export const shortagesByNamespace: (reader: CmdbReader) => ReadonlyMap<string, readonly Shortage[]> = indexed((reader) => {
  const found = new Map<string, Shortage>();
  const short = ['ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicationController'].flatMap((kind) =>
    objectsOf(reader, kind).filter((held) => !isYoungerThan(reader, held.object, SETTLING_MS) && lacksPods(held.object, kind)),
  );
  for (const held of short) {
    const shortage = toShortage(reader, held);
    const known = found.get(shortage.workload);
    if (known === undefined || (known.message === '' && shortage.message !== '')) found.set(shortage.workload, shortage);
  }
  return Map.groupBy(found.values(), (shortage) => shortage.namespace);
});

function lacksPods(object: unknown, kind: string): boolean {
  if (readField(object, ['metadata', 'deletionTimestamp']) !== undefined || readField(object, ['status']) === undefined) return false;
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  if (kind === 'DaemonSet') {
    return (numberAt(object, 'status', 'currentNumberScheduled') ?? 0) < (numberAt(object, 'status', 'desiredNumberScheduled') ?? 0);
  }
  if (kind === 'Job') return isJobWithoutPods(object);
  if (wanted === 0) return false;
  if (textAt(conditionOf(object, 'ReplicaFailure'), 'status') === 'True' || isWithoutReplicaSet(object)) return true;
  const made = numberAt(object, 'status', 'replicas') ?? 0;
  if (kind === 'StatefulSet' && textAt(object, 'spec', 'podManagementPolicy') !== 'Parallel') {
    // The next pod waits until the last one is ready.
    return made < wanted && (numberAt(object, 'status', 'readyReplicas') ?? 0) >= made;
  }
  return made < wanted;
}

/** Its next ReplicaSet is refused, so its newest template makes no pods however many the former one has. */
function isWithoutReplicaSet(object: unknown): boolean {
  const progressing = conditionOf(object, 'Progressing');
  return textAt(progressing, 'status') === 'False' && textAt(progressing, 'reason') === 'ReplicaSetCreateError';
}

function isJobWithoutPods(job: unknown): boolean {
  const counts = ['active', 'succeeded', 'failed', 'terminating'].map((count) => numberAt(job, 'status', count) ?? 0);
  const isOver = listAt(job, 'status', 'conditions').some((entry) => textAt(entry, 'status') === 'True');
  return (
    !isOver &&
    readField(job, ['spec', 'suspend']) !== true &&
    counts.every((count) => count === 0) &&
    numberAt(job, 'spec', 'parallelism') !== 0
  );
}

function toShortage(reader: CmdbReader, held: HeldObject): Shortage {
  const workload = workloadOf(reader, held.id);
  const owner = reader.object(workload);
  const holder = owner === undefined ? held.id : workload;
  const { kind = '', name = '' } = parseKubernetesItemId(workload) ?? {};
  const object = owner ?? held.object;
  const template = podSpecPath(owner === undefined ? (parseKubernetesItemId(holder)?.kind ?? '') : kind);
  const condition = isWithoutReplicaSet(held.object) ? conditionOf(held.object, 'Progressing') : conditionOf(held.object, 'ReplicaFailure');
  return {
    workload,
    namespace: held.namespace,
    name,
    podSpec: readField(object, template),
    podAnnotations: mapAt(object, ...template.slice(0, -1), 'metadata', 'annotations'),
    message: messageOf(reader, held, condition),
    shownBy: held.id,
    sinceMs: instantAt(condition, 'lastTransitionTime') ?? sinceCreation(reader, held),
  };
}

function sinceCreation(reader: CmdbReader, held: HeldObject): number | undefined {
  const age = ageMs(reader, held.object);
  return age === undefined ? undefined : Date.parse(reader.at) - age;
}

function messageOf(reader: CmdbReader, held: HeldObject, condition: unknown): string {
  const isTold = textAt(condition, 'status') === 'True' || textAt(condition, 'type') === 'Progressing';
  const told = isTold ? textAt(condition, 'message') : undefined;
  return told ?? eventsAbout(reader, held.id).find((event) => event.reason === 'FailedCreate')?.message ?? '';
}
