import { firstLine } from '../objects/pod-view.ts';
import { withoutMiddle } from '../objects/telling-words.ts';
import { GIVES_UP, isComplaining, ORDINARY_END } from './complaint.ts';
import { shapeOf } from './pace.ts';
import type { LogEntry } from './read-log.ts';

/** Lines below a complaint that belong to it, and characters quoted of all. */
const BELOW = 7;
const QUOTED_CHARACTERS = 280;
const QUOTED_HEAD = 150;
export const LINE_HEAD = /^\[?\d{4}[-/]\d\d[-/]\d\d[T ][\d:.,]+(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?(?:: \w+\/[\w-]+)?\]?\s*/;

/** A line in quotes, with those right below it that begin no line of their own with an instant or a level. */
export function quoteBelow(entries: readonly LogEntry[], entry: LogEntry): string {
  return `"${withoutMiddle([entry.message, ...saidBelow(entries, entry)].map(plainLine).join('; '), QUOTED_CHARACTERS, QUOTED_HEAD)}"`;
}

/** A line with the complaints right above it and what belongs below it, in quotes. */
export function quoteAround(entries: readonly LogEntry[], entry: LogEntry): string {
  const above = complaintsAbove(entries, entry).map(({ message }) => message);
  const lines = [...above, entry.message, ...saidBelow(entries, entry)].map(plainLine);
  return `"${withoutMiddle(lines.join('; '), QUOTED_CHARACTERS, QUOTED_HEAD)}"`;
}

/** What is told of a trace in quotes, with the lines below it as far as there is room. */
export function quoteTrace(entries: readonly LogEntry[], trace: LogEntry, told: string): string {
  const whole = [told, ...saidBelow(entries, trace)].map(plainLine).join('; ');
  return `"${whole.length <= QUOTED_CHARACTERS || told.endsWith(':') ? withoutMiddle(whole, QUOTED_CHARACTERS, QUOTED_HEAD) : plainLine(told)}"`;
}

function plainLine(message: string): string {
  return firstLine(message.replace(LINE_HEAD, ''));
}

function saidBelow(entries: readonly LogEntry[], entry: LogEntry): readonly string[] {
  const index = entries.indexOf(entry);
  const below = index === -1 ? [] : entries.slice(index + 1, index + 1 + BELOW);
  const end = below.findIndex(({ level, atMs }) => level !== undefined || atMs !== undefined);
  const own = below.slice(0, end === -1 ? BELOW : end).filter(({ message }) => /[A-Za-z]{2}/.test(message));
  return [...own, ...companionOf(entries, entry)].map(({ message }) => message);
}

/** Times that a complaint stands before the same other one, at least, and share of all its times, for them to be of one trouble. */
const TOGETHER = 3;
const TOGETHER_SHARE = 0.8;

/** The complaint of another shape that follows a complaint each time it is made: the second half of what is wrong. */
function companionOf(entries: readonly LogEntry[], entry: LogEntry): readonly LogEntry[] {
  const shape = shapeOf(entry.message);
  const places = entries.flatMap(({ message }, index) => (shapeOf(message) === shape ? [index] : []));
  const next = places
    .flatMap((index) => entries[index + 1] ?? [])
    .filter(({ level }) => level === 'warn' || level === 'error' || level === 'fatal');
  const byShape = Map.groupBy(next, ({ message }) => shapeOf(message));
  byShape.delete(shape);
  const [same] = [...byShape.values()].toSorted((a, b) => b.length - a.length);
  const last = same?.at(-1);
  return same === undefined || last === undefined || same.length < Math.max(TOGETHER, TOGETHER_SHARE * places.length) ? [] : [last];
}

/** Complaints right above another one that are of one outburst with it, and how far apart they may be. */
const ABOVE = 2;
const OUTBURST_MS = 2_000;

/** Other complaints that were made right before one, in the same breath: it often only says that the program gives up over them. */
export function complaintsAbove(entries: readonly LogEntry[], entry: LogEntry): readonly LogEntry[] {
  const above = entries.slice(0, entries.indexOf(entry)).slice(-ABOVE);
  const isTogether = ({ atMs }: LogEntry) => atMs === undefined || entry.atMs === undefined || entry.atMs - atMs <= OUTBURST_MS;
  const begin = above.findLastIndex((line) => !(isTogether(line) && complainsSomehow(line)));
  return above.slice(begin + 1).filter(({ message }) => shapeOf(message) !== shapeOf(entry.message));
}

function complainsSomehow(entry: LogEntry): boolean {
  return (isComplaining(entry) || (entry.level === 'warn' && GIVES_UP.test(entry.message))) && !ORDINARY_END.test(entry.message);
}

/** Lines in quotes, one after the other, without their middle where they are long. */
export function inQuotes(told: readonly LogEntry[]): string {
  const lines = told.map(({ message }) => plainLine(message));
  return `"${withoutMiddle(lines.join('; '), QUOTED_CHARACTERS, QUOTED_HEAD)}"`;
}
