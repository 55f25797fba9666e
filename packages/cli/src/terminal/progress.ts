import { formatDuration } from '@tier0/core';
import type { Environment } from '../environment.ts';
import { CLEAR_LINE } from './outlet.ts';

/** How far something is that can be counted. */
export interface ProgressCount {
  readonly done: number;
  readonly all: number;
}

/** Tells a person on a terminal what is being done, how far it is and how long it still takes; in a pipe it says nothing. */
export interface Progress {
  /** `what` names one stretch of work; its counts begin anew with another one. */
  tell(what: string, count?: ProgressCount): void;
  /** Takes the line away. */
  end(): void;
}

/** Between two writings of the same stretch, milliseconds. */
const EVERY_MS = 100;
/** What is left is told once this much was done and seen, milliseconds: before it would be a guess. */
const SEEN_MS = 1_000;

export function createProgress(
  { stderr, showsProgress }: Pick<Environment, 'stderr' | 'showsProgress'>,
  nowMs = () => performance.now(),
): Progress {
  let stretch: { readonly what: string; readonly sinceMs: number; readonly doneBefore: number } | undefined;
  let writtenMs = Number.NEGATIVE_INFINITY;
  return {
    tell(what, count) {
      if (!showsProgress) return;
      const now = nowMs();
      const isNew = stretch?.what !== what;
      if (isNew) stretch = { what, sinceMs: now, doneBefore: count?.done ?? 0 };
      if (!isNew && now - writtenMs < EVERY_MS && count?.done !== count?.all) return;
      writtenMs = now;
      const left = count && stretch ? leftMs(count, { elapsedMs: now - stretch.sinceMs, doneBefore: stretch.doneBefore }) : undefined;
      const told = count === undefined ? '' : ` ${count.done} of ${count.all}`;
      stderr(`${CLEAR_LINE}${what}${told}${left === undefined ? '' : `, about ${formatDuration(left)} left`} ...`);
    },
    end() {
      if (showsProgress && stretch !== undefined) stderr(CLEAR_LINE);
      stretch = undefined;
    },
  };
}

/** By the pace of this stretch so far, whole seconds in milliseconds; undefined while too little was seen of it, and at its end. Pure. */
export function leftMs(
  { done, all }: ProgressCount,
  { elapsedMs, doneBefore }: { readonly elapsedMs: number; readonly doneBefore: number },
): number | undefined {
  const seen = done - doneBefore;
  if (seen <= 0 || elapsedMs < SEEN_MS || done >= all) return undefined;
  return Math.max(1, Math.round(((elapsedMs / seen) * (all - done)) / 1000)) * 1000;
}
