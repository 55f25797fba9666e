import { goFloat, goJson, QueryError } from './query-value.ts';
import type { Reference } from './search.ts';
import { type QueryFunction, signed } from './signature.ts';

type Fields = Readonly<Record<string, unknown>>;
type Key = number | string;
type Ordered = readonly Key[];

/** The functions of JMESPath itself, with the types that Go's reading of it has. */
export const STANDARD_FUNCTIONS: Readonly<Record<string, QueryFunction>> = {
  length: signed('string|array|object', (value: string | readonly unknown[] | Fields) =>
    typeof value === 'string' ? [...value].length : Array.isArray(value) ? value.length : Object.keys(value).length,
  ),
  starts_with: signed('string string', (text: string, part: string) => text.startsWith(part)),
  ends_with: signed('string string', (text: string, part: string) => text.endsWith(part)),
  contains: signed('array|string any', (where: string | readonly unknown[], what: unknown) =>
    typeof where === 'string' ? typeof what === 'string' && where.includes(what) : where.some((entry) => isSame(entry, what)),
  ),
  abs: signed('number', (value: number) => Math.abs(value)),
  ceil: signed('number', (value: number) => Math.ceil(value)),
  floor: signed('number', (value: number) => Math.floor(value)),
  avg: signed('numbers', (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length),
  max: signed('numbers|texts', (values: Ordered) => best(values, (a, b) => a > b)),
  min: signed('numbers|texts', (values: Ordered) => best(values, (a, b) => a < b)),
  max_by: signed('array function', (list: readonly unknown[], by: Reference) => bestBy(list, by, (a, b) => a > b)),
  min_by: signed('array function', (list: readonly unknown[], by: Reference) => bestBy(list, by, (a, b) => a < b)),
  sort: signed('texts|numbers', (values: Ordered) => [...values].sort(order)),
  sort_by: signed('array function', (list: readonly unknown[], by: Reference) => {
    const keyed = keysOf(list, by).map((key, index) => ({ key, entry: list[index] }));
    return keyed.sort((a, b) => order(a.key, b.key)).map(({ entry }) => entry);
  }),
  map: signed('function array', (by: Reference, list: readonly unknown[]) => list.map(by)),
  keys: signed('object', (map: Fields) => Object.keys(map)),
  values: signed('object', (map: Fields) => Object.values(map)),
  merge: signed('object', (...maps: Fields[]) => Object.assign({}, ...maps), true),
  join: signed('string texts', (by: string, texts: readonly string[]) => texts.join(by)),
  reverse: signed('array|string', (value: string | readonly unknown[]) =>
    typeof value === 'string' ? [...value].reverse().join('') : [...value].reverse(),
  ),
  to_array: signed('any', (value: unknown) => (Array.isArray(value) ? value : [value])),
  to_string: signed('any', (value: unknown) => (typeof value === 'string' ? value : goJson(value))),
  to_number: signed('any', (value: unknown) =>
    typeof value === 'number' ? value : typeof value === 'string' ? (goFloat(value) ?? null) : null,
  ),
  not_null: signed('any', (...values: unknown[]) => values.find((value) => value !== null) ?? null, true),
  type: signed('any', (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)),
};

/** Kyverno itself breaks when it is to compare two maps or two lists. */
function isSame(entry: unknown, wanted: unknown): boolean {
  const areBoth = (test: (value: unknown) => boolean) => test(entry) && test(wanted);
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (areBoth(Array.isArray) || areBoth(isObject)) throw new QueryError('contains cannot compare maps or lists');
  return entry === wanted;
}

function order(a: Key, b: Key): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function best(values: Ordered, isBetter: (a: Key, b: Key) => boolean): unknown {
  return values.reduce<Key | null>((found, value) => (found === null || isBetter(value, found) ? value : found), null);
}

function bestBy(list: readonly unknown[], by: Reference, isBetter: (a: Key, b: Key) => boolean): unknown {
  const keys = keysOf(list, by);
  const at = keys.reduce<number>((found, key, index) => (isBetter(key, keys[found] as Key) ? index : found), 0);
  return list[at] ?? null;
}

/** Numbers only, or texts only; where there are fewer than two nobody looks. */
function keysOf(list: readonly unknown[], by: Reference): Ordered {
  if (list.length < 2) return list.map(() => 0);
  const keys = list.map(by);
  const isOrdered = ['number', 'string'].some((type) => keys.every((key) => typeof key === type));
  if (!isOrdered) throw new QueryError('what is sorted by is neither numbers only nor texts only');
  return keys as Ordered;
}
