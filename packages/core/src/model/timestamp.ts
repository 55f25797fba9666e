import { z } from 'zod';

/** An instant as ISO 8601 in UTC with a trailing `Z`, e.g. `2026-11-22T18:00:00.000Z`. */
export const TimestampSchema = z.iso.datetime();

/** The instant of `epochMs` (milliseconds since the epoch) as ISO 8601, UTC. */
export function toTimestamp(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
