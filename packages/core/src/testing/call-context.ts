import type { CallContext } from '../ports/adapter.ts';

/** A context with a fixed clock that nobody cancels. */
export function testContext(nowMs = Date.parse('2026-11-22T12:00:00.000Z')): CallContext {
  return { signal: new AbortController().signal, now: () => nowMs };
}
