import { type CmdbReader, makeEvidence, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { siblingId } from '../objects/existence.ts';
import { serviceIdOf } from '../objects/host-name.ts';
import { isFailingAtWork } from '../objects/pod-trouble.ts';
import { listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { podsByWorkload, workloadsByNamespace } from '../objects/workload-index.ts';

/** A host and port that a workload is told, and where. */
interface AskedPort {
  readonly host: string;
  readonly port: number;
  readonly variable: string;
  /** Item id of the ConfigMap that holds the value; undefined when the template does. */
  readonly map: string | undefined;
}

const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const HOST_AND_PORT = new RegExp(`(?:^|[\\s,;="'@/])(${LABEL}(?:\\.${LABEL})*):(\\d{2,5})(?![\\d.])`, 'gi');
/** What only watches a program does not stop it. */
const WATCHERS =
  /otel|otlp|jaeger|zipkin|trac(?:e|ing)|telemetry|statsd|metric|prometheus|pushgateway|sentry|datadog|fluent|loki|newrelic/i;

/** Workloads that fail and are told to use a port that the Service they name does not have: nobody can answer there. */
export function askedPorts(reader: CmdbReader): readonly FindingDraft[] {
  return [...workloadsByNamespace(reader).values()].flat().flatMap(({ id, podSpec }) => {
    const isFailing = (podsByWorkload(reader).get(id) ?? []).some((pod) => isFailingAtWork(reader, pod));
    if (!isFailing) return [];
    const containers = listAt(podSpec, 'containers');
    return containers.flatMap((container) => askedIn(reader, id, container)).flatMap((asked) => wrongPort(reader, id, asked));
  });
}

interface Variable {
  readonly name: string;
  readonly value: string;
  readonly map: string | undefined;
}

function askedIn(reader: CmdbReader, id: string, container: unknown): readonly AskedPort[] {
  const variables = variablesOf(reader, id, container).filter(({ name }) => !WATCHERS.test(name));
  const whole = variables.flatMap(({ name, value, map }) =>
    [...value.matchAll(HOST_AND_PORT)].map(([, host = '', port]) => ({ host, port: Number(port), variable: name, map })),
  );
  return [...whole, ...pairsOf(variables)];
}

/** `CART_HOST` and `CART_PORT`. */
function pairsOf(variables: readonly Variable[]): readonly AskedPort[] {
  return variables.flatMap(({ name, value }): readonly AskedPort[] => {
    const stem = /^(.*_)?(?:HOST(?:NAME)?|SERVER|ADDR(?:ESS)?|ENDPOINT)$/.exec(name)?.[1];
    const port = stem === undefined ? undefined : variables.find((other) => other.name === `${stem}PORT` || other.name === `${name}_PORT`);
    if (port === undefined || !/^\d{2,5}$/.test(port.value)) return [];
    return [{ host: value, port: Number(port.value), variable: port.name, map: port.map }];
  });
}

function variablesOf(reader: CmdbReader, id: string, container: unknown): readonly Variable[] {
  const own = listAt(container, 'env').flatMap((entry): readonly Variable[] => {
    const name = textAt(entry, 'name') ?? '';
    const reference = readField(entry, ['valueFrom', 'configMapKeyRef']);
    if (reference === undefined) return [{ name, value: textAt(entry, 'value') ?? '', map: undefined }];
    const map = siblingId(id, 'ConfigMap', textAt(reference, 'name') ?? '');
    return [{ name, value: mapAt(reader.object(map), 'data')[textAt(reference, 'key') ?? ''] ?? '', map }];
  });
  const named = new Set(own.map(({ name }) => name));
  const wholesale = listAt(container, 'envFrom').flatMap((source) => {
    const map = siblingId(id, 'ConfigMap', textAt(source, 'configMapRef', 'name') ?? '');
    const prefix = textAt(source, 'prefix') ?? '';
    return Object.entries(mapAt(reader.object(map), 'data')).map(([key, value]) => ({ name: `${prefix}${key}`, value, map }));
  });
  return [...wholesale.filter(({ name }) => !named.has(name)), ...own];
}

function wrongPort(reader: CmdbReader, workload: string, { host, port, variable, map }: AskedPort): readonly FindingDraft[] {
  const service = serviceIdOf(workload, host);
  const object = service === undefined ? undefined : reader.object(service);
  if (service === undefined || object === undefined) return [];
  const ports = listAt(object, 'spec', 'ports').flatMap((entry) => numberAt(entry, 'port') ?? []);
  const isDirect = textAt(object, 'spec', 'clusterIP') === 'None' || textAt(object, 'spec', 'type') === 'ExternalName';
  if (isDirect || ports.length === 0 || ports.includes(port)) return [];
  const at = Date.parse(reader.at);
  const text = `${variable} names ${host}:${port}`;
  return [
    {
      code: map === undefined ? 'T0-SERVICE-012' : 'T0-SERVICE-013',
      subject: map ?? workload,
      key: variable,
      facts: { variable, port, host, offered: ports },
      evidence: [makeEvidence({ source: 'cmdb', query: `${map ?? workload} ${variable}`, fromMs: at, toMs: at, text })],
      seenOn: [workload],
    },
  ];
}
