import { isProposed, whyNotResolved } from '../incident-state.ts';
import { audit, resultOf, type Step } from './step.ts';
import { withoutSecrets } from './without-secrets.ts';

/** Opens the pull request that takes the change back. */
export const revert: Step<'revert'> = async (step) => {
  const { ports, context, settings, state } = step;
  const { proposal } = resultOf(step, 'gate');
  const { commit } = resultOf(step, 'reconcile');
  const reason = whyNotResolved(state.results);
  const result = await ports.writer.revert({ proposal, mergeCommit: commit, reason }, context);
  const subject = isProposed(result) ? result.pullRequest.url : proposal.digest;
  const action = isProposed(result) ? 'proposed-revert' : `did-not-revert:${result.status}`;
  await audit(step, { actor: settings.author, action, subject, detail: { reason: isProposed(result) ? reason : result.reason } });
  return { result: withoutSecrets(result) };
};
