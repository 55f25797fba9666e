import type { LogLevel } from './log-level.ts';
import { hasHead, readLine } from './log-line.ts';

/** One thing a program said: a line, or a line with the stack trace below it. */
export interface LogEntry {
  readonly message: string;
  /** In lower case: `error`, `fatal`; undefined when the line has none. */
  readonly level?: LogLevel | undefined;
  /** Milliseconds since the epoch. */
  readonly atMs?: number | undefined;
  /** Frames of a stack trace, as written, in the order of the log. */
  readonly frames: readonly string[];
}

/** Characters read of one log, from its end: what matters to a crash stands last. */
const LOG_CHARACTERS = 262_144;
const LINE_CHARACTERS = 4_096;
const FRAMES = 60;

/**
 * Reads a container's log: plain text, JSON, klog and logfmt lines. The lines of a stack trace, of the reason that stands above or below one,
 * and the hints below a complaint become one entry with it. `nowMs` is the present, for lines that leave out the year or the day.
 */
export function readLog(text: string, nowMs?: number | undefined): readonly LogEntry[] {
  const entries: Draft[] = [];
  for (const raw of text.slice(-LOG_CHARACTERS).split('\n')) {
    const line = withoutPrefix(raw.slice(0, LINE_CHARACTERS).replace(/\r$/, ''));
    if (/^\s+at /.test(line)) gatherReason(entries);
    const last = entries.at(-1);
    if (last && continues(last, line)) append(last, line);
    else if (line.trim() !== '') entries.push(toDraft(line, nowMs));
  }
  return entries.map(({ message, level, atMs, frames }) => ({ message, level, atMs, frames }));
}

/**
 * What is not at its end yet: a trace whose message comes below it (Python), whose frames are not indented (Go), a reason that goes on for
 * lines (Ruby), below its head (.NET, Rust, `Caused by:` of rake), or in a report of several paragraphs (Spring Boot).
 */
type Open = 'traceback' | 'goroutine' | 'reason' | 'headed' | 'panicked' | 'report' | 'cause';

interface Draft {
  message: string;
  readonly level: LogLevel | undefined;
  readonly atMs: number | undefined;
  readonly frames: string[];
  open: Open | undefined;
  /** Lines that belong to it already. */
  lines: number;
}

/** What the runtime or the reader put before the line: the instant of `--timestamps`, the stream of a CRI log. Colours go too. */
function withoutPrefix(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are told colours by an escape character
  const plain = line.replace(/\u001b\[[0-9;]*m/g, '');
  return plain.replace(/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) (?:std(?:out|err) [FP] )/, '');
}

/** A path is a slash with a name behind it: what greets at a start is drawn with slashes too. */
const FRAME =
  /^\s+(?:at |File "|from |\.\.\. \d+|\/[\w.@-]|\S+\.go:\d+|in `|\([\w~ .-]+\) \S+:\d+: )|^#\d+ (?:\/|\{main\})|^(?:Stack trace:|\[stacktrace\]|"\}\s*)$|^\S+\.r[bu]:\d+:in [`'](?![^\n]*\(\w+(?:::\w+)*\)$)/;
/** Ruby says where, then what, and then in as many lines as it likes why: `config/setup.rb:4:in 'load': (Setup::Missing)`. */
const RUBY = /^(\S+\.r[bu]:\d+):in [^:]*:\s*(.*)\((\w+(?:::\w+)*)\)$/;
/** Lines of a reason that stand before its frames, at most. */
const REASON_LINES = 20;
const CAUSE = /^(?:\s*Caused by:|\s*Suppressed:| ---> |\s*\*\* \()/;
/** What PostgreSQL and others say below a complaint, each with a head of its own. */
const HINT = /^.{0,80}?\b((?:HINT|DETAIL):\s+.+)$/;
/** The head of a record of Microsoft.Extensions.Logging, whose text stands on the lines below. */
const HEADED = /^(?:trce|dbug|info|warn|fail|crit): [\w.`+]+\[\d+\]$/;
const PANICKED = /^thread '[^']*' (?:\(\d+\) )?panicked at [^'"]*:$/;
/** The paragraph of a failure analysis of Spring Boot that says what is wrong. */
const REPORT = /^Description:$/;

function continues(last: Draft, line: string): boolean {
  if (last.open === 'reason') return FRAME.test(line) || (last.frames.length <= 1 && last.lines < REASON_LINES && !hasHead(line));
  if (last.open === 'headed') return line.trim() === '' || /^\s{2,}\S/.test(line);
  if (last.open === 'panicked') return last.lines < REASON_LINES && !/^note: /.test(line) && !hasHead(line);
  if (last.open === 'report') return last.lines < REASON_LINES && (line.trim() === '' || !hasHead(line));
  if (last.open !== undefined) return true;
  return (
    FRAME.test(line) ||
    CAUSE.test(line) ||
    (last.frames.length > 0 && line.trim() === '') ||
    /^goroutine \d+ \[/.test(line) ||
    (last.frames.length > 0 && /^\s+\S/.test(line)) ||
    /^Traceback /.test(last.message) ||
    (isComplaint(last) && (HINT.test(line) || isDetail(last, line)))
  );
}

/** Lines of details that a complaint takes below it. */
const DETAILS = 12;

/** Set in below a complaint that has an instant, as go-hclog and others write what has several lines. */
function isDetail(last: Draft, line: string): boolean {
  return (
    last.atMs !== undefined && last.frames.length === 0 && last.lines <= DETAILS && /^\s+\S/.test(line) && readLine(line).atMs === undefined
  );
}

function isComplaint({ level }: Draft): boolean {
  return level === 'error' || level === 'fatal';
}

function append(entry: Draft, line: string): void {
  entry.lines += 1;
  const hint = isComplaint(entry) ? HINT.exec(line)?.[1] : undefined;
  if (hint !== undefined) addText(entry, hint);
  else if (isComplaint(entry) && entry.open === undefined && !FRAME.test(line) && !CAUSE.test(line) && isDetail(entry, line))
    addDetail(entry, line);
  else if (isReason(entry, line)) addReason(entry, line);
  else appendFrame(entry, line);
}

function appendFrame(entry: Draft, line: string): void {
  if (/^goroutine \d+ \[/.test(line)) entry.open = 'goroutine';
  if (entry.open === 'traceback' && /^\S/.test(line)) {
    entry.message = line.trim();
    entry.open = undefined;
    return;
  }
  if (entry.open === 'goroutine' && line.trim() === '') {
    if (entry.frames.length > 1) entry.open = undefined;
    return;
  }
  if (entry.open === 'cause') {
    if (line.trim() === '') return;
    entry.message = `${entry.message} ${line.trim()}`.slice(0, LINE_CHARACTERS);
    entry.open = undefined;
    return;
  }
  if (CAUSE.test(line)) addText(entry, line.trim());
  if (line.trim() === 'Caused by:') entry.open = 'cause';
  if (entry.frames.length < FRAMES && line.trim() !== '') entry.frames.push(line.trim());
}

function addText(entry: Draft, text: string): void {
  const between = entry.message === '' || entry.message.endsWith(':') ? ' ' : '; ';
  entry.message = `${entry.message}${between}${text}`.trim().slice(0, LINE_CHARACTERS);
}

function addDetail(entry: Draft, line: string): void {
  const text = line.replace(/^\s*\|?\s*/, '').trim();
  if (/[A-Za-z]{2}/.test(text)) addText(entry, text);
}

/** The line is of the words of an entry that is still open, and no frame. */
function isReason({ open }: Draft, line: string): boolean {
  return open !== undefined && open !== 'traceback' && open !== 'goroutine' && open !== 'cause' && !FRAME.test(line);
}

function addReason(entry: Draft, line: string): void {
  // Below a reason of Ruby an indented line is an example of what to type.
  const isSaid = line.trim() !== '' && (entry.open !== 'reason' || /^\S/.test(line));
  if (isSaid) addText(entry, line.trim());
}

/** How the first line of a reason of several begins: the name of an exception. */
const EXCEPTION = /^(?:Uncaught |Unhandled exception\. )?[\w$.]*(?:Error|Exception)\b(?: \[\w+\])?: \S/;
/** Lines that show source text, and what merely surrounds it. */
const EXCERPT = /^\s*(?:\d*\s*\||-->|\^+$|[{}\]]+$)/;

/** A reason of several lines (Node) belongs to the frames that begin below it: its lines become one entry. */
function gatherReason(entries: Draft[]): void {
  const last = entries.at(-1);
  if (last === undefined || last.frames.length > 0 || last.open !== undefined || EXCEPTION.test(last.message)) return;
  const isBare = ({ level, atMs, frames, open }: Draft) =>
    level !== 'info' && level !== 'debug' && atMs === undefined && frames.length === 0 && open === undefined;
  const near = entries.slice(-REASON_LINES).findLastIndex(({ message }) => EXCEPTION.test(message));
  const from = Math.max(0, entries.length - REASON_LINES) + near;
  if (near === -1 || !entries.slice(from).every(isBare)) return;
  const [head, ...rest] = entries.splice(from);
  if (head === undefined) return;
  for (const { message } of rest) if (!EXCERPT.test(message)) addText(head, message);
  entries.push(head);
}

function toDraft(line: string, nowMs: number | undefined): Draft {
  const { message, level, atMs, stack } = readLine(line, nowMs);
  const [, where, what = '', name] = RUBY.exec(message) ?? [];
  if (where !== undefined) return { message: `${name}: ${what}`.trim(), level, atMs, frames: [where], open: 'reason', lines: 1 };
  if (HEADED.test(line)) return { message: '', level, atMs, frames: [], open: 'headed', lines: 1 };
  if (REPORT.test(line)) return { message: '', level: 'error', atMs, frames: [], open: 'report', lines: 1 };
  return { message, level, atMs, frames: framesOf(stack), open: openOf(message), lines: 1 };
}

function openOf(message: string): Open | undefined {
  if (/^Traceback \(most recent call last\):/.test(message)) return 'traceback';
  return PANICKED.test(message) ? 'panicked' : undefined;
}

function framesOf(stack: string | undefined): string[] {
  const lines = stack?.split('\n').slice(1, FRAMES) ?? [];
  return lines.map((frame) => frame.trim());
}
