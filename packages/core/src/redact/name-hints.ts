/** Stretches of a text where a match may begin. */
export interface Hinted {
  readonly windows: readonly (readonly [from: number, to: number])[];
  /** Whether a name that gives its value away may end at an offset. Offsets are asked in rising order. */
  near(offset: number): boolean;
  /** Whether one follows somewhat later. */
  ahead(offset: number): boolean;
}

/** Parts of names by which they give a value away; every name of which `senseOfName` says more than `none` holds one of them. */
const LONG =
  'pass|pwd|secret|token|cred|psk|jwt|bearer|auth|key|htpasswd|dockerconfigjson|mnemonic|motdepasse|contrase|wachtwoord|senha|heslo|haslo|parola|salasana|losenord|adgangskode|jelszo|lozinka|sifre|session|cookie|signature|pepper|rootpw|dbpw|bindpw|mysqlpwd|otp|hmac|encrypt|appid|' +
  '[^\\x00-\\x7f]';
const SHORT = ['pw', 'sig', 'salt', 'seed', 'pin', 'sas', 'totp', 'pk', 'cvv', 'cvc'];
const words = SHORT.flatMap((word) => [
  `(?<![a-z])${word}(?![a-z])`,
  `${capital(word)}(?![a-z])`,
  `(?<![A-Z])${word.toUpperCase()}(?![A-Z])`,
]);
const HINT = new RegExp(`${insensitive(LONG)}|${words.join('|')}`, 'g');
const [BEFORE, AFTER] = [256, 64];
/** The value between a name above and its `value:`, at most. */
const FAR = 20_000;

/** Everywhere: what is found without looking for names first. */
export function everywhere(text: string): Hinted {
  return { windows: [[0, text.length]], near: () => true, ahead: () => true };
}

/** Around the parts of names that give a value away. One pass. */
export function nameHints(text: string): Hinted {
  const positions: number[] = [];
  HINT.lastIndex = 0;
  for (let match = HINT.exec(text); match !== null; match = HINT.exec(text)) positions.push(match.index);
  let at = 0;
  const first = (offset: number) => {
    while (at > 0 && (positions[at - 1] as number) >= offset) at--;
    while (at < positions.length && (positions[at] as number) < offset) at++;
    return positions[at] ?? Number.POSITIVE_INFINITY;
  };
  return {
    windows: windowsAround(positions, text),
    near: (offset) => first(offset - BEFORE) <= offset + AFTER,
    ahead: (offset) => first(offset) <= offset + FAR,
  };
}

function windowsAround(positions: readonly number[], text: string): readonly (readonly [number, number])[] {
  const windows: [number, number][] = [];
  for (const position of positions) {
    const last = windows.at(-1);
    const from = Math.max(0, position - BEFORE);
    if (last !== undefined && from <= last[1]) last[1] = position + AFTER;
    else windows.push([Math.max(from, text.lastIndexOf('\n', position), 0), position + AFTER]);
  }
  return windows;
}

/** What a match may reach past its window; it ends with a line where lines are that short. */
const REACH = 640;

interface Stepping {
  /** Letters after which the next match may begin; by default the whole match. */
  readonly step?: (match: RegExpExecArray) => number;
  /** Default 640. */
  readonly reach?: number;
}

/** Every match of a pattern (with the flag `g`) that begins in a window; its index counts from the beginning of the text. */
export function* matchesIn(
  text: string,
  pattern: RegExp,
  { windows }: Hinted,
  { step, reach = REACH }: Stepping = {},
): Generator<RegExpExecArray> {
  let done = 0;
  for (const [from, to] of windows) {
    // The letter before is kept, or what must stand at the beginning of a line would be found in its middle.
    const start = Math.max(0, Math.max(from, done) - 1);
    const newline = text.indexOf('\n', to + reach);
    const part = text.slice(start, newline === -1 || newline > to + 16 * reach ? to + 16 * reach : newline);
    pattern.lastIndex = Math.max(from, done) - start;
    for (let match = pattern.exec(part); match !== null && match.index + start <= to; match = pattern.exec(part)) {
      const next = match.index + Math.max(1, step?.(match) ?? match[0].length);
      match.index += start;
      yield match;
      pattern.lastIndex = next;
      done = next + start;
    }
  }
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** Letters in either case, without the flag, which the short words cannot have. */
function insensitive(source: string): string {
  return source.replace(/\\x[\da-f]{2}|[a-z]/g, (letter) => (letter.length > 1 ? letter : `[${letter}${letter.toUpperCase()}]`));
}
