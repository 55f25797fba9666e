import { Tier0Error } from '../../errors/tier0-error.ts';
import { audit, type Step, type StepContext } from './step.ts';

/** Gives the incident to people, with everything that was found. */
export const handOver: Step<'hand-over'> = async (step) => {
  const { ports, context, state, settings, route } = step;
  if (route.step !== 'hand-over')
    throw new Tier0Error({ code: 'INTERNAL', message: 'Hand-over without a reason.', hint: 'The incident record is out of order.' });
  const owner = state.results.gate?.proposal.owner ?? ownerOf(step);
  const ticket = await ports.tracker.open(
    {
      key: `${state.incident}:hand-over`,
      title: `Needs a person: ${state.results.open?.title ?? state.incident}`,
      body: [`tier0 stopped because ${route.reason}.`, '', ...whatIsKnown(step)].join('\n'),
      assignee: owner,
      labels: ['tier0', 'hand-over'],
    },
    context,
  );
  await audit(step, {
    actor: settings.author,
    action: 'handed-over',
    subject: ticket.id,
    detail: { reason: route.reason, to: owner ?? null },
  });
  return { reason: route.reason, ticket: ticket.id };
};

function ownerOf(step: StepContext): string | undefined {
  const item = step.state.results.diagnose?.diagnosis.rootCauses[0]?.subject ?? step.state.results.open?.items[0];
  return item ? step.ports.cmdb.reader().owner(item)?.team : undefined;
}

function whatIsKnown(step: StepContext): readonly string[] {
  const diagnosis = step.state.results.diagnose?.diagnosis;
  if (!diagnosis) return [];
  const causes = diagnosis.rootCauses.map(
    (rootCause) => `- ${rootCause.cause} at ${rootCause.subject} (confidence ${rootCause.confidence.toFixed(2)}): ${rootCause.message}`,
  );
  return ['What was found:', ...causes, ...diagnosis.unknowns.map(({ message }) => `- not known: ${message}`)];
}
