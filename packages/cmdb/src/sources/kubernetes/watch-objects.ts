import { type Coverage, pause, readField } from '@tier0/core';
import { coverageName } from '../../kinds/further-kinds.ts';
import { type KubernetesKind, listPath } from '../../kinds/kubernetes-kinds.ts';
import { isKubernetesObject, type KubernetesObject, textOf } from '../../kinds/kubernetes-object.ts';
import { withoutSecretValues } from '../../kinds/secret-metadata.ts';
import type { ApiConnection } from './connection.ts';
import { type KindListing, listObjects, refusal } from './list-objects.ts';
import { pauseMs, type WatchPacing, watchSeconds } from './pacing.ts';
import { readWatch, type WatchEnd, type WatchEvent } from './watch-stream.ts';

/** One kind that is followed, in all namespaces or in one. */
export interface FollowInput {
  readonly connection: ApiConnection;
  readonly kind: KubernetesKind;
  readonly namespace?: string | undefined;
  readonly pacing: WatchPacing;
  readonly maxEventBytes: number;
  /** Lets only so many lists run at once. */
  readonly takeTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Called after each difference in what is held or in how completely. */
  readonly onChange: () => void;
}

/** What is known of a followed kind right now. */
export interface FollowedKind {
  /** Undefined until the first list was answered. */
  coverage(): Coverage | undefined;
  objects(): Iterable<KubernetesObject>;
  /** Follows until the signal is aborted; never throws. With `untilForbidden` it also ends when the first list is forbidden. */
  run(signal: AbortSignal, untilForbidden?: boolean): Promise<void>;
}

interface Held {
  objects: Map<string, KubernetesObject>;
  coverage: Coverage | undefined;
  /** Where the next watch begins; undefined: the kind has to be listed. */
  version: string | undefined;
  /** Failures since the last event. */
  failures: number;
}

/** Time the server has to end a watch by itself. */
const WATCH_GRACE_MS = 30_000;

/**
 * Lists a kind and watches it from there. A watch that breaks goes on where it stopped; a place that is no longer remembered (410) or a
 * stream that makes no sense leads to a new list, which replaces what is held. Until a list succeeds nothing that is held is dropped.
 */
export function followObjects(input: FollowInput): FollowedKind {
  const held: Held = { objects: new Map(), coverage: undefined, version: undefined, failures: 0 };
  return {
    coverage: () => held.coverage,
    objects: () => held.objects.values(),
    async run(signal, untilForbidden = false) {
      while (!signal.aborted) {
        const waitMs = held.version === undefined ? await relist(input, held, signal) : await watch(input, held, signal);
        if (untilForbidden && held.coverage?.state === 'forbidden') return;
        if (waitMs > 0) await pause(waitMs, signal).catch(() => undefined);
      }
    },
  };
}

/** Milliseconds to wait before what comes next. */
async function relist(input: FollowInput, held: Held, signal: AbortSignal): Promise<number> {
  const listing = await input.takeTurn(() => listSafely(input, signal));
  if (signal.aborted) return 0;
  const { coverage, resourceVersion } = listing;
  if (coverage.state === 'complete' && resourceVersion !== undefined) {
    held.objects = keyed(listing.objects);
    held.version = resourceVersion;
    cover(input, held, { state: 'complete' });
    input.onChange();
    return 0;
  }
  held.failures += 1;
  if (held.objects.size === 0) held.objects = keyed(listing.objects);
  cover(input, held, coverage.state === 'complete' ? { state: 'failed', reason: 'the list told no resourceVersion' } : coverage);
  return waitAfter(input, held, listing.retryAfterMs);
}

async function listSafely({ connection, kind, namespace }: FollowInput, signal: AbortSignal): Promise<KindListing> {
  try {
    return await listObjects(connection, kind, signal, { namespace });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { objects: [], coverage: { kind: coverageName(kind), state: 'failed', reason } };
  }
}

async function watch(input: FollowInput, held: Held, signal: AbortSignal): Promise<number> {
  const seconds = watchSeconds(input.pacing);
  const query = new URLSearchParams({
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: held.version ?? '',
    timeoutSeconds: String(seconds),
  });
  const end = await readWatch(input.connection, {
    path: `${listPath(input.kind, input.namespace)}?${query}`,
    signal: AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000 + WATCH_GRACE_MS)]),
    maxEventBytes: input.maxEventBytes,
    onOpen: () => cover(input, held, { state: 'complete' }),
    onEvent: (event) => take(input, held, event),
  });
  return signal.aborted ? 0 : afterWatch(input, held, end);
}

/** A version is only ever taken over from the server; it means nothing to anybody else. */
function take(input: FollowInput, held: Held, { type, object }: WatchEvent): boolean {
  const version = textOf(readField(object, ['metadata', 'resourceVersion']));
  const named = { apiVersion: input.kind.apiVersion, kind: input.kind.kind, ...object };
  if (type !== 'BOOKMARK') {
    if (!isKubernetesObject(named)) return false;
    if (type === 'DELETED') held.objects.delete(keyOf(named));
    else held.objects.set(keyOf(named), withoutSecretValues(named));
    input.onChange();
  }
  held.version = version ?? held.version;
  held.failures = 0;
  return true;
}

function afterWatch(input: FollowInput, held: Held, end: WatchEnd): number {
  held.failures += 1;
  switch (end.how) {
    case 'ended':
      break;
    case 'lost':
      // One broken connection is ordinary and loses nothing: the next watch goes on where this one stopped.
      if (held.failures > 1) cover(input, held, { state: 'failed', reason: end.reason });
      break;
    case 'expired':
      held.version = undefined;
      break;
    case 'malformed':
      held.version = undefined;
      cover(input, held, { state: 'failed', reason: end.reason });
      break;
    case 'refused':
      if (end.status < 500 && end.status !== 429) held.version = undefined;
      cover(input, held, refusal(input.kind, end));
      return waitAfter(input, held, end.retryAfterMs);
  }
  return pauseMs(held.failures, input.pacing);
}

function waitAfter({ pacing }: FollowInput, { coverage, failures }: Held, retryAfterMs?: number): number {
  if (coverage?.state === 'forbidden' || coverage?.state === 'notInstalled') return pacing.absentPauseMs ?? 300_000;
  return pauseMs(failures, pacing, retryAfterMs);
}

function cover({ kind, namespace, onChange }: FollowInput, held: Held, { state, reason }: Pick<Coverage, 'state' | 'reason'>): void {
  if (held.coverage?.state === state && held.coverage.reason === reason) return;
  held.coverage = {
    kind: coverageName(kind),
    ...(namespace === undefined ? {} : { namespace }),
    state,
    ...(reason === undefined ? {} : { reason }),
  };
  onChange();
}

function keyed(objects: readonly KubernetesObject[]): Map<string, KubernetesObject> {
  return new Map(objects.map((object) => [keyOf(object), withoutSecretValues(object)]));
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
