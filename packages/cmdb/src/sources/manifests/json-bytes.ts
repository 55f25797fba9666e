/** Bytes that the structure of JSON is made of; no byte of a character beyond ASCII is one of them. */
export const QUOTE = 0x22;
export const COMMA = 0x2c;
const COLON = 0x3a;
export const ARRAY = 0x5b;
export const ARRAY_END = 0x5d;
export const OBJECT = 0x7b;
const OBJECT_END = 0x7d;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
/** `[` and `{` differ in this bit only, and so do `]` and `}`. */
const CURLY = 0x20;

export function isOpening(code: number): boolean {
  return (code & ~CURLY) === ARRAY;
}

export function isClosing(code: number): boolean {
  return (code & ~CURLY) === ARRAY_END;
}

/** The first place that holds no white space; `end` where there is none. */
export function afterSpace(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && isSpace(bytes[at] as number)) at++;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** The place after the string whose opening quote is at `from`; -1 where it does not end before `end`. What stands in it is not judged. */
export function afterString(bytes: Buffer, from: number, end: number): number {
  for (let at = from + 1; at < end; at++) {
    const code = bytes[at];
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at++;
  }
  return -1;
}

/** Where the value begins, if the string that ends at `after` is a key; else -1. */
export function valueOfKey(bytes: Buffer, after: number, end: number): number {
  const colon = afterSpace(bytes, after, end);
  return colon < end && bytes[colon] === COLON ? afterSpace(bytes, colon + 1, end) : -1;
}

/** Nested more deeply than managed fields are. */
const DEEPEST = 100;

/**
 * The place after the value at `from` when it is surely valid JSON: objects, arrays and strings. -1 for everything else, also where it does
 * not end before `end`.
 */
export function afterSureValue(bytes: Buffer, from: number, end: number, depth = 0): number {
  if (from >= end || depth > DEEPEST) return -1;
  const code = bytes[from];
  if (code === QUOTE) return afterSureString(bytes, from, end);
  return code === OBJECT || code === ARRAY ? afterSureMembers(bytes, from, end, depth) : -1;
}

function afterSureMembers(bytes: Buffer, from: number, end: number, depth: number): number {
  const isObject = bytes[from] === OBJECT;
  const closing = isObject ? OBJECT_END : ARRAY_END;
  let at = afterSpace(bytes, from + 1, end);
  if (at < end && bytes[at] === closing) return at + 1;
  while (at < end) {
    const value = isObject ? afterSureKey(bytes, at, end) : at;
    const after = value === -1 ? -1 : afterSureValue(bytes, value, end, depth + 1);
    if (after === -1) return -1;
    at = afterSpace(bytes, after, end);
    if (at < end && bytes[at] === closing) return at + 1;
    if (at >= end || bytes[at] !== COMMA) return -1;
    at = afterSpace(bytes, at + 1, end);
  }
  return -1;
}

/** The place of the value that the key at `from` names. */
function afterSureKey(bytes: Buffer, from: number, end: number): number {
  const after = bytes[from] === QUOTE ? afterSureString(bytes, from, end) : -1;
  return after === -1 ? -1 : valueOfKey(bytes, after, end);
}

/** Keys of managed fields quote keys; an escape by number does not occur there. */
const ESCAPED: ReadonlySet<number | undefined> = new Set([...'"\\/bfnrt'].map((letter) => letter.charCodeAt(0)));

function afterSureString(bytes: Buffer, from: number, end: number): number {
  for (let at = from + 1; at < end; at++) {
    const code = bytes[at] as number;
    if (code === QUOTE) return at + 1;
    if (code < FIRST_PRINTABLE) return -1;
    if (code === BACKSLASH && (++at >= end || !ESCAPED.has(bytes[at]))) return -1;
  }
  return -1;
}
