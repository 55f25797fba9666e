import type { CmdbReader } from '@tier0/core';
import { livePodsByWorkload, type PodView } from './pod-view.ts';
import { textAt } from './read-object.ts';

/** Pods of a workload that no node has taken, sorted by id. */
export function pendingPodsOf(reader: CmdbReader, workload: string): readonly PodView[] {
  return (livePodsByWorkload(reader).get(workload) ?? []).filter(({ object }) => textAt(object, 'spec', 'nodeName') === undefined);
}
