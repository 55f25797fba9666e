import type { z } from 'zod';

type DeepReadonly<T> = unknown extends T
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
      : T;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? unknown : never) : never;

/**
 * Ties a hand-written interface to its zod schema: the build stops when the two differ.
 * `exactly<Evidence>()(z.strictObject({ ... }))` returns the schema typed as `z.ZodType<Evidence>`.
 */
export function exactly<Noun>() {
  return <Schema extends z.ZodType>(schema: Schema & Same<DeepReadonly<Noun>, DeepReadonly<z.output<Schema>>>): z.ZodType<Noun> =>
    schema as unknown as z.ZodType<Noun>;
}
