import { factsOf } from '../../findings/code-entry.ts';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { editOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { CalledWebhookSchema } from './facts.ts';

/** Lets requests pass while a webhook cannot be asked. The checks it makes are not made meanwhile. */
export function ignoreWebhook({ reader, rootCause, finding }: RemedyCase): readonly RemedyDraft[] {
  const configuration = rootCause.subject;
  if (!kindOf(configuration).endsWith('WebhookConfiguration')) return [];
  const hooks = listAt(reader.object(configuration), 'webhooks');
  const called = factsOf(finding, CalledWebhookSchema)?.webhook;
  const edits = hooks.flatMap((hook, index) => {
    const isMeant = hooks.length === 1 || (called !== undefined && textAt(hook, 'name') === called);
    return isMeant ? (editOf(reader, configuration, ['webhooks', index, 'failurePolicy'], 'Ignore') ?? []) : [];
  });
  return remedyOf(edits, {
    id: 'ignore-webhook',
    title: `Let requests pass while the webhook of ${nameOf(configuration)} cannot be asked`,
    why: 'It refuses every request it stands before, among them those that would bring it back.',
    precondition: 'Whoever answers for the policy agrees that it is not checked for the time being.',
    risk: 'high',
    verify: 'Requests are accepted again, and the webhook itself comes back.',
    rollback: 'Set failurePolicy to Fail again as soon as the webhook answers, and check what was let in meanwhile.',
  });
}
