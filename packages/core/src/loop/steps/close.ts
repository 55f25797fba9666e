import { Tier0Error } from '../../errors/tier0-error.ts';
import { audit, type Step } from './step.ts';

/** Ends the incident. */
export const close: Step<'close'> = async (step) => {
  const { route, settings, state } = step;
  if (route.step !== 'close')
    throw new Tier0Error({ code: 'INTERNAL', message: 'Close without a status.', hint: 'The incident record is out of order.' });
  await audit(step, {
    actor: settings.author,
    action: 'closed',
    subject: state.incident,
    detail: { status: route.status, reason: route.reason },
  });
  return { status: route.status, reason: route.reason };
};
