import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { bundleExpiryMs } from '../certificates/certificate-text.ts';
import { type Unreachable, whyUnreachable } from '../network/service-reach.ts';
import { type HeldObject, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { patienceMs } from '../objects/patience.ts';
import { conditionOf, instantAt, numberAt, textAt } from '../objects/read-object.ts';

/** Aggregated APIs that the API server cannot reach. An API without a Service is served by the API server itself. */
export const apiServiceRule: Rule = {
  name: 'apiservice',
  check: (reader) => objectsOf(reader, 'APIService').flatMap((held) => checkApi(reader, held)),
};

function checkApi(reader: CmdbReader, held: HeldObject): readonly FindingDraft[] {
  const name = textAt(held.object, 'spec', 'service', 'name');
  const namespace = textAt(held.object, 'spec', 'service', 'namespace');
  if (name === undefined || namespace === undefined || isYoungerThan(reader, held.object, patienceMs('api-told'))) return [];
  const expired = expiredAuthority(reader, held);
  if (expired.length > 0) return expired;
  const port = numberAt(held.object, 'spec', 'service', 'port') ?? 443;
  return unavailable(reader, held, whyUnreachable(reader, held.id, { namespace, name, port }));
}

function unavailable(reader: CmdbReader, held: HeldObject, trouble: Unreachable | undefined): readonly FindingDraft[] {
  const available = conditionOf(held.object, 'Available');
  const status = textAt(available, 'status');
  const sinceMs = instantAt(available, 'lastTransitionTime');
  const isTold = /^(?:ServiceNotFound|ServicePortError|EndpointsNotFound)$/.test(textAt(available, 'reason') ?? '');
  const isFresh = sinceMs !== undefined && Date.parse(reader.at) - sinceMs < patienceMs(isTold ? 'api-told' : 'api');
  if (status === 'True' || isFresh || (status === undefined && trouble === undefined)) return [];
  const why = trouble?.why ?? textAt(available, 'message') ?? textAt(available, 'reason') ?? 'no reason given';
  return [
    {
      code: 'T0-APISERVICE-001',
      subject: held.id,
      facts: { api: held.name, why },
      sinceMs,
      evidence: [quote(reader, held.id, ['status', 'conditions']), quote(reader, held.id, ['spec', 'service'])],
      suspects: trouble?.suspects,
    },
  ];
}

function expiredAuthority(reader: CmdbReader, held: HeldObject): readonly FindingDraft[] {
  const bundle = readField(held.object, ['spec', 'caBundle']);
  const endMs = typeof bundle === 'string' ? bundleExpiryMs(bundle) : undefined;
  if (endMs === undefined || endMs > Date.parse(reader.at)) return [];
  const message = `the certificate authority of API ${held.name} expired on ${new Date(endMs).toISOString()}`;
  return [
    {
      code: 'T0-APISERVICE-002',
      subject: held.id,
      message,
      sinceMs: endMs,
      evidence: [quote(reader, held.id, ['spec', 'service'])],
    },
  ];
}
