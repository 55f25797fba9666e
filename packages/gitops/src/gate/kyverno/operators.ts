import { isDeepStrictEqual } from 'node:util';
import { parseExactQuantity } from '../cel/functions/quantity.ts';
import { compareSemver, parseSemver } from '../cel/functions/semver.ts';
import { goFloat, goText, mustBeKnown, UndecidableQuery } from './jmespath/query-value.ts';
import { durationOf } from './scalars/go-duration.ts';
import { isRange, matchesScalar, matchesWildcard } from './scalars/scalar-pattern.ts';

type Operator = (key: unknown, value: unknown) => boolean;

/** The operators of Kyverno's conditions, by their names in lower case. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  equal: isEqual,
  equals: isEqual,
  notequal: isNotEqual,
  notequals: isNotEqual,
  in: (key, value) => isIn(key, value, 'In'),
  notin: (key, value) => isIn(key, value, 'NotIn'),
  anyin: (key, value) => isIn(key, value, 'AnyIn'),
  allin: (key, value) => isIn(key, value, 'AllIn'),
  anynotin: (key, value) => isIn(key, value, 'AnyNotIn'),
  allnotin: (key, value) => isIn(key, value, 'AllNotIn'),
  greaterthan: (key, value) => isOrdered(key, value, (sign) => sign > 0),
  greaterthanorequals: (key, value) => isOrdered(key, value, (sign) => sign >= 0),
  lessthan: (key, value) => isOrdered(key, value, (sign) => sign < 0),
  lessthanorequals: (key, value) => isOrdered(key, value, (sign) => sign <= 0),
  durationgreaterthan: (key, value) => areDurations(key, value, (sign) => sign > 0),
  durationgreaterthanorequals: (key, value) => areDurations(key, value, (sign) => sign >= 0),
  durationlessthan: (key, value) => areDurations(key, value, (sign) => sign < 0),
  durationlessthanorequals: (key, value) => areDurations(key, value, (sign) => sign <= 0),
};

/** Whether a condition holds, with variables already replaced by what they stand for. Throws UndecidableQuery for an operator that is not known. */
export function conditionHolds(operator: string, key: unknown, value: unknown): boolean {
  const name = operator.toLowerCase();
  const found = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (!found) throw new UndecidableQuery(`the operator ${JSON.stringify(operator)} is not known here`);
  mustBeKnown([key, value]);
  return found(key ?? null, value ?? null);
}

/** Nanoseconds of both where one of them is written as a duration; a number then counts seconds. */
function durations(key: unknown, value: unknown): readonly [bigint, bigint] | undefined {
  const [left, right] = [writtenDuration(key), writtenDuration(value)];
  if (left === undefined && right === undefined) return undefined;
  const [a, b] = [left ?? secondsOf(key), right ?? secondsOf(value)];
  return a === undefined || b === undefined ? undefined : [a, b];
}

function writtenDuration(value: unknown): bigint | undefined {
  return typeof value === 'string' && value !== '0' ? durationOf(value) : undefined;
}

function secondsOf(value: unknown): bigint | undefined {
  return typeof value === 'number' ? BigInt(Math.trunc(value)) * 1_000_000_000n : undefined;
}

/** Null is equal to nothing, and not unequal either. */
function isEqual(key: unknown, value: unknown): boolean {
  if (key === null) return false;
  if (typeof key === 'string') return isEqualText(key, value) ?? false;
  if (typeof key === 'number') return typeof value === 'string' ? goFloat(value) === key : value === key;
  return isDeepStrictEqual(key, value);
}

function isNotEqual(key: unknown, value: unknown): boolean {
  if (key === null) return false;
  if (typeof key !== 'string') return !isEqual(key, value);
  // A quantity beside a text that is none is neither equal nor unequal, unless the text is empty.
  const equal = isEqualText(key, value);
  return equal === undefined ? value === '' : !equal;
}

/** Undefined: a quantity beside a text that is none. */
function isEqualText(key: string, value: unknown): boolean | undefined {
  const spans = durations(key, value);
  if (spans) return spans[0] === spans[1];
  if (typeof value !== 'string') return false;
  const size = parseExactQuantity(key);
  if (!size) return matchesWildcard(value, key);
  return parseExactQuantity(value)?.equals(size);
}

type Membership = 'In' | 'NotIn' | 'AnyIn' | 'AllIn' | 'AnyNotIn' | 'AllNotIn';

/** Membership of one value or of a list of them; both sides may be written with wildcards. What is no list of texts is never a member, nor none. */
function isIn(key: unknown, value: unknown, how: Membership): boolean {
  if (key === null || (typeof key === 'object' && !Array.isArray(key))) return false;
  const isNegative = how.includes('Not');
  if (!Array.isArray(key)) {
    const found = isOneOf(goText(key), value, how);
    return found === undefined ? false : isNegative ? !found : found;
  }
  if (/^(?:In|NotIn)$/.test(how) && key.some((entry) => typeof entry !== 'string'))
    throw new UndecidableQuery(`${how} takes texts only; Kyverno itself fails on ${goText(key)}`);
  return areIn(key.map(goText), value, how);
}

function isOneOf(key: string, value: unknown, how: Membership): boolean | undefined {
  if (Array.isArray(value)) return value.map(goText).some((entry) => areAlike(entry, key));
  if (typeof value !== 'string') return undefined;
  if (matchesWildcard(value, key)) return true;
  if (!/^(?:In|NotIn)$/.test(how) && isRange(value)) return matchesScalar(key, value);
  return listIn(value, how)?.includes(key);
}

function areIn(keys: readonly string[], value: unknown, how: Membership): boolean {
  if (typeof value === 'string') {
    // Kyverno's NotIn says yes here too, where it ought to say no.
    if (keys.length === 1 && keys[0] === value) return !how.includes('Not') || how === 'NotIn';
    if (!/^(?:In|NotIn)$/.test(how) && isRange(value)) return areInRange(keys, value, how);
  }
  const values = valuesOf(value, how);
  if (values === undefined) return false;
  // The two old operators take no wildcards in lists; their NotIn wants one that is missing, not all of them.
  if (how === 'In') return keys.every((key) => values.includes(key));
  if (how === 'NotIn') return keys.some((key) => !values.includes(key));
  const isThere = (key: string) => values.some((entry) => areAlike(entry, key));
  if (how === 'AnyIn') return keys.some(isThere);
  if (how === 'AnyNotIn') return keys.some((key) => !isThere(key));
  return how === 'AllIn' ? keys.every(isThere) : !keys.some(isThere);
}

function areInRange(keys: readonly string[], range: string, how: Membership): boolean {
  if (how === 'AnyIn') return keys.some((key) => matchesScalar(key, range));
  if (how === 'AnyNotIn') return keys.some((key) => matchesScalar(key, range.replace('-', '!-')));
  return how === 'AllIn' ? keys.every((key) => matchesScalar(key, range)) : !keys.some((key) => matchesScalar(key, range));
}

function valuesOf(value: unknown, how: Membership): readonly string[] | undefined {
  if (Array.isArray(value)) {
    const isStrict = /^(?:In|NotIn)$/.test(how);
    return isStrict && value.some((entry) => typeof entry !== 'string') ? undefined : value.map(goText);
  }
  if (typeof value === 'string') return listIn(value, how);
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  return isScalar && how.startsWith('Any') ? [goText(value)] : undefined;
}

/** A text may be a list of texts in JSON; other JSON is no list, and what is no JSON stands for itself. */
function listIn(text: string, how: Membership): readonly string[] | undefined {
  try {
    const read: unknown = JSON.parse(text);
    if (read === null) return [];
    return Array.isArray(read) && read.every((entry) => typeof entry === 'string' || entry === null)
      ? read.map((entry) => entry ?? '')
      : undefined;
  } catch {
    return /^(?:In|NotIn)$/.test(how) ? undefined : [text];
  }
}

function areAlike(a: string, b: string): boolean {
  return matchesWildcard(a, b) || matchesWildcard(b, a);
}

type Sign = (sign: number) => boolean;

/** Durations, quantities, numbers and versions, in this order of reading; what cannot be compared is in no order. */
function isOrdered(key: unknown, value: unknown, holds: Sign): boolean {
  if (typeof key !== 'string' && typeof key !== 'number') return false;
  const spans = durations(key, value);
  if (spans) return holds(signOf(spans[0], spans[1]));
  if (typeof key === 'string') {
    const [left, right] = [parseExactQuantity(key), typeof value === 'string' ? parseExactQuantity(value) : undefined];
    if (left && right) return holds(left.compareTo(right));
  }
  if (typeof key === 'string') {
    const number = goFloat(key);
    if (number !== undefined) return isOrdered(number, value, holds);
  } else {
    const limit = typeof value === 'string' ? goFloat(value) : value;
    return typeof limit === 'number' && holds(signOf(key, limit));
  }
  const [version, other] = [key, value].map((one) => (typeof one === 'string' ? parseSemver(one) : undefined));
  return version !== undefined && other !== undefined && holds(compareSemver(version, other));
}

function areDurations(key: unknown, value: unknown, holds: Sign): boolean {
  const [left, right] = [key, value].map((one) => (typeof one === 'string' ? durationOf(one) : secondsOf(one)));
  return left !== undefined && right !== undefined && holds(signOf(left, right));
}

function signOf<T extends number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
