import { Tier0Error } from '../../errors/tier0-error.ts';
import { missingCitations } from '../../model/diagnosis.ts';
import { resultOf, type Step } from './step.ts';

/** Finds root causes in the newest picture of the world. A diagnosis that cites what it does not hold is refused. */
export const diagnose: Step<'diagnose'> = async (step) => {
  const { ports, context, progress } = step;
  const report = await ports.cmdb.refresh(context);
  for (const failure of report.failures) progress(failure);
  const { alerts } = resultOf(step, 'open');
  const diagnosis = await ports.diagnostician.diagnose({ alerts, reader: ports.cmdb.reader() }, context);
  const missing = missingCitations(diagnosis);
  if (missing.length === 0) return { diagnosis };
  throw new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `The diagnosis cites evidence it does not hold: ${missing.join(', ')}.`,
    hint: 'This is a defect of the diagnostician: every cited id must be in its `evidence`.',
  });
};
