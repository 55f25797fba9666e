import type { CallContext, EvidenceSource } from '@tier0/core';
import type { ReadLog } from './examine.ts';

/** Asks each source that has logs in turn; undefined when none of them has any. */
export function readLogFrom(sources: readonly EvidenceSource[], context: CallContext): ReadLog | undefined {
  const asked = sources.filter((candidate) => candidate.kinds.includes('logs'));
  if (asked.length === 0) return undefined;
  return async ({ signal: _signal, ...request }) => {
    for (const source of asked) {
      const observation = await source.observe({ kind: 'logs', ...request }, context);
      if (observation.state === 'observed') return observation.lines.join('\n');
    }
    return undefined;
  };
}
