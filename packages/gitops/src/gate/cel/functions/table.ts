import { noOverload } from '../values/operators.ts';
import { CelUndecidable, CelUnknown, type CelValue, undecidable } from '../values/value.ts';
import { CONVERSIONS } from './conversions.ts';
import { NAMED_FORMATS } from './format.ts';
import { LISTS } from './lists.ts';
import { NETWORK } from './network.ts';
import { OPTIONALS } from './optionals.ts';
import type { Library, Overload } from './overload.ts';
import { QUANTITIES } from './quantity.ts';
import { REGULAR } from './regular.ts';
import { SEMVERS } from './semver.ts';
import { TEXT } from './text.ts';
import { TIME } from './time.ts';
import { URLS } from './url.ts';

/** The standard functions of CEL and the libraries that Kubernetes adds to them, by name. */
const LIBRARIES: readonly Library[] = [
  CONVERSIONS,
  TEXT,
  LISTS,
  REGULAR,
  TIME,
  QUANTITIES,
  NETWORK,
  URLS,
  SEMVERS,
  NAMED_FORMATS,
  OPTIONALS,
];

const OVERLOADS = new Map<string, readonly Overload[]>();
for (const library of LIBRARIES) {
  for (const [name, overload] of Object.entries(library)) OVERLOADS.set(name, [...(OVERLOADS.get(name) ?? []), overload]);
}

const NAMESPACES: ReadonlySet<string> = new Set([
  'cel',
  ...[...OVERLOADS.keys()].flatMap((name) => (name.indexOf('.') > 0 ? [name.slice(0, name.indexOf('.'))] : [])),
]);

/** Whether a name stands before functions: `sets` in `sets.contains(a, b)`. */
export function isNamespace(name: string): boolean {
  return NAMESPACES.has(name);
}

/** Whether there is a function of this name. */
export function isFunction(name: string): boolean {
  return OVERLOADS.has(name);
}

/** Calls a function. Throws CelUndecidable for one that is not known here, by its name. */
export function callFunction(name: string, values: readonly CelValue[]): CelValue {
  const unknown = values.find((value) => value instanceof CelUnknown);
  if (unknown) throw undecidable(unknown);
  const overloads = OVERLOADS.get(name);
  if (!overloads) throw new CelUndecidable(`the function ${name.replace(/^\./, '')} is not known here`);
  for (const overload of overloads) {
    const result = overload(...values);
    if (result !== undefined) return result;
  }
  throw noOverload(name.replace(/^\./, ''), values);
}
