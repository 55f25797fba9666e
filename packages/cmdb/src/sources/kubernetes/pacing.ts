/** How a watch waits. Milliseconds where nothing else is said. */
export interface WatchPacing {
  /** Pause before the first retry; it doubles with each failure in a row. Default 500. */
  readonly firstPauseMs?: number | undefined;
  /** Longest pause between two retries. Default 30,000. */
  readonly maxPauseMs?: number | undefined;
  /** Pause before a kind that is forbidden or not installed is tried again. Default 300,000. */
  readonly absentPauseMs?: number | undefined;
  /** How long the server is asked to keep one watch open. Default 300,000; each watch asks for up to twice as much, so that they do not end together. */
  readonly watchMs?: number | undefined;
  /** Spreads retries of many clients: a number from 0 to below 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** A server may ask for patience, not for silence. */
const MAX_RETRY_AFTER_MS = 300_000;

/** Pause after `failures` in a row (at least 1), half to one and a half of its step; never less than the server asked for. */
export function pauseMs(failures: number, pacing: WatchPacing, retryAfterMs = 0): number {
  const { firstPauseMs = 500, maxPauseMs = 30_000, random = Math.random } = pacing;
  const step = Math.min(maxPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 20));
  return Math.max(step * (0.5 + random()), Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
}

/** Whole seconds one watch is asked to last. */
export function watchSeconds({ watchMs = 300_000, random = Math.random }: WatchPacing): number {
  return Math.max(1, Math.round((watchMs * (1 + random())) / 1000));
}
