import { Tier0Error } from '../../errors/tier0-error.ts';
import { type Diagnosis, missingCitations } from '../../model/diagnosis.ts';
import { pause } from '../../time/pause.ts';
import { resultOf, type Step, type StepContext } from './step.ts';

/** Milliseconds between two looks at a world that shows no cause yet. */
const LOOK_AGAIN_MS = 5_000;

/**
 * Finds root causes in the newest picture of the world. While none is seen it looks again, until the time for it is over or what was
 * reported is: an alert may come before the evidence does. A diagnosis that cites what it does not hold is refused.
 */
export const diagnose: Step<'diagnose'> = async (step) => {
  const { context, settings, progress } = step;
  const untilMs = context.now() + (settings.diagnoseTimeoutMs ?? 0);
  for (;;) {
    const diagnosis = await lookOnce(step);
    if (diagnosis.rootCauses.length > 0 || context.now() >= untilMs || step.endedByItself() !== undefined) return { diagnosis };
    progress('no cause is seen yet: looking again');
    await pause(Math.min(LOOK_AGAIN_MS, untilMs - context.now()), context.signal);
  }
};

async function lookOnce(step: StepContext): Promise<Diagnosis> {
  const { ports, context, progress } = step;
  const report = await ports.cmdb.refresh(context);
  for (const { message } of report.failures) progress(message);
  const { alerts } = resultOf(step, 'open');
  const diagnosis = await ports.diagnostician.diagnose({ alerts, reader: ports.cmdb.reader() }, context);
  const missing = missingCitations(diagnosis);
  if (missing.length === 0) return diagnosis;
  throw new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `The diagnosis cites evidence it does not hold: ${missing.join(', ')}.`,
    hint: 'This is a defect of the diagnostician: every cited id must be in its `evidence`.',
  });
}
