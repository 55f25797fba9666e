import { decoded } from './find-shapes.ts';
import { isSurelyRandom } from './secret-value.ts';
import type { Span } from './span.ts';
import { TOKEN_SHAPES, type TokenShape } from './token-shapes.ts';

const PREFIXED = TOKEN_SHAPES.filter((shape) => shape.prefix !== '');
const BARE = TOKEN_SHAPES.filter((shape) => shape.prefix === '').map((shape) => ({ ...shape, pattern: new RegExp(`^(?:${shape.rest})`) }));
/** One pass over the text finds where a token may begin; what begins there is looked at more closely. */
const BEGINNING = new RegExp(`(?<![A-Za-z0-9])(?:${PREFIXED.map((shape) => escaped(shape.prefix)).join('|')})`, 'g');
const BY_PREFIX = groupedByPrefix();
/** What could be a token that has no beginning of its own. */
const RUN = /[\w.~:/-]{33,}/g;
/** What each of those has in it. */
const BARE_MARK = /:AA|-us\d|atlasv1|NRAL|[78]Q~|\.[\w-]{6}\.|[12]\/\d{14}/;
/** Longer runs are looked at in pieces. */
const PIECE = 512;

/** Tokens by the form that their issuers gave them. */
export function findTokens(text: string, runs: readonly Run[]): readonly Span[] {
  if (!/[\w.:/~-]{14}/.test(text)) return [];
  const spans: Span[] = [];
  for (const match of text.matchAll(BEGINNING)) {
    const from = match.index;
    const prefix = longestPrefix(text, from, match[0]);
    for (const { kind, rest } of BY_PREFIX.get(prefix) ?? []) {
      rest.lastIndex = from + prefix.length;
      const found = rest.exec(text);
      if (found !== null && hasSubstance(found[0])) spans.push({ from, to: rest.lastIndex, kind });
    }
  }
  for (const [from, run] of runs) {
    if (run.length < 33 || !BARE_MARK.test(run)) continue;
    for (const match of run.matchAll(RUN))
      for (const [piece, at] of pieces(match[0], 33)) spans.push(...findBare(piece, from + match.index + at));
  }
  return spans;
}

/** A token is no word: `sk-learn-compatible-estimators` and `key-value-store-operator` are. */
function hasSubstance(rest: string): boolean {
  return /\d/.test(rest) || (/[a-z]/.test(rest) && /[A-Z]/.test(rest)) || (rest.length >= 16 && !rest.includes('-'));
}

function findBare(run: string, at: number): readonly Span[] {
  for (const { kind, pattern } of BARE) {
    for (const start of starts(run)) {
      const found = pattern.exec(run.slice(start));
      if (found !== null) return [{ from: at + start, to: at + start + found[0].length, kind }];
    }
  }
  return [];
}

/** Where in a run something may begin: at its start and behind every separator, a few of them. */
function starts(run: string): readonly number[] {
  const found = [0];
  for (let at = 1; at < run.length && found.length < 8; at++) if (/[.:/]/.test(run[at - 1] as string)) found.push(at);
  return found;
}

const LETTERS = /[A-Za-z0-9+/_-]{24,}={0,2}/g;

const PUBLIC_BLOCK =
  /-----BEGIN (?:TRUSTED )?(?:CERTIFICATE|PUBLIC KEY|RSA PUBLIC KEY|CERTIFICATE REQUEST|X509 CRL|PGP PUBLIC KEY BLOCK|PGP SIGNATURE|PGP MESSAGE|AGE ENCRYPTED FILE|SSH SIGNATURE)-----[^-]{0,20000}|\bENC\[AES256_GCM,[^\]\n]{0,20000}\]/g;
/** What is said before something random that is public. */
const PUBLIC_BEFORE =
  /(?:\b(?:trace|span|request|correlation)[_-]?id["']?\s{0,2}[=:]\s{0,2}["']?|(?:sha\d*[-:]|SHA256:|h1:|md5[-:])|\bpub(?:lic)?[_-]?key["']?\s{0,2}[=:]\s{0,2}["']?|\b(?:fingerprint|thumbprint|digest|checksum|integrity|etag|sha\d{1,3}(?:sum)?)["']?\s{0,2}[=:]?\s{0,2}["']?|data:(?:image|font|audio|video)\/[\w.+-]{1,24};base64,)$/i;

/** Long runs that chance made, whatever stands around them. */
export function findRandom(text: string, runs: readonly Run[]): readonly Span[] {
  const spans: Span[] = [];
  const open = /-----BEGIN|ENC\[AES/.test(text)
    ? [...text.matchAll(PUBLIC_BLOCK)].map(({ index, 0: block }) => [index, index + block.length] as const)
    : [];
  for (const [run, at] of runs.flatMap(lettersIn)) {
    if (isInsidePath(text, at, run)) continue;
    for (const part of run.matchAll(/[A-Za-z0-9+/_]+={0,2}/g)) {
      if (!isSurelyRandom(part[0])) continue;
      const from = at + part.index;
      if (PUBLIC_BEFORE.test(text.slice(Math.max(0, from - 64), from)) || isReadable(part[0])) continue;
      if (open.some(([begin, end]) => begin <= from && from < end)) continue;
      spans.push({ from, to: from + part[0].length, kind: 'random' });
    }
  }
  return spans;
}

/** A stretch without blanks and quotes, and where it begins. */
export type Run = readonly [from: number, text: string];

/** Which letters tokens are made of, by their code. */
const OF_TOKEN = Uint8Array.from({ length: 128 }, (_, code) => (/[\w.~:/+=-]/.test(String.fromCharCode(code)) ? 1 : 0));
const LEAST = 24;

/** Stretches long enough to be a token by themselves. One pass, without an expression: every letter of every log comes by here. */
export function longRuns(text: string): readonly Run[] {
  const runs: Run[] = [];
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : 0;
    if (code < 128 && OF_TOKEN[code] === 1) continue;
    if (at - from >= LEAST) runs.push([from, text.slice(from, at)]);
    from = at + 1;
  }
  return runs;
}

function pieces(run: string, least: number): readonly (readonly [piece: string, offset: number])[] {
  if (run.length <= PIECE + 2) return [[run, 0]];
  const found: [string, number][] = [];
  for (let at = 0; at < run.length; at += PIECE) if (run.length - at >= least) found.push([run.slice(at, at + PIECE), at]);
  return found;
}

function lettersIn([from, run]: Run): readonly (readonly [run: string, at: number])[] {
  return [...run.matchAll(LETTERS)].flatMap((match) =>
    pieces(match[0], LEAST).map(([piece, offset]) => [piece, from + match.index + offset] as const),
  );
}

/** Base64 of a text, which was read as such: what is in it decides. */
function isReadable(run: string): boolean {
  const plain = decoded(run);
  return plain !== undefined && /^[\s\x20-\x7e]*$/.test(plain);
}

/** Segments of a path or address are short names; one that is long and random on its own still counts. */
function isInsidePath(text: string, at: number, run: string): boolean {
  const before = text[at - 1];
  return (before === '@' && run.length < 80) || (run.includes('/') && Math.max(...run.split('/').map((part) => part.length)) < 24);
}

function longestPrefix(text: string, at: number, found: string): string {
  for (const prefix of BY_PREFIX.keys()) if (prefix.length > found.length && text.startsWith(prefix, at)) return prefix;
  return found;
}

function groupedByPrefix(): ReadonlyMap<string, readonly { readonly kind: string; readonly rest: RegExp }[]> {
  const groups = Map.groupBy(PREFIXED, (shape: TokenShape) => shape.prefix);
  return new Map([...groups].map(([prefix, shapes]) => [prefix, shapes.map(({ kind, rest }) => ({ kind, rest: new RegExp(rest, 'y') }))]));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
