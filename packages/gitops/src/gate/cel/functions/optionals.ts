import { CelError, CelOptional, type CelValue, isCelMap, NONE } from '../values/value.ts';
import { isText, type Library, of } from './overload.ts';

/** Optional values, and the escaping of JSON pointers. `or`, `orValue`, `optMap` and `optFlatMap` are macros. */
export const OPTIONALS: Library = {
  'optional.of': (value) => (value === undefined ? undefined : new CelOptional(value)),
  'optional.none': () => NONE,
  'optional.ofNonZeroValue': (value) => (value === undefined || isZero(value) ? NONE : new CelOptional(value)),
  '.hasValue': of(CelOptional, ({ value }) => value !== undefined),
  '.value': of(CelOptional, ({ value }) => {
    if (value === undefined) throw new CelError('optional.none() dereference');
    return value;
  }),
  '.first': (list) => (Array.isArray(list) ? (list.length === 0 ? NONE : new CelOptional(list[0])) : undefined),
  '.last': (list) => (Array.isArray(list) ? (list.length === 0 ? NONE : new CelOptional(list.at(-1))) : undefined),
  'optional.unwrap': (list) => (Array.isArray(list) ? unwrap(list) : undefined),
  '.unwrapOpt': (list) => (Array.isArray(list) ? unwrap(list) : undefined),
  'jsonpatch.escapeKey': (key) => (isText(key) ? key.replaceAll('~', '~0').replaceAll('/', '~1') : undefined),
};

function unwrap(list: readonly CelValue[]): CelValue {
  return list.flatMap((entry) => (entry instanceof CelOptional && entry.value !== undefined ? [entry.value] : []));
}

function isZero(value: CelValue): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isCelMap(value) ? value.size === 0 : value === null || value === '' || value === 0 || value === 0n || value === false;
}
