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

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Characters read of one log, from its end: what matters to a crash stands last. */
const LOG_CHARACTERS = 262_144;
const LINE_CHARACTERS = 4_096;
const FRAMES = 60;

/** Reads a container's log: plain text, JSON, logfmt and klog lines; the lines of a stack trace become one entry. */
export function readLog(text: string): readonly LogEntry[] {
  const entries: Draft[] = [];
  for (const raw of text.slice(-LOG_CHARACTERS).split('\n')) {
    const line = withoutPrefix(raw.slice(0, LINE_CHARACTERS).replace(/\r$/, ''));
    const last = entries.at(-1);
    if (last && continues(last, line)) append(last, line);
    else if (line.trim() !== '') entries.push(toDraft(line));
  }
  return entries.map(({ message, level, atMs, frames }) => ({ message, level, atMs, frames }));
}

interface Draft {
  message: string;
  readonly level: LogLevel | undefined;
  readonly atMs: number | undefined;
  readonly frames: string[];
  /** Inside a trace whose message comes below it (Python), goes on for lines (Ruby), or whose frames are not indented (Go). */
  open: 'traceback' | 'goroutine' | 'reason' | undefined;
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
const FRAME = /^\s+(?:at |File "|from |\.\.\. \d+|\/[\w.@-]|\S+\.go:\d+|in `)/;
/** Ruby says where, then what, and then in as many lines as it likes why: `config/setup.rb:4:in 'load': (Setup::Missing)`. */
const RUBY = /^(\S+\.r[bu]:\d+):in [^:]*:\s*(.*)\((\w+(?:::\w+)*)\)$/;
/** Lines of the reason that Ruby gives before its frames. */
const REASON_LINES = 20;
const CAUSE = /^(?:\s*Caused by:|\s*Suppressed:| ---> )/;

function continues(last: Draft, line: string): boolean {
  if (last.open === 'reason')
    return FRAME.test(line) || (last.frames.length <= 1 && last.lines < REASON_LINES && levelled(line) === undefined);
  if (last.open !== undefined) return true;
  return (
    FRAME.test(line) ||
    CAUSE.test(line) ||
    /^goroutine \d+ \[/.test(line) ||
    (last.frames.length > 0 && /^\s+\S/.test(line)) ||
    /^Traceback /.test(last.message)
  );
}

/** A line that has a level begins an entry of its own. */
function levelled(line: string): LogLevel | undefined {
  return (structured(line) ?? klog(line) ?? logfmt(line))?.level;
}

function append(entry: Draft, line: string): void {
  entry.lines += 1;
  if (entry.open === 'reason' && !FRAME.test(line)) {
    // An indented line is an example of what to type.
    if (/^\S/.test(line)) entry.message = `${entry.message}${/:$/.test(entry.message) ? '' : ';'} ${line.trim()}`.slice(0, LINE_CHARACTERS);
    return;
  }
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
  if (CAUSE.test(line)) entry.message = `${entry.message}; ${line.trim()}`.slice(0, LINE_CHARACTERS);
  if (entry.frames.length < FRAMES && line.trim() !== '') entry.frames.push(line.trim());
}

function toDraft(line: string): Draft {
  const { message, level, atMs, stack } = structured(line) ?? klog(line) ?? logfmt(line) ?? plain(line);
  const [, where, what = '', name] = RUBY.exec(message) ?? [];
  if (where !== undefined) return { message: `${name}: ${what}`.trim(), level, atMs, frames: [where], open: 'reason', lines: 1 };
  const open = /^Traceback \(most recent call last\):/.test(message) ? 'traceback' : undefined;
  const frames =
    stack === undefined
      ? []
      : stack
          .split('\n')
          .slice(1, FRAMES)
          .map((frame) => frame.trim());
  return { message, level, atMs, frames, open, lines: 1 };
}

interface Parsed {
  readonly message: string;
  readonly level: LogLevel | undefined;
  readonly atMs: number | undefined;
  readonly stack?: string | undefined;
}

const MESSAGE_KEYS = ['message', 'msg', '@message', '@m', 'log', 'event', 'text'];
const LEVEL_KEYS = ['level', 'severity', 'lvl', 'log.level', '@l', 'levelname'];
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts', '@t', 'datetime'];
const ERROR_KEYS = ['error', 'err', 'exception', 'error.message', 'exc_info', '@x', 'reason'];
const STACK_KEYS = ['stack', 'stack_trace', 'stacktrace', 'error.stack_trace', 'exc_info', 'exception', '@x'];

function structured(line: string): Parsed | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const record = JSON.parse(line) as Record<string, unknown>;
    const message = [first(record, MESSAGE_KEYS), first(record, ERROR_KEYS)].filter((part) => part !== undefined).join(': ');
    const stack = first(record, STACK_KEYS);
    return message === ''
      ? undefined
      : {
          message: message.split('\n', 1)[0] ?? '',
          level: levelOf(first(record, LEVEL_KEYS)),
          atMs: timeOf(first(record, TIME_KEYS)),
          stack,
        };
  } catch {
    return undefined;
  }
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

const KLOG = /^([IWEF])(\d{4} \d\d:\d\d:\d\d\.\d+)\s+(?:\d+ )?\S+:\d+\] (.*)$/;
const KLOG_LEVEL: Readonly<Record<string, LogLevel>> = { I: 'info', W: 'warn', E: 'error', F: 'fatal' };

/** Header of k8s.io/klog; it has no year, so no instant is taken from it. */
function klog(line: string): Parsed | undefined {
  const match = KLOG.exec(line);
  return match ? { message: match[3] ?? '', level: KLOG_LEVEL[match[1] ?? ''], atMs: undefined } : undefined;
}

function logfmt(line: string): Parsed | undefined {
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

const WORD = /\b(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|FATAL|CRITICAL|CRIT|PANIC|SEVERE|EMERG|ALERT)\b/gi;
const LEADING_TIME = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)/;

function plain(line: string): Parsed {
  const at = LEADING_TIME.exec(line)?.[1]?.replace(' ', 'T').replace(',', '.');
  const word = /\[(?:Note|System)\]/.test(line.slice(0, 80)) ? 'info' : levelWord(line.slice(0, HEAD));
  return { message: line.trim(), level: levelOf(word), atMs: timeOf(at) };
}

/** Where a level stands, if a line has one. */
const HEAD = 80;
/** What may stand before a level: an instant, brackets. */
const BEFORE_LEVEL = /^[\s\d:.,/+TZ[\]()|-]*$/;

/** The word of a level; `info` and `debug` in the midst of a sentence are words like others: `valid values: [debug file kafka]`. */
function levelWord(head: string): string | undefined {
  return [...head.matchAll(WORD)].find(({ 0: word, index }) => {
    const isQuiet = /^(?:trace|debug|info|notice)$/.test(word);
    return !isQuiet || BEFORE_LEVEL.test(head.slice(0, index)) || /^[\]:|]/.test(head.slice(index + word.length));
  })?.[0];
}

/** Levels of the usual libraries; numbers are those of pino and bunyan. */
function levelOf(word: string | undefined): LogLevel | undefined {
  const text = word?.toLowerCase() ?? '';
  if (/^(?:trace|debug|verbose|10|20)/.test(text)) return 'debug';
  if (/^(?:info|notice|30)/.test(text)) return 'info';
  if (/^(?:warn|40)/.test(text)) return 'warn';
  if (/^(?:fatal|critical|crit|panic|emerg|alert|60)/.test(text)) return 'fatal';
  return /^(?:err|severe|50)/.test(text) ? 'error' : undefined;
}

/** ISO 8601, or seconds or milliseconds since the epoch. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isFinite(number) && text.trim() !== '') return number > 1e11 ? number : number * 1000;
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}
