import { type CmdbReader, readField } from '@tier0/core';
import { indexed } from './indexed.ts';
import { type HeldObject, objectsOf } from './objects.ts';
import { type IndexedPod, podIndex } from './pod-index.ts';
import { mapAt, numberAt } from './read-object.ts';
import { podSpecPath, workloadOf } from './workload.ts';

/** A workload with its pod template. */
export interface IndexedWorkload extends HeldObject {
  readonly kind: string;
  /** Labels of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  readonly podSpec: unknown;
  /** Pods it wants; 0 when it is scaled to zero. */
  readonly wanted: number;
}

const KINDS = ['DaemonSet', 'Deployment', 'Rollout', 'StatefulSet'] as const;

/** Workloads that keep pods running, by namespace. */
export const workloadsByNamespace: (reader: CmdbReader) => ReadonlyMap<string, readonly IndexedWorkload[]> = indexed((reader) => {
  const all = KINDS.flatMap((kind) => objectsOf(reader, kind).map((held) => toWorkload(held, kind)));
  return Map.groupBy(all, (workload) => workload.namespace);
});

export function workloadsIn(reader: CmdbReader, namespace: string): readonly IndexedWorkload[] {
  return workloadsByNamespace(reader).get(namespace) ?? [];
}

function toWorkload(held: HeldObject, kind: string): IndexedWorkload {
  const wanted =
    kind === 'DaemonSet'
      ? (numberAt(held.object, 'status', 'desiredNumberScheduled') ?? 1)
      : (numberAt(held.object, 'spec', 'replicas') ?? 1);
  const labels = mapAt(held.object, 'spec', 'template', 'metadata', 'labels');
  return { ...held, kind, labels, podSpec: readField(held.object, podSpecPath(kind)), wanted };
}

/** Pods by the workload that decides their fate; worked out once. */
export const podsByWorkload: (reader: CmdbReader) => ReadonlyMap<string, readonly IndexedPod[]> = indexed((reader) =>
  Map.groupBy(podIndex(reader).all, (pod) => ownerOf(reader, pod.id)),
);

/** The workload of a pod. */
export function ownerOf(reader: CmdbReader, pod: string): string {
  return workloadOf(reader, pod);
}

/** The one workload behind a Service; undefined where there are several or none. */
export function workloadBehind(reader: CmdbReader, service: string): string | undefined {
  const [target, ...more] = new Set(reader.relations(service, 'out', 'selects').map(({ to }) => ownerOf(reader, to)));
  return more.length === 0 ? target : undefined;
}
