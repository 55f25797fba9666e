import type { Advice, AdviceCase } from '../../findings/advice.ts';
import { adviceOf, editOf, kindOf, nameOf } from '../objects/advice-case.ts';
import { listAt, textAt } from '../objects/read-object.ts';

/** Lets requests pass while a webhook cannot be asked. The checks it makes are not made meanwhile. */
export function ignoreWebhook({ reader, rootCause, finding }: AdviceCase): readonly Advice[] {
  const configuration = rootCause.subject;
  if (!kindOf(configuration).endsWith('WebhookConfiguration')) return [];
  const hooks = listAt(reader.object(configuration), 'webhooks');
  const texts = [finding.message, ...finding.evidence.map(({ excerpt }) => excerpt)].join('\n');
  const edits = hooks.flatMap((hook, index) => {
    const isMeant = hooks.length === 1 || texts.includes(textAt(hook, 'name') ?? '\n');
    return isMeant ? (editOf(reader, configuration, ['webhooks', index, 'failurePolicy'], 'Ignore') ?? []) : [];
  });
  return adviceOf(edits, {
    id: 'ignore-webhook',
    title: `Let requests pass while the webhook of ${nameOf(configuration)} cannot be asked`,
    why: 'It refuses every request it stands before, among them those that would bring it back.',
    precondition: 'Whoever answers for the policy agrees that it is not checked for the time being.',
    risk: 'high',
    verify: 'Requests are accepted again, and the webhook itself comes back.',
    rollback: 'Set failurePolicy to Fail again as soon as the webhook answers, and check what was let in meanwhile.',
  });
}
