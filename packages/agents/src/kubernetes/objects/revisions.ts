import { type CmdbReader, readField } from '@tier0/core';
import { indexed } from './indexed.ts';
import { nameOf, type PodView } from './pod-view.ts';
import { mapAt, numberAt } from './read-object.ts';
import { SERVING_KINDS } from './workload.ts';

/** Where a set says which revision of its owner it is. */
const REVISION = ['deployment.kubernetes.io/revision', 'rollout.argoproj.io/revision', 'openshift.io/deployment-config.latest-version'];

/** Whether each change of the template of a kind is kept as a revision. */
export function hasRevisions(kind: string): boolean {
  return SERVING_KINDS.some((one) => one === kind);
}

/** One revision of a template: a ReplicaSet, a ReplicationController, or a ControllerRevision of a StatefulSet or DaemonSet. */
export interface Revision {
  /** Item id. */
  readonly id: string;
  /** Counted from 1; 0 where it does not say. */
  readonly number: number;
}

const revisionsByOwner = indexed((reader: CmdbReader) => {
  const revisions = ['ReplicaSet', 'ReplicationController', 'ControllerRevision'].flatMap((kind) =>
    reader.items({ kind }).items.map(({ id }): Revision => ({ id, number: numberOf(reader, id) })),
  );
  const byOwner = Map.groupBy(revisions, ({ id }) => reader.relations(id, 'out', 'managedBy')[0]?.to ?? id);
  for (const own of byOwner.values()) own.sort((a, b) => a.number - b.number);
  return byOwner;
});

/** Revisions of a workload, the oldest first. */
export function revisionsOf(reader: CmdbReader, workload: string): readonly Revision[] {
  return revisionsByOwner(reader).get(workload) ?? [];
}

function numberOf(reader: CmdbReader, revision: string): number {
  const object = reader.object(revision);
  const annotations = mapAt(object, 'metadata', 'annotations');
  const told = REVISION.map((key) => Number(annotations[key])).find((number) => number > 0);
  return numberAt(object, 'revision') ?? told ?? 0;
}

/** The revision that a pod was made of: its ReplicaSet, or the ControllerRevision that its label names. */
export function revisionOf(pod: PodView): string | undefined {
  const hash = mapAt(pod.object, 'metadata', 'labels')['controller-revision-hash'];
  if (hash === undefined) return pod.reader.relations(pod.id, 'out', 'managedBy')[0]?.to;
  const names = [hash, `${nameOf(pod.workload)}-${hash}`];
  return revisionsOf(pod.reader, pod.workload).find(({ id }) => names.includes(nameOf(id)))?.id;
}

/** The revision before the one that a pod was made of; undefined when the snapshot holds none. */
export function revisionBefore(pod: PodView): string | undefined {
  const number = numberOf(pod.reader, revisionOf(pod) ?? '');
  return revisionsOf(pod.reader, pod.workload).findLast((one) => one.number > 0 && one.number < number)?.id;
}

/** A part of the pod template of a revision: its `spec` or its `metadata`. */
export function templateOf(reader: CmdbReader, revision: string, part: 'spec' | 'metadata'): unknown {
  const object = reader.object(revision);
  return readField(object, ['data', 'spec', 'template', part]) ?? readField(object, ['spec', 'template', part]);
}
