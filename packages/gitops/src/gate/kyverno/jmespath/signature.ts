/** Types that functions tell apart; `function` is an expression (`&name`). */
export type QueryType = 'any' | 'string' | 'number' | 'array' | 'object' | 'numbers' | 'texts' | 'function';

/** A function with the types that each of its arguments may have. */
export interface QueryFunction {
  readonly takes: readonly (readonly QueryType[])[];
  /** The last argument may come any number of times. */
  readonly variadic?: boolean;
  readonly apply: (...values: never[]) => unknown;
}

const TYPES: Readonly<Record<string, readonly QueryType[]>> = {
  any: ['any'],
  string: ['string'],
  number: ['number'],
  array: ['array'],
  object: ['object'],
  function: ['function'],
};

/** A function whose signature is written as words: `signed('string number', apply)`; `|` separates types of one argument. */
export function signed(types: string, apply: (...values: never[]) => unknown, variadic = false): QueryFunction {
  const takes = types
    .split(' ')
    .filter(Boolean)
    .map((type) => TYPES[type] ?? (type.split('|') as QueryType[]));
  return { takes, apply, variadic };
}
