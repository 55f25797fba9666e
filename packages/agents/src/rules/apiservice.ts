import { type CmdbReader, type Finding, readField } from '@tier0/core';
import { conditionOf, instantAt, numberAt, textAt } from '../workload/read-object.ts';
import { bundleExpiryMs } from './certificate-text.ts';
import { type HeldObject, isYoungerThan, objectsOf } from './objects.ts';
import { quote, type Rule, toFinding } from './rule.ts';
import { type Unreachable, whyUnreachable } from './service-reach.ts';

const SETTLING_MS = 60_000;

/** Aggregated APIs that the API server cannot reach. An API without a Service is served by the API server itself. */
export const apiServiceRule: Rule = {
  name: 'apiservice',
  check: (reader) => objectsOf(reader, 'APIService').flatMap((held) => checkApi(reader, held)),
};

function checkApi(reader: CmdbReader, held: HeldObject): readonly Finding[] {
  const name = textAt(held.object, 'spec', 'service', 'name');
  const namespace = textAt(held.object, 'spec', 'service', 'namespace');
  if (name === undefined || namespace === undefined || isYoungerThan(reader, held.object, SETTLING_MS)) return [];
  const expired = expiredAuthority(reader, held);
  if (expired.length > 0) return expired;
  const port = numberAt(held.object, 'spec', 'service', 'port') ?? 443;
  return unavailable(reader, held, whyUnreachable(reader, held.id, { namespace, name, port }));
}

function unavailable(reader: CmdbReader, held: HeldObject, trouble: Unreachable | undefined): readonly Finding[] {
  const available = conditionOf(held.object, 'Available');
  const status = textAt(available, 'status');
  const sinceMs = instantAt(available, 'lastTransitionTime');
  const isFresh = sinceMs !== undefined && Date.parse(reader.at) - sinceMs < SETTLING_MS;
  if (status === 'True' || isFresh || (status === undefined && trouble === undefined)) return [];
  const why = trouble?.why ?? textAt(available, 'message') ?? textAt(available, 'reason') ?? 'no reason given';
  return [
    toFinding({
      code: 'T0-APISERVICE-001',
      subject: held.id,
      message: `API ${held.name} is not available: ${why}`,
      sinceMs,
      evidence: [quote(reader, held.id, ['status', 'conditions']), quote(reader, held.id, ['spec', 'service'])],
      suspects: trouble?.suspects,
    }),
  ];
}

function expiredAuthority(reader: CmdbReader, held: HeldObject): readonly Finding[] {
  const bundle = readField(held.object, ['spec', 'caBundle']);
  const endMs = typeof bundle === 'string' ? bundleExpiryMs(bundle) : undefined;
  if (endMs === undefined || endMs > Date.parse(reader.at)) return [];
  const message = `the certificate authority of API ${held.name} expired on ${new Date(endMs).toISOString()}`;
  return [
    toFinding({
      code: 'T0-APISERVICE-002',
      subject: held.id,
      message,
      sinceMs: endMs,
      evidence: [quote(reader, held.id, ['spec', 'service'])],
    }),
  ];
}
