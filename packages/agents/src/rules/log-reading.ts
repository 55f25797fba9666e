import { readField } from '@tier0/core';
import type { LogSign } from '../logs/classify.ts';
import type { RuleCode } from './codes.ts';
import type { PodView } from './pod-view.ts';

/** A sign in the log of one container. */
export interface LogReading {
  readonly pod: PodView;
  readonly container: string;
  readonly message: string;
  readonly sign: LogSign;
}

/** What a sign means in this cluster. */
export interface SignDraft {
  readonly code: RuleCode;
  /** Undefined: the workload of the pod. */
  readonly subject?: string | undefined;
  readonly key?: string | undefined;
  /** Goes behind "says that". */
  readonly text: string;
  readonly suspects?: readonly string[] | undefined;
}

/** The container that the log is of, as its pod declares it. */
export function specOf({ pod, container }: LogReading): unknown {
  const entry = { key: 'name', value: container };
  return readField(pod.object, ['spec', 'containers', entry]) ?? readField(pod.object, ['spec', 'initContainers', entry]);
}
