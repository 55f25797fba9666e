import { kubernetesItemId, type Relation, readField } from '@tier0/core';
import { idOf } from '../kinds/kubernetes-item.ts';
import { WORKLOAD_KINDS } from '../kinds/kubernetes-kinds.ts';
import { entriesOf, isRecord, type KubernetesObject, textMap, textOf } from '../kinds/kubernetes-object.ts';
import { containersOf, podSpecOf } from '../kinds/pod-spec.ts';
import { controllerOf } from './owner.ts';
import { type ClusterObjects, type RelationRule, relate } from './relation-rule.ts';

/** A text that may hold host names, and where it stands. */
interface Mention {
  readonly text: string;
  readonly via: string;
}

/** Longest text looked at; a ConfigMap may hold 1 MiB. */
const MENTION_CHARACTERS = 65_536;
/** An inference from a name, so weaker than an owner reference. */
const CONFIDENCE = 0.5;

/**
 * Workload dependsOn a Service whose host name stands in an environment variable or in a ConfigMap it reads.
 * A bare word counts only with a port or a scheme (`http://cart`, `cart:7070`): a name alone may be any word.
 */
export const hostNameRelations: RelationRule = (objects) => {
  const services = new Set(objects.ofKind('Service').map((service) => `${service.metadata.namespace}/${service.metadata.name}`));
  const configMaps = new Map(objects.ofKind('ConfigMap').map((map) => [`${map.metadata.namespace}/${map.metadata.name}`, map]));
  return objects.all.flatMap((object): Relation[] => {
    const podSpec = WORKLOAD_KINDS.has(object.kind) && !controllerOf(object) ? podSpecOf(object) : undefined;
    const namespace = object.metadata.namespace;
    if (!podSpec || !namespace) return [];
    const found = new Map<string, string>();
    for (const mention of mentionsOf(podSpec, namespace, configMaps)) {
      for (const host of hostNamesIn(mention.text, namespace)) if (services.has(host) && !found.has(host)) found.set(host, mention.via);
    }
    return [...found].map(([host, via]) => dependency(objects, object, host, via));
  });
};

function dependency(objects: ClusterObjects, object: KubernetesObject, host: string, via: string): Relation {
  const [namespace, name = ''] = host.split('/');
  const to = kubernetesItemId({ cluster: objects.cluster, namespace, kind: 'Service', name });
  return relate(objects, { from: idOf(object, objects.cluster), to, type: 'dependsOn', confidence: CONFIDENCE, properties: { via } });
}

function mentionsOf(podSpec: Record<string, unknown>, namespace: string, maps: ReadonlyMap<string, KubernetesObject>): readonly Mention[] {
  const inMap = (name: unknown, key?: unknown): readonly Mention[] => {
    const data = textMap(maps.get(`${namespace}/${String(name)}`)?.data);
    return Object.entries(data)
      .filter(([entry]) => key === undefined || entry === key)
      .map(([entry, text]) => ({ text, via: `ConfigMap ${String(name)} key ${entry}` }));
  };
  const fromContainers = containersOf(podSpec).flatMap((container) => [
    ...entriesOf(container.env)
      .filter(isRecord)
      .flatMap((entry): readonly Mention[] => {
        const reference = readField(entry, ['valueFrom', 'configMapKeyRef']);
        if (reference) return inMap(readField(reference, ['name']), readField(reference, ['key']));
        const value = textOf(entry.value);
        return value ? [{ text: value, via: `env ${textOf(entry.name) ?? ''}` }] : [];
      }),
    ...entriesOf(container.envFrom).flatMap((entry) => inMap(readField(entry, ['configMapRef', 'name']))),
  ]);
  const fromVolumes = entriesOf(podSpec.volumes).flatMap((volume) => inMap(readField(volume, ['configMap', 'name'])));
  return [...fromContainers, ...fromVolumes];
}

const WITH_SCHEME = /\b[a-z][a-z0-9+.-]*:\/\/(?:[^\s/@]*@)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)/gi;
const WITH_PORT = /(?:^|[\s,;="'@/])([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?):\d{1,5}\b/gi;
const CLUSTER_NAME = /\b([a-z0-9-]+\.[a-z0-9-]+\.svc)(?:\.[a-z0-9.-]+)?\b/gi;

/** `namespace/name` for each Service host name that the text can mean: `name`, `name.namespace`, `name.namespace.svc...`. */
function hostNamesIn(text: string, namespace: string): readonly string[] {
  const bounded = text.slice(0, MENTION_CHARACTERS);
  const hosts = [WITH_SCHEME, WITH_PORT, CLUSTER_NAME].flatMap((pattern) => [...bounded.matchAll(pattern)].map((match) => match[1] ?? ''));
  return hosts.flatMap((host) => {
    const [name = '', space, service] = host.toLowerCase().split('.');
    if (space === undefined) return [`${namespace}/${name}`];
    return service === undefined || service === 'svc' ? [`${space}/${name}`] : [];
  });
}
