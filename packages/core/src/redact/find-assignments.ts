import { type Hinted, matchesIn } from './name-hints.ts';
import { type NameSense, namesPassword, namesPin, namesReference, senseOfName } from './secret-name.ts';
import { isObjectName, isPlausible, isProse, isQuantity, isRecoveryPhrase, isState, isWord, looksRandom } from './secret-value.ts';
import type { Span } from './span.ts';

/** Where a name and its value meet, as every format has it: `=`, `:`, `=>`, `:=`, `, ` between quotes, `>` of an element, a space. */
const MEETING = /=>|:=|[:=]|["']\s{0,2},\s{0,24}["']/g;
/** Letters of other alphabets too: people name their passwords in their own language. */
const NAME_END = /[\w.\-/$@\u00c0-\u024f\u0370-\u052f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]/;
const MAX_NAME = 128;
const MAX_VALUE = 16_384;

interface Name {
  readonly text: string;
  readonly from: number;
  /** The quote that closed it, with the backslashes before it; empty when there was none. */
  readonly quote: string;
}

interface Value {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly isQuoted: boolean;
}

/** Values that their names give away: in JSON however often escaped, YAML, properties, INI, shell, flags, headers, XML and code. */
export function findAssignments(text: string, hinted: Hinted): readonly Span[] {
  if (hinted.windows.length === 0) return findQuotedPairs(text);
  const spans: Span[] = [];
  const senses = new Map<string, NameSense>();
  const sense = (name: string) => {
    const known = senses.get(name) ?? senseOfName(name);
    senses.set(name, known);
    return known;
  };
  let done = 0;
  MEETING.lastIndex = 0;
  for (let match = MEETING.exec(text); match !== null; match = MEETING.exec(text)) {
    const at = match.index;
    if (!hinted.near(at) && !(hinted.ahead(at) && isAboutName(text, at))) continue;
    const isPair = match[0].length > 2 || /^["']/.test(match[0]);
    const name = nameBefore(text, isPair ? at + 1 : at);
    if (name === undefined || (isPair && !isArgument(text, name))) continue;
    const separator = isPair ? ',' : match[0];
    const span = judge(text, { name, separator, after: isPair ? at + match[0].length - 1 : at + match[0].length }, sense);
    if (span === undefined || span.from < done) continue;
    spans.push(span);
    done = span.to;
    MEETING.lastIndex = Math.max(MEETING.lastIndex, span.to);
  }
  return [
    ...spans,
    ...findFlags(text, hinted, sense),
    ...findElements(text, hinted, sense),
    ...findDirectives(text, hinted, sense),
    ...findNamedInline(text, hinted, sense),
    ...findQuotedPairs(text),
    ...findListed(text, hinted, sense),
    ...findAnnounced(text, hinted, sense),
    ...findCells(text, hinted, sense),
  ];
}

/** `name:` and `value:`, which speak of a name that stands elsewhere. */
function isAboutName(text: string, at: number): boolean {
  return /(?:name|key|header|field|property|variable|value|contents?|default)["'\\ ]{0,8}$/i.test(text.slice(Math.max(0, at - 18), at));
}

/** `set("password", "x")`: between the parentheses of a call. */
function isArgument(text: string, name: Name): boolean {
  return name.quote !== '' && /\([^(){}:]{0,80}["']$/.test(text.slice(Math.max(0, name.from - 90), name.from));
}

interface Meeting {
  readonly name: Name;
  readonly separator: string;
  /** Offset after the separator. */
  readonly after: number;
}

function judge(text: string, meeting: Meeting, sense: (name: string) => NameSense): Span | undefined {
  const { name, separator, after } = meeting;
  // `name: DB_PASSWORD` beside or above `value: x`: a list entry as Kubernetes writes it, `<add key="Password" value="x"/>`.
  if (/^(?:name|key|header|field|property|variable|type)$/i.test(name.text)) {
    const named = valueAfter(text, after, separator);
    if (named !== undefined && /^[\w.-]{2,128}$/.test(named.text) && sense(named.text) !== 'none') return besideName(text, named, sense);
  }
  if (/^(?:value|contents?|default)$/i.test(name.text)) return beforeName(text, meeting, sense) ?? belowName(text, meeting, sense);
  const strength = sense(name.text);
  if (strength === 'none' || isImageTag(text, meeting) || isPlaceInCode(text, meeting) || isResourceName(text, name)) return undefined;
  // `userPassword:: eA==` of LDIF: base64 follows two colons.
  const start = separator === ':' && /^: \S/.test(text.slice(after, after + 3)) ? after + 1 : after;
  const value = valueAfter(text, start, separator, reachOf(text, { ...meeting, after: start }));
  if (value !== undefined && !value.isQuoted && isComparison(text, after)) return undefined;
  if (value === undefined || !isSecretValue(value, { name: name.text, strength, isMessage: isMessage(text, meeting) })) return undefined;
  const quote = name.quote !== '' && !value.isQuoted && separator === ':' ? name.quote : undefined;
  return { from: value.from, to: value.to, kind: kindOf(name.text), ...(quote === undefined ? {} : { quote }) };
}

/** `if (password == x)`: nothing is given. */
function isComparison(text: string, after: number): boolean {
  return /^={1,2}\s/.test(text.slice(after, after + 3));
}

/** `ghcr.io/shop/auth:sha-1a2b3c4` is no name with a value. */
function isImageTag(text: string, { name, separator, after }: Meeting): boolean {
  return separator === ':' && name.quote === '' && /^[a-z0-9.-]+(?:\/[a-z0-9._-]+)+$/.test(name.text) && /\w/.test(text[after] ?? '');
}

/** `PasswordEncoder.java:42`, and what a test run prints: `PASS: TestPassword (0.00s)`. */
function isPlaceInCode(text: string, { name, separator, after }: Meeting): boolean {
  if (separator !== ':' || name.quote !== '') return false;
  const follows = text.slice(after, after + 120);
  return (
    (/\.[a-z]{1,5}$/i.test(name.text) && /^\d{1,6}\b/.test(follows)) ||
    (name.text === 'PASS' && /^ [A-Za-z_][\w/.]*(?: \(|\s*$)/.test(follows))
  );
}

/** `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME` says where, not what. */
function isResourceName(text: string, name: Name): boolean {
  return text[name.from - 1] === ':' && /\barn:[\w:-]{1,120}$/.test(text.slice(Math.max(0, name.from - 130), name.from));
}

/** `value: x` above `name: DB_PASSWORD`. */
function beforeName(text: string, { separator, after }: Meeting, sense: (name: string) => NameSense): Span | undefined {
  const value = valueAfter(text, after, separator, separator === ':' && /\s/.test(text[after] ?? '') ? 'line' : 'word');
  if (value === undefined) return undefined;
  const beside =
    /^\\*["']?\s{0,4},?(?:\s|\\+[nt]){1,80}?\\*["']?(?:name|key)\\*["']?\s{0,4}[:=]\s{0,4}\\*["']?(?<name>[\w.-]{2,128})|^\\*["'],\s{0,4}\\*["'](?:name|key)\\*["']\s{0,4}:\s{0,4}\\*["'](?<json>[\w.-]{2,128})/.exec(
      text.slice(value.to, value.to + 300),
    );
  const name = beside?.groups?.name ?? beside?.groups?.json;
  if (name === undefined || !isSecretValue(value, { name, strength: sense(name) })) return undefined;
  return { from: value.from, to: value.to, kind: kindOf(name) };
}

/** `adminPassword: {value: x}`, `variable "db_password" { default = "x" }`: the name is that of what holds it. */
function belowName(text: string, { name, separator, after }: Meeting, sense: (name: string) => NameSense): Span | undefined {
  const holder = holderBefore(text.slice(Math.max(0, name.from - 240), name.from));
  const strength = holder === undefined ? 'none' : sense(holder);
  if (holder === undefined || strength === 'none') return undefined;
  const value = valueAfter(text, after, separator);
  if (value === undefined || !isSecretValue(value, { name: holder, strength })) return undefined;
  return { from: value.from, to: value.to, kind: kindOf(holder) };
}

/** The name before the brace that is still open, or of the line above in YAML. */
function holderBefore(head: string): string | undefined {
  let depth = 0;
  for (let at = head.length - 1; at >= 0; at--) {
    if (head[at] === '}') depth++;
    else if (head[at] === '{' && depth-- === 0) return /([\w.-]{2,128})\\{0,8}["']?\s{0,4}[:=]?\s{0,4}$/.exec(head.slice(0, at))?.[1];
  }
  return /(?:^|\n|\\n)[ \t+-]{0,40}["']?([\w.-]{2,128})["']?:[ \t]{0,4}(?:\n|\\n)[ \t+-]{1,40}$/.exec(head)?.[1];
}

/** What the value of a name is, once it is known how much the name gives away. */
export function isSecretValue(
  value: Pick<Value, 'text' | 'isQuoted'>,
  about: { readonly name: string; readonly strength: NameSense; readonly isMessage?: boolean | undefined },
): boolean {
  const text = value.text.trim();
  if (about.strength === 'none' || !isPlausible(text) || isState(text)) return false;
  if (isRecoveryPhrase(text)) return /mnemonic|seed|phrase/i.test(about.name);
  if (about.strength === 'weak') return looksRandom(text) || (namesPin(about.name) && /^\d{4,10}$/.test(text));
  // `PWD=/app` is where a shell is; `pass: 12 fail: 0` counts.
  if (/^(?:OLD)?PWD$/i.test(about.name) && text.startsWith('/')) return false;
  if (/^pass(?:es|ed)?$/i.test(about.name) && /^\d{1,6}[\s,;]/.test(text)) return false;
  // `passwordSecret: shop-db` names the Secret.
  if (/[sS]ecret$/.test(about.name) && namesPassword(about.name) && isObjectName(text)) return false;
  if (/auth$/i.test(about.name) && isWord(text)) return false;
  if (namesPassword(about.name)) {
    if (/^\d{1,3}$/.test(text) && !/passw|pwd/i.test(about.name)) return false;
    return (
      !isProse(text) &&
      !(
        about.isMessage &&
        isWord(text) &&
        !value.isQuoted &&
        /^(?:authentication|is|was|has|must|for|expired|incorrect|invalid|wrong|mismatch|required|missing|empty|failed|rejected|accepted|changed|reset|auth)$/i.test(
          text,
        )
      )
    );
  }
  if (isQuantity(text) && text.length < 12) return false;
  if (namesReference(about.name) && isObjectName(text)) return false;
  if (isProse(text) || (about.isMessage && isWord(text))) return false;
  return text.length >= 3;
}

/** A value that begins its line reaches to its end, or to the next blank where it touches its sign (`A=x`): it may hold any mark. */
function reachOf(text: string, { name, separator, after }: Meeting): Reach {
  if (!isLineStart(text, name.from)) return 'word';
  if (/\s/.test(text[after] ?? '')) return 'line';
  return separator === '=' && name.quote === '' ? 'blank' : 'word';
}

/** In running text words follow a colon; in a file the name begins its line. */
function isMessage(text: string, { name, separator }: Meeting): boolean {
  return separator === ':' && name.quote === '' && !isLineStart(text, name.from);
}

function besideName(text: string, named: Value, sense: (name: string) => NameSense): Span | undefined {
  const window = text.slice(named.to, named.to + 240);
  const beside =
    /^\\*["']?\s{0,4},?(?:\s|\\+[nt]|[+-](?=\s)){0,80}\\*["']?(?:value|contents?|default|data)\\*["']?\s{0,8}(?<separator>[:=])/i.exec(
      window,
    ) ?? /^\\*["']?\s{0,8}\/?>(?:\s{0,40}<(?:[\w-]{1,20}:)?(?:\w{0,20}value|string)\b[^<>]{0,80}>)?/i.exec(window);
  if (beside === null) return undefined;
  const after = named.to + beside[0].length;
  const separator = beside.groups?.separator;
  const value = separator === undefined ? elementText(text, after) : valueAfter(text, after, separator, 'line');
  if (value === undefined || !isSecretValue(value, { name: named.text, strength: sense(named.text) })) return undefined;
  return { from: value.from, to: value.to, kind: kindOf(named.text) };
}

function elementText(text: string, from: number): Value | undefined {
  const end = text.indexOf('<', from);
  if (end === -1 || end - from > MAX_VALUE) return undefined;
  return { from, to: end, text: text.slice(from, end), isQuoted: true };
}

/** The name that ends before an offset, behind blanks, quotes, escapes and brackets. */
function nameBefore(text: string, offset: number): Name | undefined {
  let at = offset;
  for (let blanks = 0; blanks < 4 && /[ \t]/.test(text[at - 1] ?? ''); blanks++) at--;
  const closed = at;
  while (at > 0 && closed - at < 40 && /["'`\\\])]/.test(text[at - 1] as string)) at--;
  const quote = /\\*["']/.exec(text.slice(at, closed))?.[0] ?? '';
  const end = at;
  while (at > 0 && end - at < MAX_NAME && NAME_END.test(text[at - 1] as string)) at--;
  if (at === end) return undefined;
  const isSpaced = text[at - 1] === ' ';
  const words = quote === '' || !isSpaced ? '' : (/(?:[A-Za-z]{1,30} ){1,3}$/.exec(text.slice(Math.max(0, at - 80), at))?.[0] ?? '');
  // Escapes of a line break stand before a name without belonging to it.
  const escaped = /^[nrt](?=[A-Za-z_])/.test(text.slice(at, end)) && text[at - 1] === '\\' ? 1 : 0;
  // `; Shared Access Key=`: names of connection strings may hold blanks.
  const spaced =
    quote === '' && isSpaced ? (/(?:^|;)\s{0,2}((?:[A-Za-z]{1,20} ){1,3})$/.exec(text.slice(Math.max(0, at - 64), at))?.[1] ?? '') : words;
  return { text: spaced + text.slice(at + escaped, end).replace(/^[-/$@.]+/, ''), from: at + escaped - spaced.length, quote };
}

/** Whether a name is the first thing on its line, behind indentation, list dashes, the marks of a diff, or `export` and its like. */
function isLineStart(text: string, from: number): boolean {
  const head = text.slice(Math.max(0, from - 200), from);
  const line = head.slice(Math.max(head.lastIndexOf('\n') + 1, head.lastIndexOf('\\n') === -1 ? 0 : head.lastIndexOf('\\n') + 2));
  return /^[\s+-]*(?:export |set |env |ENV |ARG |- )?["'\\]*$/.test(line);
}

/** How far an unquoted value goes: to a mark that ends words, to a blank, to the end of its line. */
type Reach = 'word' | 'blank' | 'line';

/** What says before a quote how the text is encoded or of what type it is: `N'x'` in SQL, `b'x'` in Python, `string(3) "x"` in PHP, `Some("x")`. */
const WRITTEN_AS =
  /^(?:[NE]|[rbfu]{1,2}|string\(\d{1,6}\)\s{0,2}|(?:Some|Ok|Just|Optional|Text|Str|String|Bytes|Password|Secret\w{0,20}|Redacted)\(\s{0,2})(?=\\*["'])/;

/** The value after a separator. */
function valueAfter(text: string, offset: number, separator: string, reach: Reach = 'word'): Value | undefined {
  const wholeLine = reach === 'line';
  let at = offset;
  while (at - offset < 16 && /[ \t]/.test(text[at] ?? '')) at++;
  if (separator === ':' && /^(?:[|>][+-]?\d?[+-]?)?[ \t]*(?:\r?\n|\\n)/.test(text.slice(at, at + 24)) && wholeLine)
    return blockAfter(text, at);
  // `Pwd={x}` of ODBC.
  const braced = separator === '=' ? /^\{([^\s{}"':=,]{3,128})\}/.exec(text.slice(at, at + 140))?.[1] : undefined;
  if (braced !== undefined && /[^a-zA-Z_]/.test(braced)) return { from: at + 1, to: at + 1 + braced.length, text: braced, isQuoted: true };
  if (/[[{(]/.test(text[at] ?? '')) {
    const opened = /^[[({]\s{0,4}(?=\\*["'])/.exec(text.slice(at, at + 8));
    if (opened === null || text[at] === '{') return undefined;
    at += opened[0].length;
  }
  const letters = WRITTEN_AS.exec(text.slice(at, at + 48))?.[0].length ?? 0;
  at += letters;
  if (/^(?:\$\(|`)/.test(text.slice(at, at + 2)) && separator === '=') return undefined;
  const triple = /^(\\*)(["'])\1\2\1\2/.exec(text.slice(at, at + 48))?.[0];
  if (triple !== undefined) {
    const end = text.indexOf(triple, at + triple.length);
    if (end > at + triple.length && end - at < MAX_VALUE)
      return { from: at + triple.length, to: end, text: text.slice(at + triple.length, end), isQuoted: true };
  }
  const quote = /^(\\*)(["'`])/.exec(text.slice(at, at + 48));
  if (quote !== null) {
    const from = at + quote[0].length;
    const end = closingQuote(text, from, quote[0]);
    if (end !== undefined) return { from, to: end, text: text.slice(from, end), isQuoted: true };
  }
  const rest = text.slice(at, at + MAX_VALUE);
  const end = wholeLine
    ? rest.search(/\r|\n|\\n|\s#|\s{2,}--|$/)
    : reach === 'blank'
      ? rest.search(/[\s"'`\\]|[;,](?=\s|$)|$/)
      : rest.search(separator === '=' ? /[\s"'`,;<>\\)\]}]|&(?=[\w.%[\]-]{1,80}=|\W|$)|$/ : /[\s"'`,;<>\\)\]}]|$/);
  const found = rest.slice(0, end === -1 ? rest.length : end).trimEnd();
  return found === '' ? undefined : { from: at, to: at + found.length, text: found, isQuoted: false };
}

/** Where the quote closes that opened with this many backslashes; one escaped further does not. */
function closingQuote(text: string, from: number, quote: string): number | undefined {
  const mark = quote.at(-1) as string;
  const depth = quote.length - 1;
  for (let at = text.indexOf(mark, from); at !== -1 && at - from < MAX_VALUE; at = text.indexOf(mark, at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (slashes === depth || (slashes < depth && slashes % 2 === 1)) return at - slashes;
    if (depth === 0 && slashes % 2 === 0) return at;
  }
  return undefined;
}

/** A block scalar, or a value on the line below: every line that is indented further. */
function blockAfter(text: string, at: number): Value | undefined {
  const head = /^(?:[|>][+-]?\d?[+-]?)?[ \t]*(?:\r?\n|\\n)/.exec(text.slice(at, at + 24))?.[0] ?? '';
  const isBlock = /^[|>]/.test(head);
  const from = at + head.length;
  const above = text.slice(Math.max(0, at - 240), at);
  const line = above.slice(Math.max(above.lastIndexOf('\n') + 1, above.lastIndexOf('\\n') === -1 ? 0 : above.lastIndexOf('\\n') + 2));
  const indent = /^[+-]?\s*(?:- )?/.exec(line)?.[0].length ?? 0;
  let to = from;
  while (to - from < MAX_VALUE && to < text.length) {
    const next = lineAt(text, to);
    const own = /^[+-]?\s*/.exec(next)?.[0].replace(/\n/g, '').length ?? 0;
    if (next.trim() !== '' && own <= indent) break;
    if (!isBlock && /^\s*(?:-\s|[\w.-]+:(?:\s|$))/.test(next)) break;
    to += next.length;
    if (!isBlock) break;
  }
  const found = text.slice(from, to).replace(/\s+$/, '');
  const blank = /^\s*/.exec(found)?.[0].length ?? 0;
  if (found.trim() === '') return undefined;
  return { from: from + blank, to: from + found.length, text: found.slice(blank), isQuoted: true };
}

/** The line that begins at an offset, with its break, real or escaped. */
function lineAt(text: string, from: number): string {
  const rest = text.slice(from, from + 2048);
  return /^[\s\S]*?(?:\n|\\n)/.exec(rest)?.[0] ?? rest;
}

const FLAG = /(?:^|[\s"'[,])--?([A-Za-z][\w.-]{1,80})(?:[ \t]{1,4}|\\{0,8}["'],\s{0,20}\\{0,8}["'])/g;

/** `--password x`, and the same as two entries of a list. */
function findFlags(text: string, hinted: Hinted, sense: (name: string) => NameSense): readonly Span[] {
  const spans: Span[] = [];
  for (const match of matchesIn(text, FLAG, hinted)) {
    const name = match[1] as string;
    const strength = sense(name);
    if (strength === 'none') continue;
    const at = match.index + match[0].length;
    const value = valueAfter(text, at, '=');
    if (value === undefined || value.text.startsWith('-')) continue;
    const isSentence = isWord(value.text) && /^[ \t]+[a-z]/.test(text.slice(value.to, value.to + 4)) && !namesPassword(name);
    if (!isSentence && isSecretValue(value, { name, strength })) spans.push({ from: value.from, to: value.to, kind: 'flag' });
  }
  return spans;
}

const ELEMENT = /<(?:[\w-]{1,40}:)?([A-Za-z][\w.-]{0,80})(?:\s[^<>]{0,300})?>/g;

/** `<password>x</password>` */
function findElements(text: string, hinted: Hinted, sense: (name: string) => NameSense): readonly Span[] {
  if (!text.includes('</')) return [];
  const spans: Span[] = [];
  for (const match of matchesIn(text, ELEMENT, hinted)) {
    const entry = entryOf(text, match, sense);
    if (entry !== undefined) spans.push(entry);
    const strength = sense(match[1] as string);
    if (strength === 'none') continue;
    const value = elementText(text, match.index + match[0].length);
    if (value !== undefined && isSecretValue(value, { name: match[1] as string, strength }))
      spans.push({ from: value.from, to: value.to, kind: kindOf(match[1] as string) });
  }
  return spans;
}

/** `<key>Password</key><string>x</string>`: the name is what one element holds, the value what the next does. */
function entryOf(text: string, match: RegExpExecArray, sense: (name: string) => NameSense): Span | undefined {
  if (!/^(?:key|name|param-name)$/i.test(match[1] as string)) return undefined;
  const named = elementText(text, match.index + match[0].length);
  if (named === undefined || named.text.length > MAX_NAME || sense(named.text) === 'none') return undefined;
  const next = /^<\/[\w:-]{1,60}>\s{0,80}<(?:string|value|param-value|\w{1,20}:value)\b[^<>]{0,80}>/i.exec(
    text.slice(named.to, named.to + 300),
  );
  const value = next === null ? undefined : elementText(text, named.to + next[0].length);
  if (value === undefined || !isSecretValue(value, { name: named.text, strength: sense(named.text) })) return undefined;
  return { from: value.from, to: value.to, kind: kindOf(named.text) };
}

const DIRECTIVE =
  /^[ \t+-]{0,40}(?:set |define |ENV |ARG |export )?([A-Za-z][\w.-]{1,60})[ \t]{1,20}(?:(\\*["'])([^"'\n]{1,512})\2|([^\s"'=:{}()[\];]{3,512}))[ \t]*;?[ \t]*(?:#.*)?$/gm;

/** Directives whose only argument is a password, also where that is made of words. */
const SERVER_PASSWORD = /^(?:requirepass|masterauth|masterpass|default_pass)$/;

/** A directive on a line of its own: `requirepass x`, `secret "x";`. */
function findDirectives(text: string, hinted: Hinted, sense: (name: string) => NameSense): readonly Span[] {
  const spans: Span[] = [];
  for (const match of matchesIn(text, DIRECTIVE, hinted)) {
    const [all, name = '', , quoted, bare] = match;
    const value = quoted ?? bare ?? '';
    const strength = sense(name);
    if (
      strength === 'none' ||
      (bare !== undefined && isWord(value)) ||
      (isObjectName(value) && !/\d/.test(value) && !SERVER_PASSWORD.test(name))
    )
      continue;
    if (!isSecretValue({ text: value, isQuoted: quoted !== undefined }, { name, strength })) continue;
    const from = match.index + all.lastIndexOf(value);
    spans.push({ from, to: from + value.length, kind: kindOf(name) });
  }
  return spans;
}

const INLINE = /(?<![\w.-])([\w-]{3,60})[ \t]{1,4}["']?([^\s"'=:,;()[\]{}<>]{6,512})/g;
const PAIR_LINE = /(?:^|[\s:])"[^"\n]{1,128}"[ \t]{1,8}"([^"\n]{6,512})"[ \t]*$/gm;

/** `insecure-password x` and `with token x` amid a line: only what is no word of a sentence. */
function findNamedInline(text: string, hinted: Hinted, sense: (name: string) => NameSense): readonly Span[] {
  const spans: Span[] = [];
  // What follows a name may itself be one.
  for (const match of matchesIn(text, INLINE, hinted, { step: ([, name = '']) => name.length })) {
    const [all, name = '', value = ''] = match;
    const from = match.index + all.length - value.length;
    if (
      sense(name) !== 'strong' ||
      isQuantity(value) ||
      !(looksRandom(value) || (namesPassword(name) && /\d/.test(value) && /[A-Za-z]/.test(value)) || isMixed(value))
    )
      continue;
    if (isPlausible(value) && !isObjectName(value)) spans.push({ from, to: from + value.length, kind: kindOf(name) });
  }
  return spans;
}

function isMixed(value: string): boolean {
  return isMadeUp(value) && /[a-z]/.test(value) && /[A-Z]/.test(value) && !/[.()]/.test(value);
}

/** Two quoted words on a line: a user and a password, as `chap-secrets` and `userlist.txt` have them. */
function findQuotedPairs(text: string): readonly Span[] {
  if (!/"[ \t]{1,8}"/.test(text)) return [];
  const spans: Span[] = [];
  for (const match of text.matchAll(PAIR_LINE)) {
    const value = match[1] as string;
    const from = match.index + match[0].lastIndexOf(value);
    const isPair = match[0].trim() === lineOf(text, from).trim() && isMadeUp(value);
    if (looksRandom(value) || isPair) spans.push({ from, to: from + value.length, kind: 'password' });
  }
  return spans;
}

function lineOf(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, end === -1 ? text.length : end);
}

/** A password as people make them up: letters with digits, and no name or version. */
function isMadeUp(value: string): boolean {
  const isName = /[-.]/.test(value) && isObjectName(value);
  return value.length >= 8 && /\d/.test(value) && /[A-Za-z]/.test(value) && !/[/\s]|^v?\d+\./.test(value) && !isName && isPlausible(value);
}

const LISTED = /^([ \t+-]{0,40})["']?([\w.-]{2,80})["']?:[ \t]*\n((?:\1[ \t]*- ?[^\n]{0,512}\n?){1,200})/gm;

/** A list below a name: every entry that is a value by itself. */
function findListed(text: string, hinted: Hinted, sense: (name: string) => NameSense): readonly Span[] {
  const spans: Span[] = [];
  for (const match of matchesIn(text, LISTED, hinted, { reach: 2_048 })) {
    const [all, , name = '', list = ''] = match;
    const strength = sense(name);
    if (strength === 'none') continue;
    const start = match.index + all.length - list.length;
    for (const entry of list.matchAll(/- ?["']?([^\s"':#{}[\]][^\n"'#]{2,500}?)["']?[ \t]*(?:#[^\n]*)?$/gm)) {
      const value = entry[1] as string;
      if (/:(?:\s|$)/.test(value) || !isSecretValue({ text: value, isQuoted: false }, { name, strength })) continue;
      const from = start + entry.index + entry[0].indexOf(value);
      spans.push({ from, to: from + value.length, kind: kindOf(name) });
    }
  }
  return spans;
}

const ANNOUNCED_VALUE = '["\'\\u201c`]?([^\\s"\'\\u201c\\u201d`{}()[\\]<>]{8,256})["\'\\u201d`]?[.,]?(?=\\s|$)';
/** `the password is x`; `a password was made for root: x`; a value alone on the line below. */
const ANNOUNCED: readonly RegExp[] = [
  ' (?:(?:for|of) (?:user |the )?\\S{1,64} )?(?:is|was|are|now|set to|lautet|ist|est)(?: now)?:? {1,2}',
  '\\b[^\\n:=]{0,120}:[ \\t]{1,4}',
  '\\b[^\\n]{0,120}:[ \\t]*(?:\\r?\\n){1,3}[ \\t]{0,20}',
].map((between) => new RegExp(`(?<![\\w.-])([\\w-]{3,40})${between}${ANNOUNCED_VALUE}`, 'g'));

/** Secrets that a sentence announces. */
function findAnnounced(text: string, hinted: Hinted, sense: (name: string) => NameSense): readonly Span[] {
  return ANNOUNCED.flatMap((pattern) =>
    [...matchesIn(text, pattern, hinted, { step: ([, name = '']) => name.length })].flatMap((match) => announcedBy(text, match, sense)),
  );
}

/** What is said of a secret that was not accepted: what follows tells why. */
const REFUSED = /fail|invalid|reject|den(?:y|ied)|error|expired|incorrect|wrong|mismatch|not |missing|unknown/i;

function announcedBy(text: string, match: RegExpExecArray, sense: (name: string) => NameSense): readonly Span[] {
  const [all, name = '', value = ''] = match;
  const isAnnounced = looksRandom(value) || (namesPassword(name) && isMadeUp(value) && !REFUSED.test(all.slice(0, -value.length)));
  if (
    !isAnnounced ||
    !isPlausible(value) ||
    (isObjectName(value) && !isMadeUp(value)) ||
    senseOfWords(text, match.index, name, sense) !== 'strong'
  )
    return [];
  if (/:\/\/|^[./]|\.\w{1,4}(?::\d+)?$/.test(value)) return [];
  const from = match.index + all.lastIndexOf(value);
  return [{ from, to: from + value.length, kind: kindOf(name) }];
}

/** `Unseal Key`: what kind of key it is stands before it. */
function senseOfWords(text: string, at: number, name: string, sense: (name: string) => NameSense): NameSense {
  const before = /^keys?$/i.test(name) ? (/[A-Za-z]{2,20} $/.exec(text.slice(Math.max(0, at - 21), at))?.[0] ?? '') : '';
  return sense(before + name);
}

const CELLS = /\|[ \t]{0,20}([\w .-]{2,60}?)[ \t]{0,20}\|[ \t]{0,20}([^\s|]{4,256})(?=[ \t]{0,40}\|)/g;

/** Two cells of a table: a name and its value. */
function findCells(text: string, hinted: Hinted, sense: (name: string) => NameSense): readonly Span[] {
  const spans: Span[] = [];
  for (const match of matchesIn(text, CELLS, hinted)) {
    const [all, name = '', value = ''] = match;
    const isValue = looksRandom(value) || (namesPassword(name) && /\d/.test(value) && /[A-Za-z]/.test(value));
    if (sense(name) !== 'strong' || !isValue || isObjectName(value)) continue;
    const from = match.index + all.length - value.length;
    spans.push({ from, to: from + value.length, kind: kindOf(name) });
  }
  return spans;
}

function kindOf(name: string): string {
  return namesPassword(name) ? 'password' : /token/i.test(name) ? 'token' : /key/i.test(name) ? 'key' : 'secret';
}
