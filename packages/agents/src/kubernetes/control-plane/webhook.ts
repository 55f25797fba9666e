import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { bundleExpiryMs } from '../certificates/certificate-text.ts';
import { whyUnreachable } from '../network/service-reach.ts';
import { type HeldObject, objectsOf } from '../objects/objects.ts';
import { listAt, numberAt, textAt } from '../objects/read-object.ts';

/** Admission webhooks that the API server cannot call. */
export const webhookRule: Rule = {
  name: 'webhook',
  check: (reader) =>
    ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].flatMap((kind) =>
      objectsOf(reader, kind).flatMap((configuration) =>
        listAt(configuration.object, 'webhooks').flatMap((webhook, index) => checkWebhook(reader, configuration, { webhook, index })),
      ),
    ),
};

interface Entry {
  readonly webhook: unknown;
  readonly index: number;
}

function checkWebhook(reader: CmdbReader, configuration: HeldObject, { webhook, index }: Entry): readonly FindingDraft[] {
  // A webhook without rules is never called.
  if (listAt(webhook, 'rules').length === 0) return [];
  const expired = expiredAuthority(reader, configuration, { webhook, index });
  if (expired.length > 0) return expired;
  const name = textAt(webhook, 'clientConfig', 'service', 'name');
  const namespace = textAt(webhook, 'clientConfig', 'service', 'namespace');
  if (name === undefined || namespace === undefined) return [];
  const port = numberAt(webhook, 'clientConfig', 'service', 'port') ?? 443;
  const trouble = whyUnreachable(reader, configuration.id, { namespace, name, port });
  if (trouble === undefined) return [];
  const isOptional = textAt(webhook, 'failurePolicy') === 'Ignore';
  const code = isOptional ? 'T0-WEBHOOK-002' : trouble.missing ? 'T0-WEBHOOK-001' : 'T0-WEBHOOK-003';
  const called = textAt(webhook, 'name') ?? String(index);
  return [
    {
      code,
      subject: configuration.id,
      key: `${namespace}/${name}`,
      facts: { webhook: called },
      message: `webhook ${called} cannot be called: ${trouble.why}${isOptional ? '' : '; what it should see is refused'}`,
      evidence: [
        quote(reader, configuration.id, ['webhooks', index, 'clientConfig', 'service']),
        quote(reader, configuration.id, ['webhooks', index, 'failurePolicy']),
      ],
      suspects: trouble.suspects,
    },
  ];
}

function expiredAuthority(reader: CmdbReader, configuration: HeldObject, { webhook, index }: Entry): readonly FindingDraft[] {
  const bundle = readField(webhook, ['clientConfig', 'caBundle']);
  const endMs = typeof bundle === 'string' ? bundleExpiryMs(bundle) : undefined;
  if (endMs === undefined || endMs > Date.parse(reader.at)) return [];
  const isOptional = textAt(webhook, 'failurePolicy') === 'Ignore';
  return [
    {
      code: 'T0-WEBHOOK-004',
      subject: configuration.id,
      severity: isOptional ? 'degraded' : 'fault',
      facts: { webhook: textAt(webhook, 'name') ?? String(index) },
      message: `the certificate authority of webhook ${textAt(webhook, 'name') ?? index} expired on ${new Date(endMs).toISOString()}`,
      sinceMs: endMs,
      evidence: [quote(reader, configuration.id, ['webhooks', index, 'name'])],
    },
  ];
}
