import type { FileEdit } from '../../model/file-edit.ts';
import type { Remedy } from '../../model/remedy.ts';
import type { LocatedRemedy } from '../incident-entry.ts';
import { DRIFTED } from '../incident-state.ts';
import { resultOf, type Step, type StepContext } from './step.ts';

/** Finds, for each remedy, the files that declare what it edits. One field that is not found refuses the whole remedy. */
export const locate: Step<'locate'> = async (step) => {
  const { remedies } = resultOf(step, 'remedy');
  const located: LocatedRemedy[] = [];
  for (const remedy of remedies) located.push(await locateRemedy(remedy, step));
  return { located };
};

async function locateRemedy(remedy: Remedy, step: StepContext): Promise<LocatedRemedy> {
  const { ports, context } = step;
  const edits: FileEdit[] = [];
  const reasons: string[] = [];
  for (const edit of remedy.edits) {
    const location = await ports.locator.locate({ edit, reader: ports.cmdb.reader() }, context);
    reasons.push(location.reason);
    if (location.status === 'drifted') return { remedy, status: 'refused', reasons: [`${DRIFTED}${location.reason}`] };
    if (location.status !== 'found') return { remedy, status: 'refused', reasons: [location.reason] };
    edits.push(location.edit);
  }
  return { remedy, status: 'located', edits, reasons: [...new Set(reasons)] };
}
