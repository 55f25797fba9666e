import type { StepResults } from '../incident-entry.ts';
import { resultOf, type Step } from './step.ts';

/** Tries the located remedies on a copy of the snapshot, best first, and stops at the first that passes. */
export const rehearse: Step<'rehearse'> = async (step) => {
  const { ports, context } = step;
  const { diagnosis } = resultOf(step, 'diagnose');
  const { alerts } = resultOf(step, 'open');
  const rehearsals: StepResults['rehearse']['rehearsals'][number][] = [];
  for (const [position, candidate] of resultOf(step, 'locate').located.entries()) {
    if (candidate.status !== 'located') continue;
    const { remedy } = candidate;
    const result = await ports.rehearsal.rehearse({ remedy, alerts, diagnosis, reader: ports.cmdb.reader() }, context);
    rehearsals.push({ remedy: remedy.id, result });
    if (result.passed) return { chosen: position, rehearsals };
  }
  return { rehearsals };
};
