import { readField } from '@tier0/core';
import { isUp, livePodsByWorkload, type PodView } from './pod-view.ts';
import { listAt, numberAt, textAt } from './read-object.ts';

/**
 * Whether a pod merely stands by: its containers run, none was ever restarted, and another pod of the very same revision is ready. What
 * elects a leader looks like this for good, and nothing that all pods of a revision share can be wrong.
 */
export function isStandby(pod: PodView): boolean {
  const statuses = listAt(pod.object, 'status', 'containerStatuses');
  const isQuiet =
    statuses.length > 0 &&
    statuses.every((status) => readField(status, ['state', 'running']) !== undefined && (numberAt(status, 'restartCount') ?? 0) === 0);
  if (!isQuiet || isUp(pod.object)) return false;
  const revision = revisionOf(pod);
  return (livePodsByWorkload(pod.reader).get(pod.workload) ?? []).some(
    (other) => other.id !== pod.id && isUp(other.object) && revisionOf(other) === revision,
  );
}

function revisionOf({ object, reader, id }: PodView): string {
  const label = (name: string) => textAt(object, 'metadata', 'labels', name);
  return label('pod-template-hash') ?? label('controller-revision-hash') ?? reader.relations(id, 'out', 'managedBy')[0]?.to ?? '';
}
