import { type CmdbReader, readField } from '@tier0/core';
import { isYoungerThan } from './objects.ts';
import type { IndexedPod } from './pod-index.ts';
import { listAt, numberAt, textAt } from './read-object.ts';

/** A pod that makes no trouble gets this long to pull its image, start and become ready. */
const STARTING_MS = 300_000;
const IN_TROUBLE = /BackOff|^Err|Error$|Invalid/;

/** Whether a pod is on its way to ready: young, within the time its startup probes allow, and without a failed start. */
export function isSettling(reader: CmdbReader, pod: IndexedPod): boolean {
  const statuses = ['containerStatuses', 'initContainerStatuses'].flatMap((list) => listAt(pod.object, 'status', list));
  const isTroubled = statuses.some(
    (status) => (numberAt(status, 'restartCount') ?? 0) > 0 || IN_TROUBLE.test(textAt(status, 'state', 'waiting', 'reason') ?? ''),
  );
  if (isTroubled || readField(pod.object, ['metadata', 'creationTimestamp']) === undefined) return false;
  return isYoungerThan(reader, pod.object, Math.max(STARTING_MS, startupBudgetMs(pod)));
}

/** initialDelaySeconds + failureThreshold x periodSeconds of the slowest startup probe, with the defaults of the API. */
function startupBudgetMs(pod: IndexedPod): number {
  const budgets = listAt(pod.object, 'spec', 'containers').flatMap((container) => {
    const probe = readField(container, ['startupProbe']);
    if (probe === undefined) return [];
    const tries = (numberAt(probe, 'failureThreshold') ?? 3) * (numberAt(probe, 'periodSeconds') ?? 10);
    return [1000 * ((numberAt(probe, 'initialDelaySeconds') ?? 0) + tries)];
  });
  return Math.max(0, ...budgets);
}
