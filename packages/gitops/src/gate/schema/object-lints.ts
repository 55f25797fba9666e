import { parseQuantity } from '@tier0/core';
import { Cron } from 'croner';
import { missingFields } from './required-fields.ts';
import { isMap, isSubstituted, type ManifestFlaw } from './schema-flaws.ts';

type Fields = Readonly<Record<string, unknown>>;
type Flaws = Generator<ManifestFlaw>;

/** Where a kind keeps the pod it makes. */
const POD_TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  PodTemplate: ['template'],
};

/** RFC 1123 subdomain, as most objects are named; kinds of RBAC and CRDs allow more. */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_VALUE = /^(|[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/;
const FREE_NAMES = /^(Role|ClusterRole|RoleBinding|ClusterRoleBinding|CustomResourceDefinition|APIService)$/;

/** What the API server's validation refuses although every field has the right type: names, ranges, references, requests above limits. */
export function objectLints(object: Fields): readonly ManifestFlaw[] {
  return [...lintsOf(object)];
}

function* lintsOf(object: Fields): Flaws {
  const kind = String(object.kind ?? '');
  yield* metadataLints(kind, mapAt(object, 'metadata'), 'metadata');
  const template = POD_TEMPLATES[kind];
  if (template) {
    const pod = at(object, template);
    const path = [...template, 'spec'].join('.');
    const claims = listAt(mapAt(object, 'spec'), 'volumeClaimTemplates').map((claim) => mapAt(claim, 'metadata').name);
    if (isMap(pod)) yield* podLints(mapAt(pod, 'spec'), claims, path);
    if (isMap(pod)) yield* restartPolicyLint(kind, mapAt(pod, 'spec').restartPolicy, `${path}.restartPolicy`);
    if (template.length > 0 && isMap(pod)) yield* metadataLints('template', mapAt(pod, 'metadata'), [...template, 'metadata'].join('.'));
  }
  yield* specLints(kind, mapAt(object, 'spec'));
  yield* missingFields(object);
}

function* metadataLints(kind: string, metadata: Fields, path: string): Flaws {
  const { name } = metadata;
  if (typeof name === 'string' && !isSubstituted(name) && !FREE_NAMES.test(kind) && (!OBJECT_NAME.test(name) || name.length > 253)) {
    yield flaw('bad-name', `${path}.name`, `${JSON.stringify(name)} is not a name: lower-case letters, digits, '-' and '.' only`);
  }
  for (const [key, value] of Object.entries(mapAt(metadata, 'labels'))) {
    if (typeof value === 'string' && !isSubstituted(value) && !LABEL_VALUE.test(value)) {
      yield flaw(
        'bad-name',
        `${path}.labels["${key}"]`,
        `${JSON.stringify(value)} is not a label value: at most 63 letters, digits, '-', '_', '.'`,
      );
    }
  }
}

/** Controllers that keep pods running restart them always; batch pods must be able to end. */
function* restartPolicyLint(kind: string, policy: unknown, path: string): Flaws {
  if (/^(Deployment|StatefulSet|DaemonSet|ReplicaSet)$/.test(kind) && policy !== undefined && policy !== 'Always') {
    yield flaw('not-allowed', path, `pods of a ${kind} are always restarted: only Always is allowed`);
  }
  if (/^(Job|CronJob)$/.test(kind) && policy !== 'Never' && policy !== 'OnFailure') {
    yield flaw('not-allowed', path, `pods of a ${kind} must be able to end: Never or OnFailure`);
  }
}

function* podLints(spec: Fields, claims: readonly unknown[], path: string): Flaws {
  const containers = listAt(spec, 'containers');
  const volumes = new Set([...claims, ...listAt(spec, 'volumes').map((volume) => volume.name)]);
  yield* duplicates(listAt(spec, 'volumes'), 'name', `${path}.volumes`);
  yield* duplicates([...containers, ...listAt(spec, 'initContainers')], 'name', `${path}.containers`);
  for (const field of ['containers', 'initContainers']) {
    for (const [index, container] of listAt(spec, field).entries()) yield* containerLints(container, volumes, `${path}.${field}[${index}]`);
  }
}

function* containerLints(container: Fields, volumes: ReadonlySet<unknown>, path: string): Flaws {
  if (typeof container.name === 'string' && !DNS_LABEL.test(container.name)) {
    yield flaw(
      'bad-name',
      `${path}.name`,
      `${JSON.stringify(container.name)} is not a container name: at most 63 lower-case letters, digits and '-'`,
    );
  }
  if (container.image === '') yield flaw('missing-field', `${path}.image`, 'the image is empty');
  yield* resourceLints(mapAt(container, 'resources'), `${path}.resources`);
  const ports = listAt(container, 'ports');
  for (const [index, port] of ports.entries()) yield* portLint(port.containerPort, `${path}.ports[${index}].containerPort`);
  yield* duplicates(ports, 'name', `${path}.ports`);
  const names = new Set(ports.map((port) => port.name));
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'])
    yield* probeLints(mapAt(container, probe), names, `${path}.${probe}`);
  for (const [index, mount] of listAt(container, 'volumeMounts').entries()) {
    if (typeof mount.name === 'string' && !volumes.has(mount.name)) {
      yield flaw(
        'undefined-reference',
        `${path}.volumeMounts[${index}].name`,
        `there is no volume ${JSON.stringify(mount.name)} in this pod`,
      );
    }
  }
  yield* duplicates(listAt(container, 'volumeMounts'), 'mountPath', `${path}.volumeMounts`);
  for (const [index, variable] of listAt(container, 'env').entries()) {
    if (variable.value !== undefined && variable.value !== '' && variable.valueFrom !== undefined) {
      yield flaw('not-allowed', `${path}.env[${index}]`, 'value and valueFrom exclude each other');
    }
  }
}

/** Quantities that are none are the schema's business; here: negative ones, and requests above their limits. */
function* resourceLints(resources: Fields, path: string): Flaws {
  const limits = mapAt(resources, 'limits');
  for (const part of ['limits', 'requests']) {
    for (const [name, value] of Object.entries(mapAt(resources, part))) {
      if ((parseQuantity(value) ?? 0) < 0) yield flaw('out-of-range', `${path}.${part}.${name}`, `${value} is negative`);
    }
  }
  for (const [name, value] of Object.entries(mapAt(resources, 'requests'))) {
    const request = parseQuantity(value);
    const limit = parseQuantity(limits[name]);
    if (request !== undefined && limit !== undefined && request > limit) {
      yield flaw('request-above-limit', `${path}.requests.${name}`, `the ${name} request ${value} is above its limit ${limits[name]}`);
    }
  }
}

function* probeLints(probe: Fields, ports: ReadonlySet<unknown>, path: string): Flaws {
  const handlers = ['httpGet', 'tcpSocket', 'exec', 'grpc'].filter((handler) => probe[handler] !== undefined && probe[handler] !== null);
  if (handlers.length > 1) yield flaw('not-allowed', path, `a probe asks one way, not by ${handlers.join(' and ')}`);
  if (handlers.length === 0 && Object.keys(probe).length > 0)
    yield flaw('missing-field', path, 'a probe needs httpGet, tcpSocket, exec or grpc');
  for (const handler of ['httpGet', 'tcpSocket']) {
    const { port } = mapAt(probe, handler);
    if (typeof port === 'number') yield* portLint(port, `${path}.${handler}.port`);
    if (typeof port === 'string' && !ports.has(port)) {
      yield flaw('undefined-reference', `${path}.${handler}.port`, `the container declares no port named ${JSON.stringify(port)}`);
    }
  }
  for (const field of ['periodSeconds', 'timeoutSeconds', 'successThreshold', 'failureThreshold']) {
    const value = probe[field];
    // The API server takes 0 for "not set".
    if (typeof value === 'number' && value < 0) yield flaw('out-of-range', `${path}.${field}`, `${value} is negative`);
  }
}

function* portLint(port: unknown, path: string): Flaws {
  if (typeof port === 'number' && (port < 1 || port > 65535)) yield flaw('out-of-range', path, `${port} is not a port: 1 to 65535`);
}

function* specLints(kind: string, spec: Fields): Flaws {
  for (const field of ['replicas', 'minReadySeconds', 'backoffLimit', 'parallelism', 'completions', 'revisionHistoryLimit']) {
    const value = spec[field];
    if (typeof value === 'number' && value < 0) yield flaw('out-of-range', `spec.${field}`, `${value} is negative`);
  }
  if (/^(Deployment|StatefulSet|DaemonSet|ReplicaSet)$/.test(kind)) yield* selectorLints(spec);
  if (kind === 'CronJob' && typeof spec.schedule === 'string') yield* scheduleLint(spec.schedule);
  if (kind === 'Deployment') yield* rolloutLints(mapAt(spec, 'strategy'));
  if (kind === 'Deployment') yield* deadlineLint(spec);
  if (kind === 'Service') yield* serviceLints(spec);
  if (kind === 'HorizontalPodAutoscaler') yield* autoscalerLints(spec);
  if (kind === 'PodDisruptionBudget' && spec.minAvailable != null && spec.maxUnavailable != null) {
    yield flaw('not-allowed', 'spec', 'minAvailable and maxUnavailable exclude each other');
  }
}

/** Five fields or a macro such as `@daily`, as the CronJob controller reads them. */
function* scheduleLint(schedule: string): Flaws {
  try {
    new Cron(schedule, { mode: '5-part', paused: true }).stop();
  } catch {
    yield flaw('not-allowed', 'spec.schedule', `${JSON.stringify(schedule)} is not a cron schedule of five fields`);
  }
}

function* selectorLints(spec: Fields): Flaws {
  const wanted = mapAt(mapAt(spec, 'selector'), 'matchLabels');
  const labels = mapAt(mapAt(mapAt(spec, 'template'), 'metadata'), 'labels');
  for (const [key, value] of Object.entries(wanted)) {
    if (labels[key] !== value) {
      yield flaw(
        'selector-mismatch',
        `spec.selector.matchLabels["${key}"]`,
        `selects ${JSON.stringify(value)}, the template's label is ${JSON.stringify(labels[key] ?? null)}`,
      );
    }
  }
}

function* rolloutLints(strategy: Fields): Flaws {
  const rolling = mapAt(strategy, 'rollingUpdate');
  if (strategy.type === 'Recreate' && strategy.rollingUpdate != null) {
    yield flaw('not-allowed', 'spec.strategy.rollingUpdate', 'only the type RollingUpdate takes it');
  }
  if (isZero(rolling.maxSurge) && isZero(rolling.maxUnavailable)) {
    yield flaw('not-allowed', 'spec.strategy.rollingUpdate', 'maxSurge and maxUnavailable cannot both be 0: nothing could move');
  }
}

/** A rollout must have the time that its pods have to be ready for. */
function* deadlineLint({ minReadySeconds = 0, progressDeadlineSeconds = 600 }: Fields): Flaws {
  if (typeof minReadySeconds === 'number' && typeof progressDeadlineSeconds === 'number' && progressDeadlineSeconds <= minReadySeconds) {
    yield flaw(
      'out-of-range',
      'spec.minReadySeconds',
      `${minReadySeconds} is not below progressDeadlineSeconds ${progressDeadlineSeconds}`,
    );
  }
}

function isZero(value: unknown): boolean {
  return value === 0 || value === '0' || value === '0%';
}

function* serviceLints(spec: Fields): Flaws {
  const ports = listAt(spec, 'ports');
  for (const [index, port] of ports.entries()) {
    yield* portLint(port.port, `spec.ports[${index}].port`);
    if (typeof port.targetPort === 'number') yield* portLint(port.targetPort, `spec.ports[${index}].targetPort`);
    if (ports.length > 1 && port.name === undefined) yield flaw('missing-field', `spec.ports[${index}].name`, 'several ports need names');
  }
  yield* duplicates(ports, 'name', 'spec.ports');
}

function* autoscalerLints(spec: Fields): Flaws {
  const { minReplicas, maxReplicas } = spec;
  if (typeof maxReplicas === 'number' && maxReplicas < 1) yield flaw('out-of-range', 'spec.maxReplicas', `${maxReplicas} is below 1`);
  if (typeof minReplicas === 'number' && typeof maxReplicas === 'number' && minReplicas > maxReplicas) {
    yield flaw('out-of-range', 'spec.minReplicas', `${minReplicas} is above maxReplicas ${maxReplicas}`);
  }
}

function* duplicates(entries: readonly Fields[], key: string, path: string): Flaws {
  const seen = new Set<unknown>();
  for (const { [key]: value } of entries) {
    if (value !== undefined && seen.has(value)) yield flaw('duplicate-name', path, `${key} ${JSON.stringify(value)} stands here twice`);
    seen.add(value);
  }
}

function flaw(rule: ManifestFlaw['rule'], path: string, message: string): ManifestFlaw {
  return { rule, path, message };
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((current, key) => (isMap(current) ? current[key] : undefined), value);
}

function mapAt(value: Fields, key: string): Fields {
  const child = value[key];
  return isMap(child) ? child : {};
}

function listAt(value: Fields, key: string): readonly Fields[] {
  const child = value[key];
  return Array.isArray(child) ? child.filter(isMap) : [];
}
