import { Tier0Error } from '../../errors/tier0-error.ts';
import { audit, type Step } from './step.ts';

/** Turns alerts into an incident. */
export const open: Step<'open'> = async (step) => {
  const { alerts, state, settings } = step;
  const [first] = alerts;
  if (!first) {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no incident ${state.incident} on record, and no alert to open it with.`,
      hint: 'Check the incident id and the record folder.',
    });
  }
  const items = [...new Set(alerts.flatMap((alert) => (alert.item ? [alert.item] : [])))];
  await audit(step, {
    actor: settings.author,
    action: 'opened',
    subject: state.incident,
    detail: { title: first.summary, alerts: alerts.length },
  });
  return { title: first.summary, severity: first.severity, items, alerts };
};
