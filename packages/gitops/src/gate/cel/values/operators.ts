import {
  CelDuration,
  CelError,
  type CelMap,
  CelOpaque,
  CelOptional,
  CelRecord,
  CelTimestamp,
  CelType,
  CelUint,
  CelUnknown,
  type CelValue,
  isCelMap,
  typeNameOf,
  undecidable,
} from './value.ts';

const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);
const MAX_UINT = 2n ** 64n - 1n;

/** `a == b`: numbers of every type by value, other types never equal each other. */
export function equals(a: CelValue, b: CelValue): boolean {
  for (const value of [a, b]) if (value instanceof CelUnknown) throw undecidable(value);
  const numeric = compareNumbers(a, b);
  if (numeric !== undefined) return numeric === 0;
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((entry, index) => equals(entry, b[index] as CelValue));
  if (isCelMap(a)) return isCelMap(b) && equalMaps(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.from(a).equals(b);
  if (a instanceof CelType) return b instanceof CelType && a.name === b.name;
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && a.nanos === b.nanos;
  if (a instanceof CelDuration) return b instanceof CelDuration && a.nanos === b.nanos;
  if (a instanceof CelOptional) return b instanceof CelOptional && equalOptionals(a, b);
  return a instanceof CelOpaque && b instanceof CelOpaque && a.typeName === b.typeName && a.equals(b);
}

function equalMaps(a: CelMap, b: CelMap): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.has(key) && equals(value, b.get(key) as CelValue));
}

function equalOptionals(a: CelOptional, b: CelOptional): boolean {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return equals(a.value, b.value);
}

/** Sign of a - b; undefined where not both are numbers, NaN where one is none. */
function compareNumbers(a: CelValue, b: CelValue): number | undefined {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left === undefined || right === undefined) return undefined;
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
  return left < right ? -1 : left > right ? 1 : 0;
}

function numberOf(value: CelValue): number | bigint | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return value instanceof CelUint ? value.value : undefined;
}

/** Sign of a - b. Throws where the two have no order. */
export function compare(a: CelValue, b: CelValue, operator = '<'): number {
  const numeric = compareNumbers(a, b);
  if (numeric !== undefined) return numeric;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  const spans = (a instanceof CelTimestamp && b instanceof CelTimestamp) || (a instanceof CelDuration && b instanceof CelDuration);
  if (spans) return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  throw noOverload(operator, [a, b]);
}

/** By code points, as Go compares UTF-8. */
function compareText(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** An operation that its operands do not have. */
export function noOverload(name: string, values: readonly CelValue[]): Error {
  const unknown = values.find((value) => value instanceof CelUnknown);
  if (unknown) return undecidable(unknown);
  return new CelError(`no such overload: ${name}(${values.map(typeNameOf).join(', ')})`);
}

/** `needle in haystack`. */
export function contains(needle: CelValue, haystack: CelValue): boolean {
  if (Array.isArray(haystack)) return haystack.some((entry) => equals(needle, entry));
  // Go's maps cannot look such a key up.
  if (isCelMap(haystack) && haystack.size > 0 && needle instanceof Uint8Array) throw new CelError('bytes are no key of a map');
  if (isCelMap(haystack)) return lookUp(haystack, needle) !== undefined;
  if (haystack instanceof CelRecord && typeof needle === 'string') return haystack.has(needle);
  throw noOverload('@in', [needle, haystack]);
}

/** The value of a key; numbers of every type are looked up by value. */
export function lookUp(map: CelMap, key: CelValue): CelValue | undefined {
  if (typeof key === 'string' || typeof key === 'bigint' || typeof key === 'boolean') return map.get(key);
  if (key instanceof CelUint) return map.get(key.value);
  if (key instanceof CelUnknown) throw undecidable(key);
  return typeof key === 'number' && Number.isInteger(key) ? map.get(BigInt(key)) : undefined;
}

/** `container[key]`; undefined where it is not there. */
export function indexOf(container: CelValue, key: CelValue): CelValue | undefined {
  if (isCelMap(container)) return lookUp(container, key);
  if (container instanceof CelRecord && typeof key === 'string') return container.get(key);
  if (!Array.isArray(container)) throw noOverload('_[_]', [container, key]);
  const position = numberOf(key);
  if (position === undefined || (typeof position === 'number' && !Number.isInteger(position))) throw noOverload('_[_]', [container, key]);
  return container[Number(position)];
}

/** `+ - * / %`. */
export function calculate(operator: string, a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return wholeIn(integer(operator, a, b), MIN_INT, MAX_INT);
  if (a instanceof CelUint && b instanceof CelUint) return new CelUint(wholeIn(integer(operator, a.value, b.value), 0n, MAX_UINT));
  if (typeof a === 'number' && typeof b === 'number' && operator !== '%') return double(operator, a, b);
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') return a + b;
    if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
    if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.concat([a, b]);
  }
  const time = inTime(operator, a, b);
  if (time) return time;
  throw noOverload(`_${operator}_`, [a, b]);
}

function integer(operator: string, a: bigint, b: bigint): bigint {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  if (operator === '*') return a * b;
  if (b === 0n) throw new CelError(operator === '/' ? 'division by zero' : 'modulus by zero');
  return operator === '/' ? a / b : a % b;
}

function wholeIn(value: bigint, least: bigint, most: bigint): bigint {
  if (value < least || value > most) throw new CelError('integer overflow');
  return value;
}

function double(operator: string, a: number, b: number): number {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  return operator === '*' ? a * b : a / b;
}

function inTime(operator: string, a: CelValue, b: CelValue): CelValue | undefined {
  const sign = operator === '+' ? 1n : -1n;
  if (operator !== '+' && operator !== '-') return undefined;
  if (a instanceof CelDuration && b instanceof CelDuration) return new CelDuration(a.nanos + sign * b.nanos);
  if (a instanceof CelTimestamp && b instanceof CelDuration) return new CelTimestamp(a.nanos + sign * b.nanos);
  if (a instanceof CelDuration && b instanceof CelTimestamp && operator === '+') return new CelTimestamp(a.nanos + b.nanos);
  if (a instanceof CelTimestamp && b instanceof CelTimestamp && operator === '-') return new CelDuration(a.nanos - b.nanos);
  return undefined;
}

/** `-x`. */
export function negate(value: CelValue): CelValue {
  if (typeof value === 'bigint') return wholeIn(-value, MIN_INT, MAX_INT);
  if (typeof value === 'number') return -value;
  if (value instanceof CelDuration) return new CelDuration(-value.nanos);
  throw noOverload('-_', [value]);
}
