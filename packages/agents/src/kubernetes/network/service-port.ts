import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import { siblingId } from '../objects/existence.ts';
import { type HeldObject, objectsIn } from '../objects/objects.ts';
import { declaredPorts, type IndexedPod } from '../objects/pod-index.ts';
import { listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import { ownerOf } from '../objects/workload-index.ts';

/** A workload behind a Service, with one of its pods to speak for all. */
interface Backend {
  readonly owner: string;
  readonly name: string;
  readonly pod: IndexedPod;
  readonly ports: readonly { readonly name: string | undefined; readonly port: number }[];
}

/** Ports of sidecars and of side doors say nothing about where an application serves. */
const SIDE_DOOR = /metric|prom|admin|health|probe|debug|pprof|jmx|trace|envoy|monitor|manage/i;
const PROXIES: ReadonlySet<string> = new Set(['istio-proxy', 'linkerd-proxy', 'cloud-sql-proxy', 'vault-agent', 'daprd']);

const backendsOfSelection = new WeakMap<readonly IndexedPod[], readonly Backend[]>();

/** Worked out once for each selection of pods. */
function backendsOf(reader: CmdbReader, pods: readonly IndexedPod[]): readonly Backend[] {
  const held = backendsOfSelection.get(pods) ?? findBackends(reader, pods);
  backendsOfSelection.set(pods, held);
  return held;
}

function findBackends(reader: CmdbReader, pods: readonly IndexedPod[]): readonly Backend[] {
  const byOwner = Map.groupBy(pods, (pod) => ownerOf(reader, pod.id));
  return [...byOwner].map(([owner, own]) => {
    const pod = own[0] as IndexedPod;
    return { owner, name: owner.slice(owner.lastIndexOf('/') + 1), pod, ports: declaredPorts(withoutProxies(pod)) };
  });
}

/** Containers of the application itself; a pod that consists of nothing but what elsewhere is a sidecar is the application. */
function withoutProxies(pod: IndexedPod): unknown {
  const all = listAt(pod.object, 'spec', 'containers');
  const own = all.filter((entry) => !PROXIES.has(textAt(entry, 'name') ?? ''));
  return { containers: own.length > 0 ? own : all, initContainers: listAt(pod.object, 'spec', 'initContainers') };
}

function targetOf(port: unknown): string | number | undefined {
  const target = readField(port, ['targetPort']) ?? readField(port, ['port']);
  if (typeof target === 'string' && /^\d+$/.test(target)) return Number(target);
  return typeof target === 'string' || typeof target === 'number' ? target : undefined;
}

function declares(backend: Backend, target: string | number): boolean {
  return backend.ports.some((entry) => entry.port === target || entry.name === target);
}

/** A named target port must be declared; a number is wrong only when the pods declare a port for it that the Service leaves out. */
export function wrongPorts(reader: CmdbReader, service: HeldObject, pods: readonly IndexedPod[]): readonly FindingDraft[] {
  const backends = backendsOf(reader, pods);
  const ports = listAt(service.object, 'spec', 'ports');
  return ports.flatMap((port, index): readonly FindingDraft[] => {
    const target = targetOf(port);
    if (target === undefined || target === 0 || backends.some((backend) => declares(backend, target))) return [];
    if (isHeadless(service) && typeof target === 'number') return [];
    if (typeof target === 'number' && !isPlainlyWrong(target, ports, backends)) return [];
    if (typeof target === 'number' && backends.some(({ pod }) => isConfigured(reader, pod, target))) return [];
    const declared = [...new Set(backends.flatMap((backend) => backend.ports.map(describePort)))].sort().join(', ') || 'none';
    return [
      {
        code: 'T0-SERVICE-002',
        subject: service.id,
        key: String(target),
        severity: isSideDoor(port, ports.length) ? 'degraded' : 'fault',
        facts: { service: service.name, port: target, declared },
        evidence: [
          quote(reader, service.id, ['spec', 'ports', index]),
          quote(reader, backends[0]?.pod.id ?? '', ['spec', 'containers', 0, 'ports']),
        ],
      },
    ];
  });
}

/** A port that the containers declare for another protocol: packets of the one never arrive at the other. */
export function wrongProtocols(reader: CmdbReader, service: HeldObject, pods: readonly IndexedPod[]): readonly FindingDraft[] {
  const declared = pods
    .slice(0, 1)
    .flatMap(({ object }) => listAt(object, 'spec', 'containers').flatMap((container) => listAt(container, 'ports')));
  return listAt(service.object, 'spec', 'ports').flatMap((port, index): readonly FindingDraft[] => {
    const target = targetOf(port);
    const own = declared.filter((entry) => numberAt(entry, 'containerPort') === target || textAt(entry, 'name') === target);
    const protocol = textAt(port, 'protocol') ?? 'TCP';
    // Where the Service offers the number for both, what is declared was only written once.
    const offered = listAt(service.object, 'spec', 'ports')
      .filter((other) => targetOf(other) === target)
      .map((other) => textAt(other, 'protocol') ?? 'TCP');
    if (own.some((entry) => offered.includes(textAt(entry, 'protocol') ?? 'TCP'))) return [];
    if (own.length === 0 || own.some((entry) => (textAt(entry, 'protocol') ?? 'TCP') === protocol)) return [];
    const message = `Service ${service.name} sends ${protocol} to port ${target}, which its pods declare for ${textAt(own[0], 'protocol') ?? 'TCP'}`;
    const evidence = [
      quote(reader, service.id, ['spec', 'ports', index]),
      quote(reader, pods[0]?.id ?? '', ['spec', 'containers', 0, 'ports']),
    ];
    return [{ code: 'T0-SERVICE-014', subject: service.id, key: `${protocol} ${target}`, message, evidence }];
  });
}

function describePort({ name, port }: { readonly name: string | undefined; readonly port: number }): string {
  return name === undefined ? String(port) : `${port} (${name})`;
}

/** A second port for metrics or the like that nobody switched on is no outage. */
function isSideDoor(port: unknown, count: number): boolean {
  return count > 1 && SIDE_DOOR.test(`${textAt(port, 'name') ?? ''} ${textAt(port, 'targetPort') ?? ''}`);
}

/** Clients of a headless Service talk to the pods themselves: target ports play no part. */
function isHeadless(service: HeldObject): boolean {
  return textAt(service.object, 'spec', 'clusterIP') === 'None';
}

function isPlainlyWrong(target: number, ports: readonly unknown[], backends: readonly Backend[]): boolean {
  const targets = ports.map(targetOf);
  return backends.every((backend) => {
    const isLeftOut = backend.ports.some(
      ({ name, port }) => !SIDE_DOOR.test(name ?? '') && !targets.includes(port) && !(name !== undefined && targets.includes(name)),
    );
    return isLeftOut && !isMentioned(backend.pod, target);
  });
}

/** Whether a probe, a variable or an argument of the pod names the port: then it is served without being declared. */
function isMentioned(pod: IndexedPod, port: number): boolean {
  const word = new RegExp(`(?<![\\d.])${port}(?![\\d.])`);
  return listAt(pod.object, 'spec', 'containers').some((container) => {
    const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'].map((probe) => readField(container, [probe]));
    const isProbed = probes.some((probe) => ['httpGet', 'tcpSocket', 'grpc'].some((way) => numberAt(probe, way, 'port') === port));
    const texts = [
      ...listAt(container, 'command'),
      ...listAt(container, 'args'),
      ...listAt(container, 'env').map((entry) => textAt(entry, 'value')),
    ];
    return isProbed || texts.some((text) => typeof text === 'string' && word.test(text));
  });
}

/** Whether a ConfigMap that the pod reads names the port: what a server listens on is mostly written there. */
function isConfigured(reader: CmdbReader, pod: IndexedPod, port: number): boolean {
  const word = new RegExp(`(?<![\\d.])${port}(?![\\d.])`);
  const maps = referencesOf(readField(pod.object, ['spec'])).filter(({ kind }) => kind === 'ConfigMap');
  return maps.some(({ name }) =>
    Object.values(mapAt(reader.object(siblingId(pod.id, 'ConfigMap', name)), 'data')).some((text) => word.test(text)),
  );
}

/** A selector that fits more applications than this is meant to be wide. */
const APPLICATIONS = 12;

/** The selector matches two applications, and one of them does not serve what the Service offers. */
export function wrongPods(reader: CmdbReader, service: HeldObject, pods: readonly IndexedPod[]): readonly FindingDraft[] {
  const backends = backendsOf(reader, pods);
  if (backends.length < 2 || backends.length > APPLICATIONS || isHeadless(service)) return [];
  const strangers = backends.filter((backend) => isStranger(reader, backend, { service, backends }));
  if (strangers.length === 0 || strangers.length === backends.length) return [];
  const names = strangers.map((backend) => backend.name).sort();
  return [
    {
      code: 'T0-SERVICE-004',
      subject: service.id,
      facts: { service: service.name, others: names },
      evidence: [
        quote(reader, service.id, ['spec']),
        ...strangers.slice(0, 2).map((backend) => quote(reader, backend.pod.id, ['metadata', 'labels'])),
      ],
    },
  ];
}

interface Selected {
  readonly service: HeldObject;
  readonly backends: readonly Backend[];
}

function isStranger(reader: CmdbReader, backend: Backend, { service, backends }: Selected): boolean {
  const others = backends.filter((other) => other.owner !== backend.owner && imageOf(other.pod) !== imageOf(backend.pod));
  if (others.length === 0) return false;
  const targets = listAt(service.object, 'spec', 'ports').flatMap((port) => targetOf(port) ?? []);
  // Pods without a named port are left out of it; only a number is sent to all.
  const lacksPort = (candidate: Backend) =>
    candidate.ports.length > 0 &&
    targets.some((target) => typeof target === 'number' && !declares(candidate, target) && !isMentioned(candidate.pod, target));
  if (lacksPort(backend) && others.some((other) => targets.every((target) => declares(other, target)))) return true;
  return isNamedForAnother(reader, backend, { service, backends: others });
}

/** The Service has the name of another workload, and this one has a Service of its own name that selects it alone. */
function isNamedForAnother(reader: CmdbReader, backend: Backend, { service, backends }: Selected): boolean {
  const isOthers = backends.some((other) => other.name === service.name);
  if (!isOthers || backend.name.startsWith(service.name)) return false;
  const own = objectsIn(reader, 'Service', service.namespace).find((candidate) => candidate.name === backend.name);
  const selector = own ? mapAt(own.object, 'spec', 'selector') : {};
  const keys = Object.keys(selector);
  return keys.length > 0 && keys.every((key) => backend.pod.labels[key] === selector[key]) && own?.id !== service.id;
}

/** Image of the first container without tag and digest: versions of one application share it. */
function imageOf(pod: IndexedPod): string {
  const image = textAt(listAt(pod.object, 'spec', 'containers')[0], 'image') ?? '';
  return image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}
