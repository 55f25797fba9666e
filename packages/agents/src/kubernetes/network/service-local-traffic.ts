import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import { endpointsOf } from '../objects/endpoints-of.ts';
import { type HeldObject, isReadCompletely } from '../objects/objects.ts';
import { podIndex } from '../objects/pod-index.ts';
import { isFailingAtWork } from '../objects/pod-trouble.ts';
import { textAt } from '../objects/read-object.ts';
import { podsByWorkload } from '../objects/workload-index.ts';

/** With `internalTrafficPolicy: Local` a client reaches only endpoints of its own node. A fault where such a client is in trouble. */
export function localTraffic(reader: CmdbReader, service: HeldObject): readonly FindingDraft[] {
  if (textAt(service.object, 'spec', 'internalTrafficPolicy') !== 'Local' || !isReadCompletely(reader, 'Pod')) return [];
  const nodes = readyNodes(reader, service);
  if (nodes.size === 0) return [];
  const clients = reader.relations(service.id, 'in', 'dependsOn').map((relation) => relation.from);
  const pods = clients.flatMap((client) =>
    parseKubernetesItemId(client)?.kind === 'Pod' ? [] : (podsByWorkload(reader).get(client) ?? []),
  );
  const cutOff = pods.filter((pod) => !pod.over && pod.node !== undefined && !nodes.has(pod.node));
  const hurt = cutOff.filter((pod) => isFailingAtWork(reader, pod));
  if (cutOff.length === 0) return [];
  const named = [...new Set((hurt.length > 0 ? hurt : cutOff).map((pod) => pod.node ?? ''))].sort();
  return [
    {
      code: 'T0-SERVICE-009',
      subject: service.id,
      severity: hurt.length > 0 ? 'fault' : 'degraded',
      facts: { service: service.name, nodes: named.slice(0, 3) },
      evidence: [quote(reader, service.id, ['spec', 'internalTrafficPolicy'])],
    },
  ];
}

function readyNodes(reader: CmdbReader, service: HeldObject): ReadonlySet<string> {
  const known = endpointsOf(reader, service.namespace, service.name);
  if (known) return new Set(known.endpoints.flatMap((endpoint) => (endpoint.ready && endpoint.node ? [endpoint.node] : [])));
  const { byId } = podIndex(reader);
  const selected = reader.relations(service.id, 'out', 'selects').map((relation) => byId.get(relation.to));
  return new Set(selected.flatMap((pod) => (pod?.ready && pod.node ? [pod.node] : [])));
}
