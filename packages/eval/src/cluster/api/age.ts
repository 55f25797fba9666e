const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago a timestamp was, as kubectl writes durations: `45s`, `3m20s`, `5h2m`, `12d`. */
export function toAge(timestamp: unknown, now: number): string {
  const at = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(at) ? '<unknown>' : toDuration(Math.max(0, now - at));
}

/** A length of time as kubectl writes it. */
export function toDuration(milliseconds: number): string {
  if (milliseconds < 2 * MINUTE) return `${Math.floor(milliseconds / SECOND)}s`;
  if (milliseconds < 10 * MINUTE) return pair(milliseconds, [MINUTE, 'm'], [SECOND, 's']);
  if (milliseconds < 3 * HOUR) return `${Math.floor(milliseconds / MINUTE)}m`;
  if (milliseconds < 8 * HOUR) return pair(milliseconds, [HOUR, 'h'], [MINUTE, 'm']);
  if (milliseconds < 2 * DAY) return `${Math.floor(milliseconds / HOUR)}h`;
  if (milliseconds < 8 * DAY) return pair(milliseconds, [DAY, 'd'], [HOUR, 'h']);
  if (milliseconds < 2 * 365 * DAY) return `${Math.floor(milliseconds / DAY)}d`;
  return pair(milliseconds, [365 * DAY, 'y'], [DAY, 'd']);
}

type Unit = readonly [length: number, letter: string];

function pair(milliseconds: number, [large, largeLetter]: Unit, [small, smallLetter]: Unit): string {
  const rest = Math.floor((milliseconds % large) / small);
  return `${Math.floor(milliseconds / large)}${largeLetter}${rest === 0 ? '' : `${rest}${smallLetter}`}`;
}
