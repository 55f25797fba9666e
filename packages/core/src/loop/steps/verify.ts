import { toTimestamp } from '../../model/timestamp.ts';
import { chosenRemedy } from '../chosen-remedy.ts';
import { audit, resultOf, type Step } from './step.ts';

/** Measures whether the symptom is gone, and whether anything got worse. */
export const verify: Step<'verify'> = async (step) => {
  const { ports, context, state, settings } = step;
  const { proposal } = resultOf(step, 'gate');
  const { alerts } = resultOf(step, 'open');
  const { diagnosis } = resultOf(step, 'diagnose');
  const live = resultOf(step, 'reconcile');
  const { remedy } = chosenRemedy(state);
  const verification = await ports.verifier.verify({ remedy, alerts, diagnosis, cmdb: ports.cmdb, liveAtMs: Date.parse(live.at) }, context);
  const outcome = { proposal: proposal.digest, reconciled: live.status === 'live', ...verification, at: toTimestamp(context.now()) };
  await audit(step, {
    actor: settings.author,
    action: verification.resolved ? 'verified' : 'not-resolved',
    subject: proposal.digest,
    detail: { reasons: verification.reasons, regressions: verification.regressions },
  });
  return { outcome };
};
