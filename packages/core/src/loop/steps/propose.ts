import type { JsonValue } from '../../model/json-value.ts';
import { isProposed } from '../incident-state.ts';
import { audit, resultOf, type Step } from './step.ts';
import { withoutSecrets } from './without-secrets.ts';

/** Opens the pull request, or finds the one an interrupted run opened. */
export const propose: Step<'propose'> = async (step) => {
  const { ports, context, settings } = step;
  const { proposal, gate } = resultOf(step, 'gate');
  const result = await ports.writer.propose({ proposal, gate }, context);
  const subject = isProposed(result) ? result.pullRequest.url : proposal.digest;
  const detail: Readonly<Record<string, JsonValue>> = isProposed(result)
    ? { digest: proposal.digest, commit: result.pullRequest.headCommit }
    : { reason: result.reason };
  await audit(step, {
    actor: settings.author,
    action: isProposed(result) ? 'proposed' : `did-not-propose:${result.status}`,
    subject,
    detail,
  });
  return { result: withoutSecrets(result) };
};
