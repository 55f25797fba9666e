import type { Snapshot } from '@tier0/cmdb';
import type { Random } from '../../scenarios/author/random.ts';
import type { Recording } from './recordings.ts';
import { at, type Loose, listAt, mapAt } from './workloads/family.ts';

type KubernetesObject = Snapshot['objects'][number];
type Outcome = { readonly recording: Recording } | { readonly why: string };

const SYSTEM = /^(kube-|openshift-|default$)/;

/** Kinds that the namespace `default` has of its own. */
const EVERYWHERE = /^(Service|Endpoints|EndpointSlice|ConfigMap|ServiceAccount|Event)$/;

/** Namespaces of people in a recording. */
function namespacesOf({ snapshot }: Recording): readonly string[] {
  const own = snapshot.objects.flatMap(({ metadata }) => metadata.namespace ?? []);
  return [...new Set(own)].filter((name) => !SYSTEM.test(name)).sort();
}

/** The namespace at fault, or the first of people, is called `default`. */
export function inDefault(recording: Recording): Outcome {
  const all = namespacesOf(recording);
  const namespace = recording.truth.rootCauses.map((cause) => cause.namespace ?? '').find((name) => all.includes(name)) ?? all[0];
  if (namespace === undefined) return { why: 'no namespace of people' };
  const { objects: standing } = recording.snapshot;
  if (standing.some(({ kind, metadata }) => metadata.namespace === 'default' && !EVERYWHERE.test(kind)))
    return { why: 'something stands there already' };
  const names = new Set(standing.filter(({ kind }) => kind !== 'Namespace').map(({ metadata }) => metadata.name));
  if (names.has(namespace)) return { why: 'an object is called like the namespace' };
  const word = new RegExp(`(?<![A-Za-z0-9-])${namespace.replaceAll('.', '\\.')}(?![A-Za-z0-9-])`, 'g');
  const rename = (text: string) => text.replace(word, 'default');
  const inJson = <T>(value: T): T => JSON.parse(rename(JSON.stringify(value)));
  const { snapshot, logs, truth } = recording;
  const old = snapshot.objects.filter(({ kind, metadata }) => !(kind === 'Namespace' && metadata.name === 'default'));
  const distinct = new Map(inJson(old).map((object) => [`${object.kind}/${object.metadata.namespace}/${object.metadata.name}`, object]));
  return {
    recording: {
      ...recording,
      snapshot: { ...snapshot, objects: [...distinct.values()], coverage: inJson(snapshot.coverage) },
      logs: new Map([...logs].map(([key, text]) => [rename(key), rename(text)])),
      truth: inJson(truth),
    },
  };
}

/** What an application needs that stands in no namespace. */
const CLUSTER_WIDE: ReadonlySet<string> = new Set(['IngressClass', 'PersistentVolume', 'PriorityClass', 'StorageClass']);

/** The calm namespaces of another recording stand beside it, on its nodes and at its time. */
export function beside(recording: Recording, calm: readonly Recording[], random: Random): Outcome {
  const others = calm.filter(({ name }) => name !== recording.name);
  if (others.length === 0) return { why: 'no calm recording at hand' };
  const other = random.pick(others);
  const nodes = recording.snapshot.objects.filter(({ kind }) => kind === 'Node').map(({ metadata }) => metadata.name);
  const taken = new Set(recording.snapshot.objects.map(({ metadata }) => metadata.namespace));
  const wanted = new Set(namespacesOf(other).filter((name) => !taken.has(name)));
  if (nodes.length === 0 || wanted.size === 0) return { why: 'the calm one stands in the same namespace, or no node was recorded' };
  const shiftMs = Date.parse(recording.snapshot.now) - Date.parse(other.snapshot.now);
  const shift = (text: string) => `${new Date(Date.parse(text) + shiftMs).toISOString().slice(0, 19)}Z`;
  const here = new Set(recording.snapshot.objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  const isNeeded = (kind: string, name: string) => CLUSTER_WIDE.has(kind) && !here.has(`${kind}/${name}`);
  const moved = other.snapshot.objects.filter(
    ({ kind, metadata }) =>
      wanted.has(metadata.namespace ?? '') || (kind === 'Namespace' && wanted.has(metadata.name)) || isNeeded(kind, metadata.name),
  );
  const known = new Set(recording.snapshot.coverage.map(({ kind }) => kind));
  const added = moved.filter(({ kind }) => known.has(kind));
  const objects = added.map((object) => onNode(shifted(object, shift) as KubernetesObject, nodes, random));
  const logs = [...other.logs].filter(([key]) => wanted.has(key.split('/')[0] ?? ''));
  return {
    recording: {
      ...recording,
      snapshot: { ...recording.snapshot, objects: [...recording.snapshot.objects, ...objects] },
      logs: new Map([
        ...recording.logs,
        ...logs.map(([key, text]) => [key, text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, shift)] as const),
      ]),
    },
  };
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function shifted(value: unknown, shift: (text: string) => string): unknown {
  if (typeof value === 'string') return INSTANT.test(value) ? shift(value) : value;
  if (Array.isArray(value)) return value.map((one) => shifted(one, shift));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shifted(one, shift)]));
}

/** Its requests are no matter here: they must not fill a node that was measured without them. */
function onNode(object: KubernetesObject, nodes: readonly string[], random: Random): KubernetesObject {
  if (object.kind !== 'Pod' || at(object, 'spec', 'nodeName') === undefined) return object;
  const containers = listAt(object, 'spec', 'containers').map((one) => ({
    ...(one as Loose),
    resources: { ...mapAt(one, 'resources'), requests: undefined },
  }));
  return { ...object, spec: { ...mapAt(object, 'spec'), containers, nodeName: random.pick(nodes) } };
}

/** The kinds as an API server of 1.20 prints them when nobody asks for a version. */
export function asOldServer(recording: Recording): Outcome {
  const objects = recording.snapshot.objects.map(asOld);
  return { recording: { ...recording, snapshot: { ...recording.snapshot, objects, serverVersion: 'v1.20.15' } } };
}

function asOld(object: KubernetesObject): KubernetesObject {
  const spec = mapAt(object, 'spec');
  const as = (apiVersion: string, other: Loose = spec): KubernetesObject => ({
    ...object,
    apiVersion,
    ...(Object.keys(other).length > 0 ? { spec: other } : {}),
  });
  if (object.kind === 'CronJob') return as('batch/v1beta1');
  if (object.kind === 'PodDisruptionBudget') return as('policy/v1beta1');
  if (object.kind === 'EndpointSlice') return as('discovery.k8s.io/v1beta1', {});
  if (object.kind === 'HorizontalPodAutoscaler') return as('autoscaling/v2beta2');
  if (object.kind === 'Ingress') return as('extensions/v1beta1', oldIngress(spec));
  if (object.kind !== 'Pod') return object;
  const conditions = listAt(object, 'status', 'conditions')
    .filter((one) => at(one, 'type') !== 'PodReadyToStartContainers')
    .map((one) => ({ ...(one as Loose), observedGeneration: undefined }));
  return { ...object, status: { ...mapAt(object, 'status'), conditions, observedGeneration: undefined, hostIPs: undefined } };
}

/** https://kubernetes.io/docs/reference/using-api/deprecation-guide/#ingress-v122 */
function oldIngress({ defaultBackend, rules, ...spec }: Loose): Loose {
  const backend = (one: unknown) => {
    const port = mapAt(one, 'service', 'port');
    return { serviceName: at(one, 'service', 'name'), servicePort: port.number ?? port.name };
  };
  const paths = (rule: unknown) =>
    listAt(rule, 'http', 'paths').map((path) => ({ ...(path as Loose), backend: backend(at(path, 'backend')) }));
  return {
    ...spec,
    ...(defaultBackend === undefined ? {} : { backend: backend(defaultBackend) }),
    ...(rules === undefined
      ? {}
      : { rules: listAt({ rules }, 'rules').map((rule) => ({ ...(rule as Loose), http: { paths: paths(rule) } })) }),
  };
}

/** What newer servers write into every object and older readers do not know. */
export function asNewServer(recording: Recording): Outcome {
  const objects = recording.snapshot.objects.map((object): KubernetesObject => {
    const generation = at(object, 'metadata', 'generation') ?? 1;
    if (object.kind !== 'Pod') return object;
    const conditions = listAt(object, 'status', 'conditions').map((one) => ({ ...(one as Loose), observedGeneration: generation }));
    const status = {
      ...mapAt(object, 'status'),
      conditions,
      observedGeneration: generation,
      qosClass: at(object, 'status', 'qosClass') ?? 'Burstable',
    };
    return { ...object, metadata: { ...object.metadata, generation } as KubernetesObject['metadata'], status };
  });
  const without = objects.filter(({ kind }) => kind !== 'Endpoints');
  const coverage = recording.snapshot.coverage.filter(({ kind }) => kind !== 'Endpoints');
  return { recording: { ...recording, snapshot: { ...recording.snapshot, objects: without, coverage, serverVersion: 'v1.36.0' } } };
}
