import { chosenRemedy } from '../chosen-remedy.ts';
import { audit, resultOf, type Step } from './step.ts';

/** Key of the ticket that asks people for the lasting fix. */
export function followUpKey(incident: string): string {
  return `${incident}:follow-up`;
}

/** Opens the ticket for the lasting fix, when the remedy only buys time. */
export const followUp: Step<'follow-up'> = async (step) => {
  const { ports, context, state, settings } = step;
  const { remedy } = chosenRemedy(state);
  if (!remedy.followUp) return {};
  const { proposal } = resultOf(step, 'gate');
  const ticket = await ports.tracker.open(
    {
      key: followUpKey(state.incident),
      title: remedy.followUp.title,
      body: remedy.followUp.body,
      assignee: proposal.owner,
      labels: ['tier0', remedy.cause],
    },
    context,
  );
  await audit(step, {
    actor: settings.author,
    action: 'opened-follow-up',
    subject: ticket.id,
    detail: { title: ticket.title, assignee: proposal.owner ?? null },
  });
  return { ticket: ticket.id };
};
