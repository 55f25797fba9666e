import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import { indexed } from './indexed.ts';
import { type HeldObject, objectsOf } from './objects.ts';
import { type IndexedPod, podIndex } from './pod-index.ts';
import { mapAt, numberAt } from './read-object.ts';
import { answererOf, podLabelsPath, podSpecPath, workloadOf, workloadsOf } from './workload.ts';

/** A workload with its pod template. */
export interface IndexedWorkload extends HeldObject {
  readonly kind: string;
  /** Labels of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  readonly podSpec: unknown;
  /** Pods it wants; 0 when it is scaled to zero. */
  readonly wanted: number;
}

/** Workloads that keep pods running, by namespace; of pods that no template stands over, one of each operator's resource. */
export const workloadsByNamespace: (reader: CmdbReader) => ReadonlyMap<string, readonly IndexedWorkload[]> = indexed((reader) => {
  const known = new Set(workloadsOf(reader).map(({ id }) => id));
  const kinds = new Set([...known].map((id) => parseKubernetesItemId(id)?.kind ?? ''));
  const templates = [...kinds].flatMap((kind) =>
    objectsOf(reader, kind).flatMap((held) => (known.has(held.id) ? [toWorkload(held, kind)] : [])),
  );
  return Map.groupBy([...templates, ...barePods(reader)], (workload) => workload.namespace);
});

function barePods(reader: CmdbReader): readonly IndexedWorkload[] {
  const alone = podIndex(reader).all.filter((pod) => !pod.over && ownerOf(reader, pod.id) === pod.id);
  const first = new Map(alone.toReversed().map((pod) => [answererOf(reader, pod.id), pod]));
  return [...first.values()].toReversed().map((pod) => toWorkload(pod, 'Pod'));
}

export function workloadsIn(reader: CmdbReader, namespace: string): readonly IndexedWorkload[] {
  return workloadsByNamespace(reader).get(namespace) ?? [];
}

function toWorkload(held: HeldObject, kind: string): IndexedWorkload {
  const wanted =
    kind === 'DaemonSet'
      ? (numberAt(held.object, 'status', 'desiredNumberScheduled') ?? 1)
      : (numberAt(held.object, 'spec', 'replicas') ?? 1);
  const labels = mapAt(held.object, ...podLabelsPath(kind));
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
