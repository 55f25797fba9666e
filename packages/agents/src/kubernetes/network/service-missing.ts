import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { AskedHosts } from '../objects/asked-hosts.ts';
import { closestName } from '../objects/close-name.ts';
import { siblingId } from '../objects/existence.ts';
import { indexed } from '../objects/indexed.ts';
import { type HeldObject, objectsIn, objectsOf } from '../objects/objects.ts';
import { isFailingAtWork } from '../objects/pod-trouble.ts';
import { mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { hasLabels } from '../objects/selector-match.ts';
import { SERVING_KINDS } from '../objects/workload.ts';
import { podsByWorkload, workloadsIn } from '../objects/workload-index.ts';

/** Something that is told to reach a host that is no Service. */
interface LostName {
  readonly dependant: HeldObject;
  /** Item id of the Service that does not exist. */
  readonly missing: string;
  /** Where the name stands: `env CART_URL`, `ConfigMap shop key url`. */
  readonly via: string;
}

const DEPENDANTS = ['CronJob', 'Job', 'Pod', 'ReplicaSet', 'ReplicationController', ...SERVING_KINDS] as const;
/** An application works without those that only watch it. */
const WATCHERS =
  /otel|otlp|jaeger|zipkin|trac(?:e|ing)|telemetry|statsd|metric|prometheus|pushgateway|sentry|datadog|\bdd_|fluent|logstash|loki|newrelic|pyroscope/i;

/** Services that are named by a host name and do not exist, where that visibly hurts. */
export function missingServices(reader: CmdbReader): readonly FindingDraft[] {
  return lostNames(reader).flatMap((lost) => toLostFinding(reader, lost));
}

const lostNames = indexed((reader) =>
  DEPENDANTS.flatMap((kind) => objectsOf(reader, kind)).flatMap((dependant) =>
    reader.relations(dependant.id, 'out', 'dependsOn').flatMap((relation): readonly LostName[] => {
      const { kind: to, name } = parseKubernetesItemId(relation.to) ?? {};
      // What bears its own name is told who it is (DD_SERVICE, OTEL_SERVICE_NAME), and not whom to reach.
      if (to !== 'Service' || name === dependant.name || reader.get(relation.to).state !== 'absent') return [];
      return [{ dependant, missing: relation.to, via: textAt(relation.properties, 'via') ?? '' }];
    }),
  ),
);

function toLostFinding(reader: CmdbReader, lost: LostName): readonly FindingDraft[] {
  const { name = '', namespace = '' } = parseKubernetesItemId(lost.missing) ?? {};
  const unserved = workloadsIn(reader, namespace).find((workload) => workload.name === name && !isServed(reader, workload));
  const isHurting = !WATCHERS.test(`${lost.via} ${name}`) && isDependantFailing(reader, lost.dependant);
  if (!unserved && !isHurting) return [];
  const meant = unserved ? undefined : meantService(reader, namespace, name);
  const where = `${lost.dependant.name} (${lost.via})`;
  if (meant === undefined) {
    const message = `Service ${name} does not exist in namespace ${namespace}, but ${where} is told to reach it`;
    return [lostFinding(reader, lost, { code: 'T0-SERVICE-005', subject: lost.missing, message })];
  }
  const message = `${where} is told to reach ${namespace}/${name}, which does not exist; the Service is called ${meant}`;
  const facts = { hosts: [`${name}.${namespace}`] };
  const map = /^ConfigMap (\S+) key /.exec(lost.via)?.[1];
  if (map === undefined)
    return [lostFinding(reader, lost, { code: 'T0-SERVICE-006', subject: lost.dependant.id, key: name, message, facts })];
  return [
    lostFinding(reader, lost, {
      code: 'T0-SERVICE-007',
      subject: siblingId(lost.dependant.id, 'ConfigMap', map),
      key: name,
      message,
      facts,
    }),
  ];
}

interface LostDraft {
  readonly code: 'T0-SERVICE-005' | 'T0-SERVICE-006' | 'T0-SERVICE-007';
  readonly subject: string;
  readonly key?: string;
  readonly message: string;
  readonly facts?: AskedHosts;
}

function lostFinding(reader: CmdbReader, lost: LostName, draft: LostDraft): FindingDraft {
  const map = /^ConfigMap (\S+) key (.+)$/.exec(lost.via);
  const variable = /^env (.+)$/.exec(lost.via)?.[1];
  const evidence = map
    ? quote(reader, siblingId(lost.dependant.id, 'ConfigMap', map[1] ?? ''), ['data', map[2] ?? ''])
    : quote(reader, lost.dependant.id, variablePath(lost.dependant, variable ?? ''));
  return { ...draft, evidence: [evidence] };
}

function variablePath(dependant: HeldObject, variable: string) {
  const kind = parseKubernetesItemId(dependant.id)?.kind ?? '';
  const path =
    kind === 'Pod' ? ['spec'] : kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template', 'spec'] : ['spec', 'template', 'spec'];
  const containers = readField(dependant.object, [...path, 'containers']);
  const index = (Array.isArray(containers) ? containers : []).findIndex(
    (container) => readField(container, ['env', { key: 'name', value: variable }]) !== undefined,
  );
  return index === -1 ? [...path, 'containers'] : [...path, 'containers', index, 'env', { key: 'name', value: variable }];
}

/** The Service that was meant: nearly the same name in the namespace, or the same name in another. */
function meantService(reader: CmdbReader, namespace: string, name: string): string | undefined {
  const near = closestName(
    name,
    objectsIn(reader, 'Service', namespace).map((service) => service.name),
  );
  if (near !== undefined) return `${namespace}/${near}`;
  const namesakes = objectsOf(reader, 'Service').filter((service) => service.name === name);
  return namesakes.length === 1 ? `${namesakes[0]?.namespace}/${name}` : undefined;
}

function isServed(
  reader: CmdbReader,
  workload: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
): boolean {
  return objectsIn(reader, 'Service', workload.namespace).some((service) => {
    const selector = mapAt(service.object, 'spec', 'selector');
    return Object.keys(selector).length > 0 && hasLabels(workload.labels, selector);
  });
}

function isDependantFailing(reader: CmdbReader, dependant: HeldObject): boolean {
  const pods = podsByWorkload(reader).get(dependant.id) ?? [];
  if (pods.some((pod) => isFailingAtWork(reader, pod))) return true;
  const isFailedJob =
    (numberAt(dependant.object, 'status', 'failed') ?? 0) > 0 && (numberAt(dependant.object, 'status', 'succeeded') ?? 0) === 0;
  return parseKubernetesItemId(dependant.id)?.kind === 'Job' && isFailedJob;
}
