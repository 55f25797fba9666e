import { kubernetesItemId, type Relation, readField } from '@tier0/core';
import { WORKLOAD_KINDS } from '../kinds/kubernetes-kinds.ts';
import { entriesOf, isRecord, type KubernetesObject, textMap, textOf } from '../kinds/kubernetes-object.ts';
import { containersOf, podSpecOf } from '../kinds/pod-spec.ts';
import { isMadeOfTemplate } from './owner.ts';
import { type ClusterObjects, type RelationRule, relate } from './relation-rule.ts';

/** A text that may hold host names, and where it stands. */
interface Mention {
  readonly text: string;
  readonly via: string;
  /** Name of the variable or key that holds the text, when one does. */
  readonly variable?: string;
  /** The text stands in a ConfigMap, which several workloads may read. */
  readonly shared?: boolean;
}

/** Longest text looked at; a ConfigMap may hold 1 MiB. */
const MENTION_CHARACTERS = 65_536;
/** An inference from a name, so weaker than an owner reference. */
const CONFIDENCE = 0.5;

/** A host name written so that only a cluster's own DNS can mean it names a Service even when there is none. */
const MISSING_CONFIDENCE = 0.3;

/**
 * Workload dependsOn a Service whose host name stands in an environment variable, an argument or a ConfigMap it reads.
 * A bare word counts with a port or a scheme (`http://cart`, `cart:7070`) or in a variable that is named for a host: a name alone may be
 * any word. A host that an Ingress answers for leads to that Ingress. A Service that does not exist is named too where the text leaves no doubt that one was meant.
 */
export const hostNameRelations: RelationRule = (objects) => {
  const services = new Set(objects.ofKind('Service').map((service) => `${service.metadata.namespace}/${service.metadata.name}`));
  const namespaces = new Set(objects.all.map((object) => object.metadata.namespace));
  const configMaps = new Map(objects.ofKind('ConfigMap').map((map) => [`${map.metadata.namespace}/${map.metadata.name}`, map]));
  const hostsInMap = new Map<string, readonly HostName[]>();
  const ingressByHost = ingressHosts(objects);
  return objects.all.flatMap((object): Relation[] => {
    const podSpec = WORKLOAD_KINDS.has(object.kind) && !isMadeOfTemplate(object) ? podSpecOf(object) : undefined;
    const namespace = object.metadata.namespace;
    if (!podSpec || !namespace) return [];
    const found = new Map<string, Dependency>();
    const entrances = new Map<string, Dependency>();
    for (const mention of mentionsOf(podSpec, namespace, configMaps)) {
      for (const ingress of ingressesIn(mention.text, ingressByHost)) {
        if (!entrances.has(ingress)) entrances.set(ingress, { via: mention.via, confidence: CONFIDENCE });
      }
      for (const host of hostNamesIn(mention, namespace, hostsInMap)) {
        const isThere = services.has(host.service);
        if ((!isThere && !(host.certain && namespaces.has(host.service.split('/')[0]))) || found.has(host.service)) continue;
        found.set(host.service, { via: mention.via, confidence: isThere ? CONFIDENCE : MISSING_CONFIDENCE });
      }
    }
    return [
      ...[...found].map(([host, dependency]) => relateHost(objects, object, host, dependency)),
      ...[...entrances].map(([to, { via, confidence }]) =>
        relate(objects, { from: objects.idOf(object), to, type: 'dependsOn', confidence, properties: { via } }),
      ),
    ];
  });
};

/** Item id of the Ingress that answers for each outside host name. */
function ingressHosts(objects: ClusterObjects): ReadonlyMap<string, string> {
  return new Map(
    objects.ofKind('Ingress').flatMap((ingress) =>
      entriesOf(readField(ingress, ['spec', 'rules'])).flatMap((rule) => {
        const host = textOf(readField(rule, ['host']));
        return host === undefined || host.startsWith('*') ? [] : [[host.toLowerCase(), objects.idOf(ingress)] as const];
      }),
    ),
  );
}

function ingressesIn(text: string, byHost: ReadonlyMap<string, string>): readonly string[] {
  if (byHost.size === 0 || !text.includes('://')) return [];
  const hosts = [...text.slice(0, MENTION_CHARACTERS).matchAll(WITH_SCHEME)].map((match) => (match[1] ?? '').toLowerCase());
  return hosts.flatMap((host) => byHost.get(host) ?? []);
}

interface Dependency {
  readonly via: string;
  readonly confidence: number;
}

function relateHost(objects: ClusterObjects, object: KubernetesObject, host: string, { via, confidence }: Dependency): Relation {
  const [namespace, name = ''] = host.split('/');
  const to = kubernetesItemId({ cluster: objects.cluster, namespace, kind: 'Service', name });
  return relate(objects, { from: objects.idOf(object), to, type: 'dependsOn', confidence, properties: { via } });
}

function mentionsOf(podSpec: Record<string, unknown>, namespace: string, maps: ReadonlyMap<string, KubernetesObject>): readonly Mention[] {
  const inMap = (name: unknown, key?: unknown): readonly Mention[] => {
    const data = textMap(maps.get(`${namespace}/${String(name)}`)?.data);
    return Object.entries(data)
      .filter(([entry]) => key === undefined || entry === key)
      .map(([entry, text]) => ({ text, via: `ConfigMap ${String(name)} key ${entry}`, variable: entry, shared: true }));
  };
  const fromContainers = containersOf(podSpec).flatMap((container) => [
    ...entriesOf(container.env)
      .filter(isRecord)
      .flatMap((entry): readonly Mention[] => {
        const reference = readField(entry, ['valueFrom', 'configMapKeyRef']);
        if (reference) return inMap(readField(reference, ['name']), readField(reference, ['key']));
        const value = textOf(entry.value);
        return value ? [{ text: value, via: `env ${textOf(entry.name) ?? ''}`, variable: textOf(entry.name) ?? '' }] : [];
      }),
    ...entriesOf(container.envFrom).flatMap((entry) => inMap(readField(entry, ['configMapRef', 'name']))),
    ...[...entriesOf(container.command), ...entriesOf(container.args)].flatMap((argument) =>
      typeof argument === 'string' ? [{ text: argument, via: `an argument of ${textOf(container.name) ?? ''}` }] : [],
    ),
  ]);
  const fromVolumes = entriesOf(podSpec.volumes).flatMap((volume) => inMap(readField(volume, ['configMap', 'name'])));
  return [...fromContainers, ...fromVolumes];
}

/** What stands behind these is a bucket, a file or an image, not a host. */
const WITH_SCHEME =
  /\b(?!(?:s3a?|gs|gcs|azblob|abfss?|file|unix|unixgram|docker|oci|npipe|arn):)[a-z][a-z0-9+.-]*:\/\/(?:[^\s/@]*@)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)/gi;
const WITH_PORT = /(?:^|[\s,;="'@/])([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?):\d{1,5}\b/gi;
const CLUSTER_NAME = /\b([a-z0-9-]+\.[a-z0-9-]+\.svc)(?:\.[a-z0-9.-]+)?\b/gi;
const WHOLE_NAME = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;
/** Variables and keys that hold the name of a host, as they are called in the field. */
const HOST_VARIABLE = /(?:^|[._-])(host|hostname|addr|address|server|service|endpoint|broker|upstream)s?$/i;

/** A Service that a text can mean. */
interface HostName {
  /** `namespace/name`. */
  readonly service: string;
  /** True when the text cannot mean anything but a Service, there or not. */
  readonly certain: boolean;
}

/** A text of a ConfigMap is searched once, however many workloads read it. */
function hostNamesIn(mention: Mention, namespace: string, known: Map<string, readonly HostName[]>): readonly HostName[] {
  if (!mention.shared) return searchHosts(mention, namespace);
  const key = `${namespace} ${mention.via}`;
  const held = known.get(key) ?? searchHosts(mention, namespace);
  known.set(key, held);
  return held;
}

function searchHosts(mention: Mention, namespace: string): readonly HostName[] {
  const bounded = mention.text.slice(0, MENTION_CHARACTERS);
  // Without one of these no host name can be recognised in the text.
  const isHost = mention.variable !== undefined && HOST_VARIABLE.test(mention.variable) && WHOLE_NAME.test(bounded);
  if (!isHost && !bounded.includes(':') && !bounded.includes('.svc')) return [];
  const byForm = (pattern: RegExp, certain: boolean) => [...bounded.matchAll(pattern)].map((match) => ({ host: match[1] ?? '', certain }));
  const hosts = [
    ...byForm(CLUSTER_NAME, mention.shared !== true),
    ...byForm(WITH_SCHEME, mention.variable !== undefined),
    ...(isHost ? [{ host: bounded, certain: true }] : []),
    ...byForm(WITH_PORT, mention.variable !== undefined && !mention.shared),
  ];
  return hosts.flatMap(({ host, certain }): readonly HostName[] => {
    const [name = '', space, service, ...rest] = host.toLowerCase().split('.');
    if (/^\d+$/.test(name) || name === 'localhost') return [];
    if (space === undefined) return [{ service: `${namespace}/${name}`, certain }];
    if (service === 'svc') return [{ service: `${space}/${name}`, certain }];
    // `pod.service.namespace.svc`: one member of a headless Service.
    if (rest[0] === 'svc') return [{ service: `${service}/${space}`, certain }];
    // `name.namespace` may as well be a domain of the outside world.
    return service === undefined
      ? [
          { service: `${space}/${name}`, certain: false },
          { service: `${namespace}/${space}`, certain: false },
        ]
      : [];
  });
}
