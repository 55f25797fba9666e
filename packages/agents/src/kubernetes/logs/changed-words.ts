import { nameOf, type PodView } from '../objects/pod-view.ts';
import { sayDuration } from '../objects/say.ts';
import {
  type ChangedKey,
  type ChangedSource,
  changedBehind,
  changedSources,
  sayChanged,
  startedAgainSince,
  startedMsOf,
} from './changed-source.ts';
import type { Words } from './last-words.ts';
import { isHandledSomehow } from './last-words.ts';
import { serverNamed } from './log-dependency.ts';
import { isJustNow, shapeOf } from './pace.ts';
import { quoteBelow } from './quote-lines.ts';
import type { LogEntry } from './read-log.ts';

interface Said {
  readonly pod: PodView;
  readonly container: string;
  readonly entries: readonly LogEntry[];
}

/** Said so often it is what the program suffers from now. */
const REPEATED = 3;
const OFTEN = 5;

/** The newest complaint, with how often it was made; undefined where it was not made again and again until now. */
function complaintOf({ pod, entries }: Said, least: number): { readonly entry: LogEntry; readonly count: number } | undefined {
  const entry = entries.findLast(({ level }) => level === 'error' || level === 'fatal');
  if (entry === undefined || !isJustNow(pod, entries, entry) || isHandledSomehow(entry)) return undefined;
  const count = entries.filter(({ level, message }) => level === entry.level && shapeOf(message) === shapeOf(entry.message)).length;
  return count < least ? undefined : { entry, count };
}

/** A running program that complains of a value which its ConfigMap no longer holds: it still has what it read at its start. */
export function staleValue(said: Said): Words | undefined {
  const { pod, container } = said;
  const complaint = complaintOf(said, REPEATED);
  if (complaint === undefined) return undefined;
  for (const source of changedSources(pod, container)) {
    const startedMs = startedMsOf(pod, container);
    if (source.changedMs !== undefined && startedMs !== undefined && startedMs >= source.changedMs) continue;
    const found = source.keys.find((key) => onlyIn(key.before, key.now).some((word) => holds(complaint.entry.message, word)));
    if (found === undefined) continue;
    const how = source.isReadOnce ? 'a variable, or a file mounted by subPath, is read at the start only' : 'it was read before';
    const text = `it still uses the former value of key ${found.key} of ConfigMap ${nameOf(source.item)}, which was changed since it was started (${how}; a restart reads it anew)`;
    return { draft: { code: 'T0-LOG-029', key: source.item, text }, ...complaint };
  }
  return undefined;
}

/** A complaint that speaks of what was changed by hand in a ConfigMap that the program, or the server it speaks of, reads. */
export function changedValue(said: Said): Words | undefined {
  const { pod, container } = said;
  const complaint = complaintOf(said, OFTEN);
  if (complaint === undefined) return undefined;
  const { message } = complaint.entry;
  const reading = { pod, container, message };
  const server = serverNamed(reading, []);
  const servers = server === undefined ? pod.reader.relations(pod.workload, 'out', 'dependsOn').map(({ to }) => to) : [server];
  const own = changedSources(pod, container);
  const sources = [...own, ...servers.flatMap((service) => changedBehind(pod.reader, service))];
  const speaking = sources.filter((source) => isFelt(source) && source.keys.some((key) => speaksOf(message, key)));
  const [source, ...others] = [...new Map(speaking.map((one) => [one.item, one])).values()];
  if (source === undefined || others.length > 0) return undefined;
  const keys = source.keys.filter((key) => speaksOf(message, key));
  const whose = own.includes(source) ? '' : `, which ${nameOf(source.reader.workload)} reads,`;
  const text = `${quoteBelow([], complaint.entry)}; ${sayChanged({ ...source, keys })}${whose} was changed since it was applied`;
  const draft = { code: 'T0-LOG-003', subject: source.item, key: keys[0]?.key ?? '', text, seenOn: [source.reader.workload] };
  return { draft, ...complaint };
}

/** What is read once is felt only by who was started after the change. */
function isFelt({ reader, container, isReadOnce, changedMs }: ChangedSource): boolean {
  return !isReadOnce || changedMs === undefined || container === undefined || startedAgainSince(reader, container, changedMs);
}

/** Shorter words stand in too many lines. */
const WORD_LENGTH = 4;

/** Words of one text that another does not have: values, hosts, names. */
function onlyIn(one: string, other: string): readonly string[] {
  const words = (text: string) => new Set(text.match(/[\w.:/@-]+/g) ?? []);
  const known = words(other);
  return [...words(one)].filter((word) => word.length >= WORD_LENGTH && !known.has(word));
}

function holds(message: string, word: string): boolean {
  return new RegExp(`(?<![\\w.-])${word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`).test(message);
}

/** The complaint quotes the new value, or has two words in common with the name of what was changed (`MESSAGE_MAX_BYTES`, `proxy_read_timeout`). */
function speaksOf(message: string, { key, before, now }: ChangedKey): boolean {
  if (onlyIn(now, before).some((word) => /[a-z]/i.test(word) && holds(message, word))) return true;
  const told = new Set(stemsOf(message.replace(/timed out|time-out/gi, 'timeout')));
  const names = new Set([...(/^[A-Z0-9_]+$/.test(key) ? [key] : []), ...settingsChanged(before, now)].flatMap(stemsOf));
  return [...names].filter((stem) => told.has(stem)).length >= 2;
}

/** Names of settings whose values differ between two texts: what stands before the first word that is another. */
function settingsChanged(before: string, now: string): readonly string[] {
  if (!/\s/.test(before.trim()) || !/\s/.test(now.trim())) return [];
  const [old, fresh] = [before, now].map((text) => text.split(/\s+/));
  const at = (fresh ?? []).findIndex((word, index) => word !== old?.[index]);
  return at <= 0 ? [] : [fresh?.[at - 1] ?? '', ...(/[a-z]{4}/i.test(fresh?.[at] ?? '') ? [fresh?.[at] ?? ''] : [])];
}

/** Said of anything. */
const COMMON =
  /^(?:http|https|server|value|name|data|conf|config|error|true|false|null|host|port|file|path|main|with|from|this|that|info|level|time|while)$/;

/** Words of a text without their endings: `reading` and `read`, `bytes` and `byte`. */
function stemsOf(text: string): readonly string[] {
  return text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .map((word) => word.replace(/(?:ing|ed|s)$/, ''))
    .filter((word) => word.length >= WORD_LENGTH && !COMMON.test(word));
}

/** How long before the first complaint a change may have been made to be named with it. */
const SUSPECT_MS = 600_000;

/** A silence so much longer than the usual one between two of the same lines, and at least this long, parts two troubles. */
const SILENCES = 5;
const SILENCE_MS = 20_000;

/** The first of those like an entry, up to which they were said again and again; one said at a start, long before, is of another trouble. */
function beginningOf(entries: readonly LogEntry[], entry: LogEntry): LogEntry | undefined {
  const same = entries.filter(({ message }) => shapeOf(message) === shapeOf(entry.message));
  const gaps = same.slice(1).map(({ atMs }, index) => (atMs ?? 0) - (same[index]?.atMs ?? atMs ?? 0));
  const usual = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  const parted = gaps.findLastIndex((gap) => gap > Math.max(SILENCE_MS, SILENCES * usual));
  return same[parted + 1];
}

/** When a line was first said, milliseconds since the epoch, as far as the log reaches; a log that begins with it is as old as its container. */
export function firstSaid(
  { pod, container, entries }: Said,
  entry: LogEntry,
): { readonly firstMs?: number | undefined; readonly isFirst: boolean } {
  const first = beginningOf(entries, entry);
  const isFirst = first === entries[0];
  // Traces and panics bear no instant of their own: what was said right before them does.
  const before = first === undefined ? [] : entries.slice(0, entries.indexOf(first) + 1);
  const toldMs = before.findLast(({ atMs }) => atMs !== undefined)?.atMs;
  const isWithoutTimes = entries.every(({ atMs }) => atMs === undefined);
  return { firstMs: toldMs ?? (isFirst || isWithoutTimes ? startedMsOf(pod, container) : undefined), isFirst };
}

/** What a container reads and was changed before it began to complain, and how that is said. */
export interface ChangeBefore {
  readonly source: ChangedSource;
  /** `, since ConfigMap orders-env (DB_NAME) was changed 12 s before it first said so`. */
  readonly text: string;
}

/** The one thing that a container reads which was changed before it first said a line; undefined where the order of the times does not bear it out. */
export function changedBefore({ pod, container, entries }: Said, entry: LogEntry): ChangeBefore | undefined {
  const startedMs = startedMsOf(pod, container);
  const { firstMs, isFirst } = firstSaid({ pod, container, entries }, entry);
  const sources = changedSources(pod, container);
  if (firstMs === undefined) return undefined;
  const suspects = sources.filter(
    ({ changedMs, isReadOnce }) =>
      changedMs !== undefined &&
      changedMs <= firstMs &&
      firstMs - changedMs <= SUSPECT_MS &&
      (!(isFirst || isReadOnce) || (startedMs !== undefined && startedMs >= changedMs)),
  );
  const [source, ...others] = suspects;
  if (source?.changedMs === undefined || others.length > 0) return undefined;
  return { source, text: `, since ${sayChanged(source)} was changed ${sayDuration(firstMs - source.changedMs)} before it first said so` };
}

/** `; ConfigMap orders-env (DB_NAME) was changed since it was applied`, where one was and nobody noted when. */
export function changedSometime({ pod, container }: Said): string {
  const sources = changedSources(pod, container);
  const [source, ...others] = sources.filter(({ keys, changedMs }) => keys.length > 0 && changedMs === undefined);
  return source === undefined || others.length > 0 ? '' : `; ${sayChanged(source)} was changed since it was applied`;
}
