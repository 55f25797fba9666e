import type { Draw } from './draw.ts';

/** One text that carries a secret as it is met in the world, and the parts of it that must not come out. */
export interface Carried {
  readonly text: string;
  readonly secrets: readonly string[];
}

/** A kind of place where secrets stand: what it is called and how one instance of it is written. */
export type SecretKind = readonly [kind: string, write: (draw: Draw) => Carried];

/** A kind of string that looks like a secret and is none: every instance must come out as it went in. */
export type HarmlessKind = readonly [kind: string, write: (draw: Draw) => string];

export const carry = (text: string, ...secrets: string[]): Carried => ({ text, secrets });

/** A secret has leaked when three fifths of it in a row (six characters at least) can be read. */
export function leaks(output: string, secret: string): boolean {
  const size = Math.min(secret.length, Math.max(6, Math.ceil(secret.length * 0.6)));
  for (let start = 0; start + size <= secret.length; start += 1) if (output.includes(secret.slice(start, start + size))) return true;
  return false;
}
