import { Tier0Error, toTier0Error } from '@tier0/core';

/** What one check found. `skipped`: it was not asked for, or something before it failed. */
export type CheckResult =
  | { readonly state: 'ok' | 'skipped'; readonly name: string; readonly detail: string }
  | { readonly state: 'warning' | 'failed'; readonly name: string; readonly detail: string; readonly mend: string };

/** Runs one check; what it throws is what it found. */
export async function check(name: string, look: () => Promise<string> | string): Promise<CheckResult> {
  try {
    return { state: 'ok', name, detail: await look() };
  } catch (error) {
    const { message, hint } = toTier0Error(error);
    return { state: error instanceof Warning ? 'warning' : 'failed', name, detail: message, mend: hint };
  }
}

/** Something that works less well than it could, and stops nothing. */
export class Warning extends Tier0Error {}

/** Throws what a check found wrong, with how it is mended. */
export function wrong(message: string, hint: string): never {
  throw new Tier0Error({ code: 'INVALID_INPUT', message, hint });
}

/** Throws what a check found that stops nothing. */
export function warn(message: string, hint: string): never {
  throw new Warning({ code: 'INVALID_INPUT', message, hint });
}
