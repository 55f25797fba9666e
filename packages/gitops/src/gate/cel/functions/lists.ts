import { calculate, compare, equals, noOverload } from '../values/operators.ts';
import { CelError, type CelValue } from '../values/value.ts';
import { isList, type Library, type Overload } from './overload.ts';

/** The list, set and math libraries. */
export const LISTS: Library = {
  '.isSorted': ofList((list) => list.every((entry, index) => index === 0 || compare(list[index - 1] as CelValue, entry) <= 0)),
  '.sum': ofList((list) => (list.length === 0 ? 0n : list.reduce(plus))),
  '.min': ofList((list) => extreme(list, -1, 'min')),
  '.max': ofList((list) => extreme(list, 1, 'max')),
  '.indexOf': (list, value) => (isList(list) && value !== undefined ? BigInt(list.findIndex((entry) => equals(entry, value))) : undefined),
  '.lastIndexOf': (list, value) =>
    isList(list) && value !== undefined ? BigInt(list.findLastIndex((entry) => equals(entry, value))) : undefined,
  '.distinct': ofList((list) => list.filter((entry, index) => list.findIndex((other) => equals(other, entry)) === index)),
  '.flatten': (list, depth = 1n) => (isList(list) && typeof depth === 'bigint' ? flatten(list, depth) : undefined),
  '.reverse': ofList((list) => list.toReversed()),
  '.sort': ofList((list) => list.toSorted((a, b) => compare(a, b))),
  '.slice': (list, from, to) => {
    if (!isList(list) || typeof from !== 'bigint' || typeof to !== 'bigint') return undefined;
    if (from < 0n || from > to || to > BigInt(list.length)) throw new CelError(`cannot slice(${from}, ${to})`);
    return list.slice(Number(from), Number(to));
  },
  'lists.range': (count) => {
    if (typeof count !== 'bigint') return undefined;
    if (count > 1_000_000n) throw new CelError('operation cancelled: actual cost limit exceeded');
    return Array.from({ length: Number(count > 0n ? count : 0n) }, (_, index) => BigInt(index));
  },
  'sets.contains': ofLists((a, b) => b.every((entry) => holds(a, entry))),
  'sets.intersects': ofLists((a, b) => b.some((entry) => holds(a, entry))),
  'sets.equivalent': ofLists((a, b) => a.every((entry) => holds(b, entry)) && b.every((entry) => holds(a, entry))),
  'math.greatest': (...values) => extreme(onlyList(values), 1, 'math.greatest'),
  'math.least': (...values) => extreme(onlyList(values), -1, 'math.least'),
};

/** Numbers and durations have a sum, texts and lists none. */
function plus(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'string' || isList(a)) throw noOverload('sum', [a, b]);
  return calculate('+', a, b);
}

function onlyList(values: readonly CelValue[]): readonly CelValue[] {
  const [first] = values;
  return values.length === 1 && isList(first) ? first : values;
}

function ofList(apply: (list: readonly CelValue[]) => CelValue): Overload {
  return (list, ...rest) => (isList(list) && rest.length === 0 ? apply(list) : undefined);
}

function ofLists(apply: (a: readonly CelValue[], b: readonly CelValue[]) => boolean): Overload {
  return (a, b, ...rest) => (isList(a) && isList(b) && rest.length === 0 ? apply(a, b) : undefined);
}

function holds(list: readonly CelValue[], value: CelValue): boolean {
  return list.some((entry) => equals(entry, value));
}

function extreme(list: readonly CelValue[], sign: 1 | -1, name: string): CelValue {
  if (list.length === 0) throw new CelError(`${name} called on empty list`);
  return list.reduce((best, entry) => (compare(entry, best) * sign > 0 ? entry : best));
}

function flatten(list: readonly CelValue[], depth: bigint): CelValue {
  if (depth < 0n) throw new CelError('level must be non-negative');
  if (depth === 0n) return list;
  return list.flatMap((entry) => (isList(entry) ? (flatten(entry, depth - 1n) as readonly CelValue[]) : [entry]));
}
