import { Tier0Error } from '@tier0/core';

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** An instant, or a time before `now`: `30m`, `24h`, `7d`. Throws INVALID_INPUT. */
export function instantOf(text: string, now: string): string {
  const ms = durationOf(text);
  if (ms !== undefined) return new Date(Date.parse(now) - ms).toISOString();
  if (!Number.isNaN(Date.parse(text))) return new Date(text).toISOString();
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${text}" is neither an instant nor a time ago.`,
    hint: 'Write 2026-11-22T02:00:00Z, or 30m, 24h, 7d.',
  });
}

/** Milliseconds of `30m`, `24h`, `7d`; undefined for anything else. */
export function durationOf(text: string): number | undefined {
  const match = /^(\d+)([mhd])$/.exec(text);
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : undefined;
}
