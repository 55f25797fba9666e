import { type FindingFacts, readField } from '@tier0/core';
import type { PodView } from '../objects/pod-view.ts';

/** A line in the log of one container. */
export interface LogReading {
  readonly pod: PodView;
  readonly container: string;
  readonly message: string;
}

/** What a sign means in this cluster. */
export interface SignDraft {
  readonly code: string;
  /** Undefined: the workload of the pod. */
  readonly subject?: string | undefined;
  readonly key?: string | undefined;
  /** Goes behind "says that". */
  readonly text: string;
  /** What a remedy reads; see `Finding.facts`. */
  readonly facts?: FindingFacts | undefined;
  readonly suspects?: readonly string[] | undefined;
  /** Workloads that it is seen on, where another one than that of the pod reads what is wrong. */
  readonly seenOn?: readonly string[] | undefined;
}

/** The container that the log is of, as its pod declares it. */
export function specOf({ pod, container }: LogReading): unknown {
  const entry = { key: 'name', value: container };
  return readField(pod.object, ['spec', 'containers', entry]) ?? readField(pod.object, ['spec', 'initContainers', entry]);
}
