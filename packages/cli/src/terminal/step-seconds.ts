import type { IncidentEntry, StepName } from '@tier0/core';

/** Real seconds each step took, from the record; the clock may have run `speed` times faster than time. */
export function stepSeconds(entries: readonly IncidentEntry[], speed: number): Readonly<Partial<Record<StepName, number>>> {
  const seconds: Partial<Record<StepName, number>> = {};
  const startedAt = new Map<StepName, number>();
  for (const entry of entries) {
    const at = Date.parse(entry.at);
    if (entry.phase === 'started') startedAt.set(entry.step, startedAt.get(entry.step) ?? at);
    const start = startedAt.get(entry.step);
    if (entry.phase === 'done' && start !== undefined) seconds[entry.step] = (at - start) / 1000 / speed;
  }
  return seconds;
}
