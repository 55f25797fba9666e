import { Tier0Error } from '@tier0/core';

const RAW = Symbol.for('tier0.eval.rawOutput');

/** A failure of a tool that keeps what the tool had said until then. */
export function withRawOutput(error: Tier0Error, raw: string): Tier0Error {
  Object.defineProperty(error, RAW, { value: raw, enumerable: false });
  return error;
}

/** What a tool had said before it failed; empty when nothing is known. */
export function rawOutputOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const raw = (error as { readonly [RAW]?: unknown })[RAW];
  if (typeof raw === 'string') return raw;
  return error instanceof Tier0Error && error.cause !== undefined ? rawOutputOf(error.cause) : '';
}
