export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

const WORD = /\b(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|FATAL|CRITICAL|CRIT|PANIC|SEVERE|EMERG|ALERT)\b/gi;
/** Words of three letters as Serilog, zerolog and others write them; in capitals only. */
const SHORT = /(?:^|[[\s|])(TRC|VRB|DBG|INF|WRN|FTL|PNC)(?=[\]\s|:])/;

/** Where a level stands, if a line has one. */
const HEAD = 80;
/** What may stand before a level: an instant, brackets. */
const BEFORE_LEVEL = /^[\s\d:.,/+TZ[\]()|-]*$/;

/** Heads that say the level by a letter or a sign, or in a word of their own. */
const FORMS: readonly (readonly [RegExp, (letter: string) => LogLevel | undefined])[] = [
  // Logger of Ruby: `E, [2026-01-02T03:04:05.678 #1] ERROR -- : …`.
  [/^([DIWEFA]), \[/, (letter) => BY_LETTER[letter]],
  // Console of Microsoft.Extensions.Logging: `fail: Shop.Start[0]`.
  [/^(trce|dbug|info|warn|fail|crit): [\w.`+]+\[\d+\]/, (word) => BY_WORD[word]],
  // Redis: `*` notice, `-` verbose, `.` debug; `#` stands for whatever is graver, and says no more.
  [/^\d+:[MSCX] .{18,30} ([*.-]) /, (sign) => (sign === '*' ? 'info' : 'debug')],
  // PostgreSQL says LOG for what only an administrator cares for.
  [/(?:^|\s)(LOG): {2}/, () => 'info'],
  // Elixir and Rust, of what ends a program or a task of it.
  [/^(\*\* \()/, () => 'error'],
  [/^thread '[^']*' (?:\(\d+\) )?(panicked) at /, () => 'fatal'],
];
const BY_LETTER: Readonly<Record<string, LogLevel>> = { D: 'debug', I: 'info', W: 'warn', E: 'error', F: 'fatal', A: 'fatal' };
const BY_WORD: Readonly<Record<string, LogLevel>> = {
  trce: 'debug',
  dbug: 'debug',
  info: 'info',
  warn: 'warn',
  fail: 'error',
  crit: 'fatal',
};

/** The level that a line of plain text says at its head; undefined when it says none. */
export function levelAtHead(line: string): LogLevel | undefined {
  for (const [form, toLevel] of FORMS) {
    const [, word] = form.exec(line.slice(0, HEAD)) ?? [];
    if (word !== undefined) return toLevel(word);
  }
  return levelOf(/\[(?:Note|System)\]/.test(line.slice(0, HEAD)) ? 'info' : levelWord(line.slice(0, HEAD)));
}

/** The word of a level; `info` and `debug` in the midst of a sentence are words like others: `valid values: [debug file kafka]`. */
function levelWord(head: string): string | undefined {
  const full = [...head.matchAll(WORD)].find(({ 0: word, index }) => {
    const isQuiet = /^(?:trace|debug|info|notice)$/.test(word);
    return !isQuiet || BEFORE_LEVEL.test(head.slice(0, index)) || /^[\]:|]/.test(head.slice(index + word.length));
  })?.[0];
  return full ?? SHORT.exec(head)?.[1];
}

/** Levels of the usual libraries; numbers are those of pino and bunyan. */
export function levelOf(word: string | undefined): LogLevel | undefined {
  const text = word?.toLowerCase() ?? '';
  if (/^(?:trace|debug|verbose|trc|vrb|dbg|10$|20$)/.test(text)) return 'debug';
  if (/^(?:inf|notice|30$)/.test(text)) return 'info';
  if (/^(?:warn|wrn|40$)/.test(text)) return 'warn';
  if (/^(?:fatal|ftl|critical|crit|panic|pnc|emerg|alert|60$)/.test(text)) return 'fatal';
  return /^(?:err|severe|50$)/.test(text) ? 'error' : undefined;
}
