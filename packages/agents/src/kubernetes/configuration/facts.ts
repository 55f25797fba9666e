import { z } from 'zod';

/** A key that a ConfigMap or Secret does not have. */
export type MissingKey = {
  readonly kind: string;
  readonly name: string;
  readonly key: string;
  /** Who needs it, and where that is written; absent where only the kubelet says it. */
  readonly needer?: string | undefined;
  readonly via?: string | undefined;
};

export const MissingKeySchema: z.ZodType<MissingKey> = z.strictObject({
  kind: z.string(),
  name: z.string(),
  key: z.string(),
  needer: z.string().optional(),
  via: z.string().optional(),
});

export function sayMissingKey({ kind, name, key, needer, via }: MissingKey): string {
  const who = needer === undefined ? 'says the kubelet' : `and ${needer} needs it (${via})`;
  return `${kind} ${name} has no key ${key}, ${who}`;
}
