import type { CallContext } from '../ports/adapter.ts';

/** A context that nobody cancels, whose clock stands at `at`: ISO 8601, or milliseconds since the epoch. */
export function testContext(at: string | number = '2026-11-22T12:00:00.000Z'): CallContext {
  const nowMs = typeof at === 'number' ? at : Date.parse(at);
  return { signal: new AbortController().signal, now: () => nowMs };
}
