import { isSuccess } from '../../model/outcome.ts';
import { trackRecord } from '../../model/pattern.ts';
import { toTimestamp } from '../../model/timestamp.ts';
import { wilsonLowerBound } from '../../policy/trust.ts';
import { chosenRemedy } from '../chosen-remedy.ts';
import { audit, type Step } from './step.ts';

/** Adds this case to the track record of the pattern it came from. Failures count as much as successes. */
export const learn: Step<'learn'> = async (step) => {
  const { ports, context, state, settings } = step;
  const { verify } = state.results;
  const succeeded = verify !== undefined && isSuccess(verify.outcome);
  const { remedy } = chosenRemedy(state);
  if (!remedy.pattern) return { succeeded };
  const occurrence = { incident: state.incident, at: toTimestamp(context.now()), succeeded };
  const pattern = await ports.patterns.record(remedy.pattern, occurrence, context);
  const record = trackRecord(pattern);
  const bound = (100 * wilsonLowerBound(record)).toFixed(1);
  const summary = `${record.successes} of ${record.successes + record.failures} succeeded, lower bound ${bound} %`;
  await audit(step, { actor: settings.author, action: 'learned', subject: remedy.pattern, detail: { succeeded, trackRecord: summary } });
  return { pattern: remedy.pattern, succeeded, trackRecord: summary };
};
