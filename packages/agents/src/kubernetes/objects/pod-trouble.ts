import { type CmdbReader, readField } from '@tier0/core';
import { isYoungerThan } from './objects.ts';
import type { IndexedPod } from './pod-index.ts';
import { instantAt, listAt, numberAt, textAt } from './read-object.ts';

/** A container gets this long to become ready, and an init container to end, before that is a sign of trouble. */
const SETTLING_MS = 120_000;
/** Ends that say what was wrong themselves: not executable, not found, a broken program. */
const TELLING_EXITS: ReadonlySet<number> = new Set([126, 127, 128, 132, 139]);
const RESTARTS = 3;
/** A container whose last end is older than this has recovered. */
const RECENT_END_MS = 3_600_000;

/**
 * Whether a pod shows what a lost connection looks like: its program runs and is not ready, waits in an init container, or ends again and
 * again with an ordinary error. Pods that cannot even start (image, configuration, no node) do not.
 */
export function isFailingAtWork(reader: CmdbReader, pod: IndexedPod): boolean {
  if (pod.over || isYoungerThan(reader, pod.object, SETTLING_MS)) return false;
  const own = listAt(pod.object, 'status', 'containerStatuses');
  const init = listAt(pod.object, 'status', 'initContainerStatuses');
  return own.some((status) => isTroubled(reader, status, pod)) || init.some((status) => isWaiting(reader, status));
}

function isTroubled(reader: CmdbReader, status: unknown, pod: IndexedPod): boolean {
  if (endsAgainAndAgain(reader, status)) return true;
  const startedAt = instantAt(status, 'state', 'running', 'startedAt');
  if (readField(status, ['state', 'running']) === undefined || readField(status, ['ready']) !== false || pod.ready) return false;
  return startedAt === undefined || Date.parse(reader.at) - startedAt >= SETTLING_MS;
}

function endsAgainAndAgain(reader: CmdbReader, status: unknown): boolean {
  const restarts = numberAt(status, 'restartCount') ?? 0;
  const isLooping = textAt(status, 'state', 'waiting', 'reason') === 'CrashLoopBackOff';
  if (!isLooping && restarts < RESTARTS) return false;
  const end = readField(status, ['lastState', 'terminated']) ?? readField(status, ['state', 'terminated']);
  const exitCode = numberAt(end, 'exitCode') ?? (isLooping ? 1 : 0);
  if (exitCode === 0 || TELLING_EXITS.has(exitCode) || textAt(end, 'reason') === 'OOMKilled') return false;
  const endedAt = instantAt(end, 'finishedAt');
  return isLooping || (endedAt !== undefined && Date.parse(reader.at) - endedAt < RECENT_END_MS);
}

function isWaiting(reader: CmdbReader, status: unknown): boolean {
  if (endsAgainAndAgain(reader, status)) return true;
  const startedAt = instantAt(status, 'state', 'running', 'startedAt');
  const isSidecar = readField(status, ['started']) === true && readField(status, ['ready']) === true;
  return startedAt !== undefined && !isSidecar && Date.parse(reader.at) - startedAt >= SETTLING_MS;
}
