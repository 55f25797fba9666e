import { isMap } from '../schema/schema-flaws.ts';
import { NotKnown, UndecidableQuery } from './jmespath/query-value.ts';
import { matchesScalar, matchesWildcard } from './scalars/scalar-pattern.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a pattern says of a value. `skipped`: a condition in it does not hold, so it says nothing. */
export type PatternVerdict = 'matched' | 'skipped' | { readonly differs: string };

const ANCHOR = /^([<=X^+]?)\((.+)\)$/;

/**
 * Matches a value against a pattern of Kyverno: fields that are named must be there and match, lists match entry by entry. Anchors: `(a)` is a
 * condition, `=(a)` a condition that there is such a field, `X(a)` forbids it, `^(a)` wants one entry to match, `<(a)` is a condition for the
 * whole rule. Throws UndecidableQuery where a value that is not known here decides.
 */
export function matchPattern(value: unknown, pattern: unknown, path = ''): PatternVerdict {
  if (value instanceof NotKnown) throw new UndecidableQuery(`${value.what} is not known here`);
  if (isMap(pattern)) return isMap(value) ? matchMap(value, pattern, path) : differs(path, value);
  if (Array.isArray(pattern)) return Array.isArray(value) ? matchList(value, pattern, path) : differs(path, value);
  if (Array.isArray(value)) return first(value.map((entry, index) => matchPattern(entry, pattern, `${path}[${index}]`)));
  return matchesScalar(value, pattern) ? 'matched' : differs(path, value);
}

function differs(path: string, value: unknown): PatternVerdict {
  return { differs: `${path || 'the object'} ${value === undefined ? 'is missing' : 'does not match'}` };
}

function first(verdicts: readonly PatternVerdict[]): PatternVerdict {
  return verdicts.find((verdict) => typeof verdict === 'object') ?? 'matched';
}

/** Anchored fields first: whether a condition holds decides whether the others are looked at. */
function matchMap(value: Fields, pattern: Fields, path: string): PatternVerdict {
  const entries = Object.entries(pattern).map(([key, inner]) => {
    const [, sign, name = key] = ANCHOR.exec(key) ?? [];
    return { sign, name, inner };
  });
  for (const { sign, name, inner } of entries.filter((entry) => entry.sign !== undefined)) {
    const verdict = matchAnchored(value, { sign: sign ?? '', name, inner }, path);
    if (verdict !== 'matched') return verdict;
  }
  for (const { name, inner } of entries.filter((entry) => entry.sign === undefined)) {
    const verdict = matchField(value, name, inner, path);
    if (verdict !== 'matched') return verdict;
  }
  return 'matched';
}

function matchField(value: Fields, name: string, inner: unknown, path: string): PatternVerdict {
  const keys = keysOf(value, name);
  if (keys.length === 0) return differs(`${path}.${name}`, undefined);
  const verdicts = keys.map((key) => matchPattern(value[key], inner, path === '' ? key : `${path}.${key}`));
  return verdicts.find((verdict) => verdict !== 'matched') ?? 'matched';
}

/** The keys that a name with wildcards means; all of them have to match. */
function keysOf(value: Fields, name: string): readonly string[] {
  return /[*?]/.test(name) ? Object.keys(value).filter((key) => matchesWildcard(name, key)) : [name];
}

interface Anchored {
  readonly sign: string;
  readonly name: string;
  readonly inner: unknown;
}

function matchAnchored(value: Fields, anchored: Anchored, path: string): PatternVerdict {
  const keys = keysOf(value, anchored.name);
  if (keys.length === 0) return anchored.sign === '' || anchored.sign === '<' ? 'skipped' : 'matched';
  const verdicts = keys.map((name) => matchAnchoredKey(value, { ...anchored, name }, path));
  return verdicts.find((verdict) => typeof verdict === 'object') ?? verdicts.find((verdict) => verdict === 'skipped') ?? 'matched';
}

function matchAnchoredKey(value: Fields, { sign, name, inner }: Anchored, path: string): PatternVerdict {
  const here = path === '' ? name : `${path}.${name}`;
  const found = value[name];
  const isThere = found !== undefined;
  if (sign === 'X') return isThere ? { differs: `${here} must not be there` } : 'matched';
  if (sign === '=') return isThere ? matchPattern(found, inner, here) : 'matched';
  if (sign === '^') return isThere ? matchOne(found, inner, here) : differs(here, found);
  // `(a)` and `<(a)`: where the condition does not hold, or there is nothing to hold, the rest says nothing.
  return isThere && matchPattern(found, inner, here) === 'matched' ? 'matched' : 'skipped';
}

function matchOne(value: unknown, inner: unknown, path: string): PatternVerdict {
  const [pattern] = Array.isArray(inner) ? inner : [inner];
  const entries = Array.isArray(value) ? value : [];
  return entries.some((entry) => matchPattern(entry, pattern, path) === 'matched') ? 'matched' : differs(path, value);
}

/** One pattern for all entries where it is a map; else one for each position. */
function matchList(value: readonly unknown[], pattern: readonly unknown[], path: string): PatternVerdict {
  const [head] = pattern;
  if (pattern.length === 0) return 'matched';
  if (!isMap(head)) return first(pattern.map((entry, index) => matchPattern(value[index], entry, `${path}[${index}]`)));
  const verdicts = value.map((entry, index) => matchPattern(entry, head, `${path}[${index}]`));
  const failed = first(verdicts);
  if (failed !== 'matched') return failed;
  return verdicts.length > 0 && verdicts.every((verdict) => verdict === 'skipped') ? 'skipped' : 'matched';
}
