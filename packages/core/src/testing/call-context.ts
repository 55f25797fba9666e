import type { CallContext } from '../ports/adapter.ts';

/** A context for tests: a clock that stands at `at` (ISO 8601) unless moved, and a signal that never aborts. */
export function callContext(at = '2026-01-01T00:00:00.000Z', signal: AbortSignal = new AbortController().signal): CallContext {
  const nowMs = Date.parse(at);
  return { signal, now: () => nowMs };
}
