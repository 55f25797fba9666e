import type { Pattern, PatternOccurrence, TrackRecord } from '@tier0/core';

/** For what moment and software a track record is asked. */
export interface RecordQuestion {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Version of the signature's software that runs now; undefined where nobody knows. */
  readonly version?: string | undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** After this long a success counts half: systems change under what once worked. A judgement, kept in this one place. */
const HALF_LIFE_DAYS = 180;

/**
 * What the past of a pattern is worth now. Successes fade with age, failures do not: they are the reason for care. Occurrences on another
 * version of the software do not count. A rejection by a reviewer is a failure; a proposal that had to be edited is half of one. Pure.
 */
export function trackRecordAt(pattern: Pattern, { nowMs, version }: RecordQuestion): TrackRecord {
  let successes = 0;
  let failures = 0;
  for (const occurrence of pattern.occurrences) {
    if (!isSameSoftware(occurrence, version)) continue;
    const ageDays = Math.max(0, (nowMs - Date.parse(occurrence.at)) / DAY_MS);
    const good = goodness(occurrence);
    successes += good * 0.5 ** (ageDays / HALF_LIFE_DAYS);
    failures += 1 - good;
  }
  return { successes, failures };
}

function goodness({ succeeded, review }: PatternOccurrence): number {
  if (review === 'rejected' || !succeeded) return 0;
  return review === 'edited' ? 0.5 : 1;
}

/** Where a version is known on both sides, major and minor must agree; a patch release keeps what was learned. */
function isSameSoftware(occurrence: PatternOccurrence, version: string | undefined): boolean {
  if (occurrence.version === undefined || version === undefined) return true;
  return minorOf(occurrence.version) === minorOf(version);
}

function minorOf(version: string): string {
  return version.replace(/^v/, '').split(/[.+-]/).slice(0, 2).join('.');
}
