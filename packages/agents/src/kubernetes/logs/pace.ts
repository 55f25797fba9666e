import type { PodView } from '../objects/pod-view.ts';
import type { LogEntry } from './read-log.ts';

/** What was said within this time is said now. */
export const JUST_NOW_MS = 45_000;
/** Lines at the end of a log without instants that are of the present. */
const LAST = 12;
/** A complaint made so often has a pace. */
const REPEATED = 5;

/** Said within the last moments, or at a pace at which it will be said again; without instants the end of the log is the present. */
export function isJustNow({ reader }: PodView, entries: readonly LogEntry[], entry: LogEntry): boolean {
  if (entry.atMs === undefined) return entries.indexOf(entry) >= entries.length - LAST;
  return Date.parse(reader.at) - entry.atMs <= Math.max(JUST_NOW_MS, PACES * (paceOf(entries, entry) ?? 0));
}

/** A complaint is not over before its pace was missed twice; and what is said more seldom than this has no pace. */
const PACES = 2;
const SLOWEST_MS = 360_000;

/** Milliseconds between two of the same complaint, the longer ones of them (who tries again waits longer each time); undefined of a few only. */
function paceOf(entries: readonly LogEntry[], entry: LogEntry): number | undefined {
  const shape = shapeOf(entry.message);
  const times = entries.flatMap(({ message, atMs }) => (atMs !== undefined && shapeOf(message) === shape ? [atMs] : []));
  const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs));
  if (gaps.length < REPEATED - 2) return undefined;
  const pace = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length * LONGER)] ?? 0;
  return pace > SLOWEST_MS ? undefined : pace;
}

/** Of the silences between, the one that so many are not longer than. */
const LONGER = 0.8;

/** Characters that tell two complaints apart: what loggers put before them takes a hundred and more. */
const SHAPE_CHARACTERS = 240;

/** A line without its numbers: instants, counters and addresses differ each time. */
export function shapeOf(message: string): string {
  return message.replace(/\d+/g, '0').slice(0, SHAPE_CHARACTERS);
}
