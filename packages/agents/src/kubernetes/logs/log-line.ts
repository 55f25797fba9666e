import { instantAtHead } from './log-instant.ts';
import { type LogLevel, levelAtHead, levelOf } from './log-level.ts';

/** One line of a log, taken apart. */
export interface LogLine {
  readonly message: string;
  readonly level: LogLevel | undefined;
  /** Milliseconds since the epoch. */
  readonly atMs: number | undefined;
  /** A stack trace that the line carries with it. */
  readonly stack?: string | undefined;
}

const MESSAGE_KEYS = ['message', 'msg', '@message', '@m', 'log', 'event', 'text'];
const LEVEL_KEYS = ['level', 'severity', 'lvl', 'log.level', '@l', 'levelname', 'loglevel', 'LogLevel', 'Level'];
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts', '@t', 'datetime', 'Timestamp'];
const ERROR_KEYS = ['error', 'err', 'exception', 'error.message', 'exc_info', '@x', 'reason'];
const STACK_KEYS = ['stack', 'stack_trace', 'stacktrace', 'error.stack_trace', 'exc_info', 'exception', '@x'];

/** A line of JSON, klog, logfmt or plain text. `nowMs` is the present, for heads that leave out the year or the day. */
export function readLine(line: string, nowMs?: number | undefined): LogLine {
  return structured(line) ?? klog(line, nowMs) ?? logfmt(line) ?? plain(line, nowMs);
}

/** Whether a line begins with a level or an instant of its own. */
export function hasHead(line: string): boolean {
  const { level, atMs } = readLine(line);
  return level !== undefined || atMs !== undefined;
}

function structured(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const record = JSON.parse(line) as Record<string, unknown>;
    return mongo(record) ?? ofRecord(record);
  } catch {
    return undefined;
  }
}

function ofRecord(record: Record<string, unknown>): LogLine | undefined {
  const message = [first(record, MESSAGE_KEYS), first(record, ERROR_KEYS)].filter((part) => part !== undefined).join(': ');
  if (message === '') return undefined;
  const level = levelOf(first(record, LEVEL_KEYS));
  return { message: beforeFrames(message), level, atMs: timeOf(first(record, TIME_KEYS)), stack: first(record, STACK_KEYS) };
}

/** Lines of a message that are kept; what follows is mostly a trace. */
const MESSAGE_LINES = 4;

/** The first lines of a message of several, without the frames below them. */
function beforeFrames(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  const end = lines.findIndex((line) => /^(?:at |File "|Traceback )/.test(line));
  const kept = lines.slice(0, end <= 0 ? MESSAGE_LINES : Math.min(end, MESSAGE_LINES));
  return kept.filter((line) => line !== '').join('; ');
}

/** MongoDB's structured log: `{"t":{"$date":…},"s":"E","msg":…,"attr":{…}}`. */
function mongo(record: Record<string, unknown>): LogLine | undefined {
  const at = (record.t as Record<string, unknown> | undefined)?.$date;
  if (typeof at !== 'string' || typeof record.s !== 'string' || typeof record.msg !== 'string') return undefined;
  const told = saidIn(record.attr);
  const letters: Readonly<Record<string, LogLevel>> = { F: 'fatal', E: 'error', W: 'warn', I: 'info' };
  return { message: [record.msg, ...told].join(': '), level: letters[record.s] ?? 'debug', atMs: timeOf(at) };
}

/** What the attributes of a line of MongoDB tell of an error. */
function saidIn(attributes: unknown): readonly string[] {
  if (typeof attributes !== 'object' || attributes === null) return [];
  const held = attributes as Record<string, unknown>;
  const told = ['error', 'errmsg', 'reason', 'message', 'msg'].map((key) => {
    const value = held[key];
    const inner = value as { readonly errmsg?: unknown; readonly message?: unknown } | null | undefined;
    return typeof value === 'object' ? (inner?.errmsg ?? inner?.message) : value;
  });
  return told.filter((text) => typeof text === 'string').slice(0, 1);
}

function first(record: Record<string, unknown>, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = record[key];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
    const inner =
      typeof value === 'object' && value !== null
        ? ((value as Record<string, unknown>).message ?? (value as Record<string, unknown>).stack)
        : undefined;
    if (typeof inner === 'string') return inner;
  }
  return undefined;
}

const KLOG = /^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+\s+(?:\d+ )?\S+:\d+\] (.*)$/;
const KLOG_LEVEL: Readonly<Record<string, LogLevel>> = { I: 'info', W: 'warn', E: 'error', F: 'fatal' };

/** Header of k8s.io/klog. */
function klog(line: string, nowMs: number | undefined): LogLine | undefined {
  const match = KLOG.exec(line);
  return match ? { message: match[2] ?? '', level: KLOG_LEVEL[match[1] ?? ''], atMs: instantAtHead(line, nowMs) } : undefined;
}

function logfmt(line: string): LogLine | undefined {
  if (!/(?:^|\s)(?:level|lvl|severity)=\S/.test(line)) return undefined;
  const record = Object.fromEntries(
    [...line.matchAll(/([\w.@-]+)=("(?:[^"\\]|\\.)*"|\S*)/g)].map(([, key = '', value = '']) => [
      key,
      value.replace(/^"|"$/g, '').replaceAll('\\"', '"'),
    ]),
  );
  const message = [first(record, MESSAGE_KEYS), first(record, ERROR_KEYS)].filter((part) => part !== undefined).join(': ');
  return message === '' ? undefined : { message, level: levelOf(first(record, LEVEL_KEYS)), atMs: timeOf(first(record, TIME_KEYS)) };
}

function plain(line: string, nowMs: number | undefined): LogLine {
  return { message: line.trim(), level: levelAtHead(line), atMs: instantAtHead(line, nowMs) };
}

/** ISO 8601, or seconds or milliseconds since the epoch. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isFinite(number) && text.trim() !== '') return number > 1e11 ? number : number * 1000;
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? instantAtHead(text) : epochMs;
}
