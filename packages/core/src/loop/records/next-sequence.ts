import { Tier0Error } from '../../errors/tier0-error.ts';
import type { IncidentEntry } from '../incident-entry.ts';

/** Throws CONFLICT unless `entry` is the one that follows `entries`: two loops on one incident must not interleave. */
export function requireNextSequence(entry: IncidentEntry, entries: readonly IncidentEntry[]): void {
  const expected = (entries.at(-1)?.sequence ?? 0) + 1;
  if (entry.sequence === expected) return;
  throw new Tier0Error({
    code: 'CONFLICT',
    message: `Entry ${entry.sequence} of ${entry.incident} cannot be appended: the next one is ${expected}.`,
    hint: 'Another process is working on this incident. Stop it, then resume.',
  });
}
