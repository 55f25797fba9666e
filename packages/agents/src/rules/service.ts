import { type CmdbReader, type Finding, parseKubernetesItemId, readField } from '@tier0/core';
import { instantAt, listAt, mapAt, textAt } from '../workload/read-object.ts';
import { isPodReady, podSpecPath, workloadOf, workloadsOf } from '../workload/workload.ts';
import { quote, type Rule, toFinding } from './rule.ts';

/** Services that lead nowhere. */
export const serviceRule: Rule = {
  name: 'service',
  check(reader) {
    const podsKnown = isReadCompletely(reader, 'Pod');
    return reader.items({ kind: 'Service' }).items.flatMap(({ id }) => {
      const object = reader.object(id);
      if (Object.keys(mapAt(object, 'spec', 'selector')).length === 0 || textAt(object, 'spec', 'type') === 'ExternalName') return [];
      const pods = reader.relations(id, 'out', 'selects').map((relation) => relation.to);
      if (pods.length === 0) return podsKnown ? selectsNothing(reader, id) : [];
      return [...wrongPort(reader, id, pods), ...noReadyPods(reader, id, pods, podsKnown)];
    });
  },
};

function isReadCompletely(reader: CmdbReader, kind: string): boolean {
  const { coverage } = reader.items({ kind });
  return coverage.length > 0 && coverage.every((row) => row.state === 'complete');
}

/** Nothing is selected: a fault only when a workload was plainly meant, and it is not scaled to zero or without pods itself. */
function selectsNothing(reader: CmdbReader, id: string): readonly Finding[] {
  const selector = mapAt(reader.object(id), 'spec', 'selector');
  const { namespace, name } = parseKubernetesItemId(id) ?? {};
  const candidates = workloadsOf(reader).filter((item) => parseKubernetesItemId(item.id)?.namespace === namespace);
  const matching = candidates.some((item) => matches(templateLabels(reader, item.id), selector));
  const meant = candidates.find((item) => item.name === name || sharesLabel(templateLabels(reader, item.id), selector));
  if (matching || !meant) return [];
  return [
    toFinding({
      code: 'T0-SERVICE-001',
      subject: id,
      message: `Service ${name} selects no pods: ${JSON.stringify(selector)} does not match the pods of ${meant.kind} ${meant.name}`,
      evidence: [quote(reader, id, ['spec', 'selector']), quote(reader, meant.id, ['spec', 'template', 'metadata', 'labels'])],
    }),
  ];
}

function templateLabels(reader: CmdbReader, workload: string): Readonly<Record<string, string>> {
  return mapAt(reader.object(workload), 'spec', 'template', 'metadata', 'labels');
}

function matches(labels: Readonly<Record<string, string>>, selector: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

function sharesLabel(labels: Readonly<Record<string, string>>, selector: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).some(([key, value]) => labels[key] === value);
}

/** A named target port must be declared; a numbered one is wrong only when every selected container declares other ports. */
function wrongPort(reader: CmdbReader, id: string, pods: readonly string[]): readonly Finding[] {
  const declared = pods.flatMap((pod) =>
    listAt(reader.object(pod), ...podSpecPath('Pod'), 'containers').flatMap((entry) => listAt(entry, 'ports')),
  );
  return listAt(reader.object(id), 'spec', 'ports').flatMap((port, index): readonly Finding[] => {
    const target = readField(port, ['targetPort']) ?? readField(port, ['port']);
    const isServed = declared.some((entry) => readField(entry, ['containerPort']) === target || readField(entry, ['name']) === target);
    if (isServed || target === undefined || (typeof target === 'number' && declared.length === 0)) return [];
    const name = parseKubernetesItemId(id)?.name;
    const message = `Service ${name} sends to port ${String(target)}, which no container it selects declares`;
    const evidence = [quote(reader, id, ['spec', 'ports', index]), quote(reader, pods[0] ?? '', ['spec', 'containers', 0, 'ports'])];
    return [toFinding({ code: 'T0-SERVICE-002', subject: id, key: String(target), message, evidence })];
  });
}

function noReadyPods(reader: CmdbReader, id: string, pods: readonly string[], podsKnown: boolean): readonly Finding[] {
  const objects = pods.map((pod) => reader.object(pod));
  const isRunning = objects.some((pod) => isPodReady(pod) || isYoung(reader, pod));
  if (isRunning || !podsKnown || hasReadyEndpoint(reader, id)) return [];
  const name = parseKubernetesItemId(id)?.name;
  const behind = [...new Set(pods.map((pod) => parseKubernetesItemId(workloadOf(reader, pod))?.name ?? ''))].join(', ');
  const evidence = [quote(reader, pods[0] ?? '', ['status', 'conditions'])];
  return [
    toFinding({
      code: 'T0-SERVICE-003',
      subject: id,
      message: `Service ${name} has no ready endpoints: none of ${pods.length} pods of ${behind} is ready`,
      evidence,
    }),
  ];
}

/** A pod gets a minute to become ready before its Service is called empty. */
const YOUNG_MS = 60_000;

function isYoung(reader: CmdbReader, pod: unknown): boolean {
  const createdAt = instantAt(pod, 'metadata', 'creationTimestamp');
  return createdAt !== undefined && Date.parse(reader.at) - createdAt < YOUNG_MS;
}

function hasReadyEndpoint(reader: CmdbReader, service: string): boolean {
  const { namespace, name } = parseKubernetesItemId(service) ?? {};
  return reader.items({ kind: 'EndpointSlice' }).items.some((item) => {
    const slice = reader.object(item.id);
    const isOwn =
      textAt(slice, 'metadata', 'namespace') === namespace && mapAt(slice, 'metadata', 'labels')['kubernetes.io/service-name'] === name;
    return isOwn && listAt(slice, 'endpoints').some((endpoint) => readField(endpoint, ['conditions', 'ready']) !== false);
  });
}
