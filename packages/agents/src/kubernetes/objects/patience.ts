import type { CmdbReader } from '@tier0/core';
import { eventsAbout } from './events.ts';
import { instantAt } from './read-object.ts';

/** One kind of waiting: how long it is ordinary, what the wait protects, and what ends it before its time. */
export interface Patience {
  /** Milliseconds. */
  readonly ms: number;
  /** The calm world that would be accused without it. */
  readonly protects: string;
  /** Definite words or facts after which nobody waits. */
  readonly endedBy: string;
}

/**
 * Every wait of the rules in one place. Time is counted from our own sight, from events or from when an object was made; never from
 * `lastTransitionTime` alone, which a controller that retries moves at every try.
 */
export const PATIENCE = {
  'node-report': {
    ms: 40_000,
    protects: 'a kubelet that is restarted or late',
    endedBy: 'the node controller, which has waited itself before it says Unknown',
  },
  'node-join': {
    ms: 300_000,
    protects: 'a node that has just joined and sets up its network',
    endedBy: 'a kubelet that has stopped reporting; a network plugin that cannot start',
  },
  'node-pods': { ms: 600_000, protects: 'a DaemonSet on a node that was just added', endedBy: 'nothing' },
  'start-window': { ms: 30_000, protects: 'a container that has only begun', endedBy: 'a port that nobody serves' },
  'pod-start': {
    ms: 300_000,
    protects: 'pulling an image, starting and warming up',
    endedBy: 'a failed pull, a refused creation, a crash, a log that repeats what is missing',
  },
  'pod-ready-guess': {
    ms: 120_000,
    protects: 'programs that take minutes to be ready and have no startup probe',
    endedBy: 'a probe that is answered by an error; a log that repeats what is missing',
  },
  'init-wait': {
    ms: 300_000,
    protects: 'an init container whose dependency is still starting',
    endedBy: 'a name that leads nowhere; a command that does not understand its own flags',
  },
  'init-name': { ms: 45_000, protects: 'a Service that is made together with its clients', endedBy: 'nothing' },
  'init-work': { ms: 1_200_000, protects: 'copying, migrating and restoring', endedBy: 'an error that repeats' },
  schedule: {
    ms: 60_000,
    protects: 'the next try of the scheduler',
    endedBy: 'a verdict of the scheduler that names no room or no match, twenty seconds old; a request larger than every node',
  },
  'schedule-told': { ms: 20_000, protects: 'pods that are replaced at this moment', endedBy: 'a request larger than every node' },
  'schedule-unseen': {
    ms: 30_000,
    protects: 'a scheduler that is being restarted',
    endedBy: 'nothing: it is only judged where other pods were placed before, and nobody has looked at this one',
  },
  'take-up': { ms: 45_000, protects: 'a controller manager that has just been elected', endedBy: 'nothing' },
  'gate-open': {
    ms: 300_000,
    protects: 'a load balancer that checks the health of a new target',
    endedBy: 'a gate that nothing in the cluster is called after, 45 seconds old',
  },
  'gate-orphaned': { ms: 45_000, protects: 'a controller that was applied together with the pod', endedBy: 'nothing' },
  'scale-up': { ms: 600_000, protects: 'a node that the autoscaler is adding', endedBy: 'NotTriggerScaleUp' },
  'delete-object': {
    ms: 600_000,
    protects: 'a controller that cleans up outside the cluster',
    endedBy: 'a finalizer whose controller nothing in the cluster is called after',
  },
  'delete-orphaned': { ms: 30_000, protects: 'the time between a deletion and the next look of a controller', endedBy: 'nothing' },
  'delete-pod': { ms: 600_000, protects: 'a kubelet that is still cleaning up', endedBy: 'a finalizer whose controller is not there' },
  'autoscaler-metric': {
    ms: 300_000,
    protects: 'new pods without metrics, a metrics server that restarts',
    endedBy: 'a missing request that the autoscaler names',
  },
  'autoscaler-target': { ms: 30_000, protects: 'a workload that is applied together with its autoscaler', endedBy: 'FailedGetScale' },
  'delivery-retry': {
    ms: 120_000,
    protects: 'a fetch or a build that the next try mends',
    endedBy: 'an error that no retry mends: an invalid manifest, a path, branch or chart that is not there',
  },
  condition: {
    ms: 300_000,
    protects: 'a controller at work on what was just written',
    endedBy: 'a reason that says failed, invalid, not found, denied or expired',
  },
  'condition-told': { ms: 60_000, protects: 'a first try whose second one succeeds', endedBy: 'nothing' },
  'condition-needed': {
    ms: 20_000,
    protects: 'the first try of an operator, whose Secret others already wait for',
    endedBy: 'nothing',
  },
  'cron-run': {
    ms: 120_000,
    protects: 'a controller that looks every ten seconds',
    endedBy: 'JobAlreadyActive said twice; too many missed starts',
  },
  'binding-claim': {
    ms: 60_000,
    protects: 'binding and provisioning',
    endedBy: 'a missing class, no volume that fits, a driver that is not installed',
  },
  api: {
    ms: 60_000,
    protects: 'an aggregated API whose pods restart',
    endedBy: 'a Service or a port that is not there',
  },
  'api-told': { ms: 15_000, protects: 'a Service that is applied together with its API', endedBy: 'nothing' },
  'binding-told': {
    ms: 20_000,
    protects: 'a volume or a class that is applied right after its claim',
    endedBy: 'nothing',
  },
} as const satisfies Readonly<Record<string, Patience>>;

/** A kind of waiting that the table knows. */
export type PatienceKind = keyof typeof PATIENCE;

/** How long a kind of waiting is ordinary, milliseconds. */
export function patienceMs(kind: PatienceKind): number {
  return PATIENCE[kind].ms;
}

/** A warning that was not repeated for this long belongs to another trouble. */
const CONTINUING_MS = 900_000;

/**
 * Since when the present trouble of an object has stood, milliseconds since the epoch: the earliest of what a condition says and the first
 * sighting of warnings that go on; undefined when neither is there.
 */
export function standingSinceMs(reader: CmdbReader, item: string, toldMs: number | undefined): number | undefined {
  const nowMs = Date.parse(reader.at);
  const madeMs = instantAt(reader.object(item), 'metadata', 'creationTimestamp') ?? Number.NEGATIVE_INFINITY;
  const going = eventsAbout(reader, item).filter(
    ({ type, lastMs, count }) => type === 'Warning' && count > 1 && lastMs !== undefined && nowMs - lastMs < CONTINUING_MS,
  );
  const known = [toldMs, ...going.map(({ firstMs }) => firstMs)].flatMap((ms) => ms ?? []).filter((ms) => ms >= madeMs);
  return known.length === 0 ? toldMs : Math.min(...known);
}

/** Whether a trouble has stood for longer than its kind of waiting allows; one of unknown age has. */
export function hasStood(
  reader: CmdbReader,
  item: string,
  { kind, toldMs }: { readonly kind: PatienceKind; readonly toldMs: number | undefined },
): boolean {
  const sinceMs = standingSinceMs(reader, item, toldMs);
  return sinceMs === undefined || Date.parse(reader.at) - sinceMs >= patienceMs(kind);
}
