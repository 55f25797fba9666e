import { type CallContext, formatDuration, formatItemId, pause, type ReconcileProgress, Tier0Error, type WatchRequest } from '@tier0/core';
import { rolloutOf } from './rollout.ts';

/** What one look at the cluster showed. */
export type Look =
  /** Nothing can be known now; when that lasts, the watch ends without a verdict about the change. */
  | { readonly status: 'syncing'; readonly message: string; readonly unreachable: true }
  | { readonly status: 'syncing' | 'rolling-out' | 'failed'; readonly message: string }
  /** Looks like a failure that controllers often get over; counts as one when it lasts. */
  | { readonly status: 'ailing'; readonly message: string }
  | { readonly status: 'healthy'; readonly revision: string };

/** How a watch looks. */
export interface WatchRhythm {
  /** Real milliseconds between two looks. */
  readonly pollMs: number;
  /** Milliseconds an ailing state must last before it is a failure. Default 60,000. */
  readonly graceMs?: number | undefined;
}

/** Looks until the change is live and has held, has failed, or the time is over. Says each new state once. */
export async function* watchUntilLive(
  look: (context: CallContext) => Promise<Look>,
  { pollMs, graceMs = 60_000 }: WatchRhythm,
  request: WatchRequest,
  context: CallContext,
): AsyncIterable<ReconcileProgress> {
  const startedAt = context.now();
  let healthySince: number | undefined;
  let ailingSince: number | undefined;
  let last = '';
  for (;;) {
    context.signal.throwIfAborted();
    const seen = await look(context);
    const now = context.now();
    healthySince = seen.status === 'healthy' ? (healthySince ?? now) : undefined;
    ailingSince = seen.status === 'ailing' ? (ailingSince ?? now) : undefined;
    const progress = toProgress(seen, { healthyMs: now - (healthySince ?? now), ailingMs: now - (ailingSince ?? now), graceMs }, request);
    const key = progress.status === 'holding' ? 'holding' : `${progress.status}: ${progress.message}`;
    const isLast = progress.status === 'live' || progress.status === 'failed';
    if (!isLast && now - startedAt >= request.timeoutMs) {
      if ('unreachable' in seen) throw unreachable(request, seen.message);
      yield { status: 'timed-out', message: `not live after ${formatDuration(request.timeoutMs)}: ${progress.message}` };
      return;
    }
    if (key !== last) yield progress;
    if (isLast) return;
    last = key;
    await pause(pollMs, context.signal);
  }
}

interface Lasting {
  readonly healthyMs: number;
  readonly ailingMs: number;
  readonly graceMs: number;
}

function toProgress(seen: Look, lasting: Lasting, request: WatchRequest): ReconcileProgress {
  if (seen.status === 'ailing') {
    const isFailure = lasting.ailingMs >= lasting.graceMs;
    return isFailure
      ? { status: 'failed', message: `${seen.message}, for ${formatDuration(lasting.ailingMs)}` }
      : { status: 'rolling-out', message: `${seen.message}; waiting whether it recovers` };
  }
  if (seen.status !== 'healthy') return { status: seen.status, message: seen.message };
  if (lasting.healthyMs < request.holdMs) return { status: 'holding', message: `healthy, holding for ${formatDuration(request.holdMs)}` };
  return {
    status: 'live',
    commit: seen.revision,
    message: `revision ${seen.revision.slice(0, 12)} is live and was healthy for ${formatDuration(lasting.healthyMs)}`,
  };
}

/** Whether the change is live cannot be known: that is no verdict about the change, and nobody must take it back for that. */
function unreachable(request: WatchRequest, message: string): Tier0Error {
  return new Tier0Error({
    code: 'UNAVAILABLE',
    message: `Nobody knows whether ${request.commit.slice(0, 12)} is live after ${formatDuration(request.timeoutMs)}: ${message}`,
    hint: 'Bring the API server back, then resume the incident: the change is merged and will be applied.',
    retryable: false,
  });
}

/** The first of the items whose rollout is not complete; undefined when all are. Those that were faulty before have none to complete. */
export async function lookAtRollouts(
  { items, faultyBefore = [] }: Pick<WatchRequest, 'items' | 'faultyBefore'>,
  read: (item: string) => Promise<object | undefined>,
): Promise<Look | undefined> {
  for (const item of items) {
    if (faultyBefore.includes(item)) continue;
    const rollout = rolloutOf(await read(item), formatItemId(item));
    if (rollout.state === 'failed') return { status: 'failed', message: rollout.message };
    if (rollout.state === 'going') return { status: 'rolling-out', message: rollout.message };
  }
  return undefined;
}
