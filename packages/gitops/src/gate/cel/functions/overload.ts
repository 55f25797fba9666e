import type { CelValue } from '../values/value.ts';

/** One form of a function: what it gives for arguments that it takes, undefined for others. */
export type Overload = (...args: readonly CelValue[]) => CelValue | undefined;

/** Functions by name; a dot before it means that it is called on its first argument (`.contains`), one inside it a namespace (`sets.contains`). */
export type Library = Readonly<Record<string, Overload>>;

export function isText(value: CelValue | undefined): value is string {
  return typeof value === 'string';
}

export function isList(value: CelValue | undefined): value is readonly CelValue[] {
  return Array.isArray(value);
}

/** A function of one text. */
export function ofText(apply: (text: string) => CelValue): Overload {
  return (text, ...rest) => (typeof text === 'string' && rest.length === 0 ? apply(text) : undefined);
}

/** A function of one value of a library's class. */
export function of<T extends CelValue>(type: abstract new (...args: never[]) => T, apply: (value: T) => CelValue): Overload {
  return (value, ...rest) => (value instanceof (type as never) && rest.length === 0 ? apply(value as T) : undefined);
}

/** A function of two values of a library's class. */
export function ofTwo<T extends CelValue>(type: abstract new (...args: never[]) => T, apply: (a: T, b: T) => CelValue): Overload {
  return (a, b, ...rest) =>
    a instanceof (type as never) && b instanceof (type as never) && rest.length === 0 ? apply(a as T, b as T) : undefined;
}
