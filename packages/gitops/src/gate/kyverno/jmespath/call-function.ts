import { KYVERNO_FUNCTIONS } from './kyverno-functions.ts';
import { MOMENTS } from './moments.ts';
import { mustBeKnown, QueryError, UndecidableQuery } from './query-value.ts';
import type { QueryFunction, QueryType } from './signature.ts';
import { STANDARD_FUNCTIONS } from './standard-functions.ts';

const FUNCTIONS: ReadonlyMap<string, QueryFunction> = new Map(Object.entries({ ...STANDARD_FUNCTIONS, ...KYVERNO_FUNCTIONS, ...MOMENTS }));

/** Functions that do not look at what is inside. */
const ONLY_KEYS: ReadonlySet<string> = new Set(['keys', 'length']);

/** Calls a function of JMESPath or of Kyverno. Throws QueryError for wrong arguments, UndecidableQuery for a function that is not known here. */
export function callQueryFunction(name: string, values: readonly unknown[]): unknown {
  const found = FUNCTIONS.get(name);
  if (!found) throw new UndecidableQuery(`the function ${name} is not known here`);
  const { takes, variadic = false } = found;
  if (variadic ? values.length < takes.length : values.length !== takes.length)
    throw new QueryError(`${name} takes ${takes.length} arguments, not ${values.length}`);
  for (const [index, value] of values.entries()) {
    const types = takes[Math.min(index, takes.length - 1)] ?? [];
    if (!types.some((type) => isOf(value, type))) throw new QueryError(`argument ${index + 1} of ${name} is no ${types.join(' or ')}`);
  }
  if (!ONLY_KEYS.has(name)) values.forEach(mustBeKnown);
  const value = found.apply(...(values as never[]));
  if (typeof value === 'number' && !Number.isFinite(value)) throw new QueryError(`${name} comes to no number`);
  return value;
}

function isOf(value: unknown, type: QueryType): boolean {
  switch (type) {
    case 'any':
      return typeof value !== 'function';
    case 'array':
      return Array.isArray(value);
    case 'numbers':
      return Array.isArray(value) && value.every((entry) => typeof entry === 'number');
    case 'texts':
      return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
