import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';
import { existence, namespacesWithPods, siblingId } from '../objects/existence.ts';
import { serviceIdOf } from '../objects/host-name.ts';
import { indexed } from '../objects/indexed.ts';
import type { PodView } from '../objects/pod-view.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { writtenEndpoints } from '../objects/written-endpoints.ts';

/** What a host is: a Service that is there or not, a host outside, or this very pod. */
export type Host =
  | { readonly kind: 'service'; readonly id: string }
  | { readonly kind: 'absent'; readonly id: string }
  /** A Service without a selector, whose addresses a person wrote. */
  | { readonly kind: 'by-hand'; readonly id: string; readonly holder: string }
  /** A name that only the cluster can mean, of a Service that was not recorded. */
  | { readonly kind: 'unread'; readonly id: string }
  | { readonly kind: 'outside' | 'own' | 'unknown' };

const servicesByAddress = indexed((reader) => {
  const addresses = new Map<string, string>();
  for (const { id } of reader.items({ kind: 'Service' }).items)
    for (const address of [textAt(reader.object(id), 'spec', 'clusterIP'), ...listAt(reader.object(id), 'spec', 'clusterIPs')])
      if (typeof address === 'string' && address !== 'None') addresses.set(address, id);
  return addresses;
});

/** Service by the address of a pod it selects. */
export const servicesByPodAddress = indexed((reader) => {
  const addresses = new Map<string, string>();
  for (const { id } of reader.items({ kind: 'Pod' }).items) {
    const address = textAt(reader.object(id), 'status', 'podIP');
    const service = reader.relations(id, 'in', 'selects')[0]?.from;
    if (address !== undefined && service !== undefined) addresses.set(address, service);
  }
  return addresses;
});

const servicesByHandAddress = indexed(
  (reader) => new Map([...writtenEndpoints(reader)].flatMap(([service, { addresses }]) => addresses.map((address) => [address, service]))),
);

export function hostOf({ reader, id }: PodView, host: string): Host {
  if (/^(?:localhost|127\.|0\.0\.0\.0|::1)/.test(host)) return { kind: 'own' };
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) {
    const service =
      servicesByAddress(reader).get(host) ?? servicesByPodAddress(reader).get(host) ?? servicesByHandAddress(reader).get(host);
    return service === undefined
      ? { kind: /^(?:10|172\.(?:1[6-9]|2\d|3[01])|192\.168)\./.test(host) ? 'unknown' : 'outside' }
      : served(reader, service);
  }
  const service = serviceIdOf(id, host) ?? inNamespace(reader, id, host) ?? podOfService(id, host);
  if (service === undefined) return { kind: 'outside' };
  const identity = parseKubernetesItemId(service);
  const state = identity ? existence(reader, identity) : 'unknown';
  if (state === 'unknown') return /\.svc(?:\.|$)/.test(host) ? { kind: 'unread', id: service } : { kind: 'unknown' };
  return state === 'found' ? served(reader, service) : { kind: 'absent', id: service };
}

/** Names that stand for another name, followed at most. */
const ALIASES = 4;

/** The Service that an alias (ExternalName) of the cluster stands for; itself where it is none, or leads out of the cluster or nowhere. */
function behindAlias(reader: CmdbReader, service: string, left = ALIASES): string {
  const alias = textAt(reader.object(service), 'spec', 'externalName');
  const target = alias === undefined || left === 0 ? undefined : serviceIdOf(service, alias);
  return target === undefined || reader.get(target).state !== 'found' ? service : behindAlias(reader, target, left - 1);
}

function served(reader: CmdbReader, alias: string): Host {
  const service = behindAlias(reader, alias);
  const holder = writtenEndpoints(reader).get(service);
  return holder === undefined ? { kind: 'service', id: service } : { kind: 'by-hand', id: service, holder: holder.id };
}

/** `db-0.db` and `db-0.db.ns.svc`: a member of a StatefulSet by its governing Service. */
function podOfService(item: string, host: string): string | undefined {
  const [, name, namespace] = /^[a-z0-9-]+-\d+\.([a-z0-9-]+)(?:\.([a-z0-9-]+)\.svc.*)?$/.exec(host) ?? [];
  return name === undefined ? undefined : siblingId(item, 'Service', name, namespace);
}

/** `name.namespace`, when there is such a namespace. */
function inNamespace(reader: CmdbReader, item: string, host: string): string | undefined {
  const [name = '', namespace, more] = host.split('.');
  if (namespace === undefined || more !== undefined) return undefined;
  const space = parseKubernetesItemId(siblingId(item, 'Namespace', namespace, ''));
  // Where namespaces were not recorded, those of pods are known all the same.
  const isSpace = space !== undefined && (existence(reader, space) === 'found' || namespacesWithPods(reader).has(namespace));
  return isSpace ? siblingId(item, 'Service', name, namespace) : undefined;
}
