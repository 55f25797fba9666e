import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { isCloseName } from '../objects/close-name.ts';
import { indexed } from '../objects/indexed.ts';
import { type HeldObject, isReadCompletely, objectsOf } from '../objects/objects.ts';
import { declaredPorts, type IndexedPod, podIndex, podsMatching, podsWithLabels } from '../objects/pod-index.ts';
import { isFailingAtWork } from '../objects/pod-trouble.ts';
import { instantAt, listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { isEmptySelector } from '../objects/selector-match.ts';
import { ownerOf, podsByWorkload } from '../objects/workload-index.ts';
import {
  allowsPeer,
  allowsPort,
  blockingPolicies,
  type Direction,
  isInRange,
  policiesFor,
  rulesOf,
  type Traffic,
} from './policy-traffic.ts';

/** Policies that stop what is needed. To deny by default is a design, and never a fault by itself. */
export const networkPolicyRule: Rule = {
  name: 'networkpolicy',
  check(reader) {
    if (objectsOf(reader, 'NetworkPolicy', 'networking.k8s.io').length === 0 || !isReadCompletely(reader, 'Pod')) return [];
    const blocked = connectionsOf(reader).flatMap((connection) => checkConnection(reader, connection));
    return [...blocked, ...objectsOf(reader, 'NetworkPolicy', 'networking.k8s.io').flatMap((policy) => selectsNothing(reader, policy))];
  },
};

/** Somebody needs a Service: a workload that names its host, or the controller of an Ingress that routes to it. */
interface Connection {
  /** How people call the client. */
  readonly client: string;
  readonly clients: readonly IndexedPod[];
  readonly service: string;
  readonly targets: readonly IndexedPod[];
  readonly ports: readonly number[];
  /** The connection has no other purpose than this traffic. */
  readonly certain: boolean;
  readonly isHurt: boolean;
}

const connectionsOf = indexed((reader): readonly Connection[] =>
  objectsOf(reader, 'Service', '').flatMap((service) => {
    const selector = mapAt(service.object, 'spec', 'selector');
    const targets = podsWithLabels(reader, service.namespace, selector).filter((pod) => !pod.over);
    const first = targets[0];
    if (first === undefined) return [];
    const ports = listAt(service.object, 'spec', 'ports').flatMap((port) => targetPort(port, first));
    const common = { service: service.id, targets, ports };
    return [...dependants(reader, service), ...controllers(reader, service)].map((client) => ({ ...client, ...common }));
  }),
);

type Client = Pick<Connection, 'client' | 'clients' | 'certain' | 'isHurt'>;

function targetPort(port: unknown, pod: IndexedPod): readonly number[] {
  if ((textAt(port, 'protocol') ?? 'TCP') !== 'TCP') return [];
  const target = readField(port, ['targetPort']) ?? readField(port, ['port']);
  if (typeof target === 'number') return [target];
  return declaredPorts(readField(pod.object, ['spec'])).flatMap((entry) => (entry.name === target ? [entry.port] : []));
}

function dependants(reader: CmdbReader, service: HeldObject): readonly Client[] {
  return reader.relations(service.id, 'in', 'dependsOn').flatMap((relation): readonly Client[] => {
    const clients = (podsByWorkload(reader).get(relation.from) ?? []).filter((pod) => !pod.hostNetwork);
    const { kind, name } = parseKubernetesItemId(relation.from) ?? {};
    const isFailedJob = kind === 'Job' && (numberAt(reader.object(relation.from), 'status', 'failed') ?? 0) > 0;
    const isHurt = isFailedJob || clients.some((pod) => isFailingAtWork(reader, pod));
    return clients.length === 0 ? [] : [{ client: `${kind} ${name}`, clients, certain: false, isHurt }];
  });
}

/** Names by which the charts of the usual ingress controllers label their pods. */
const CONTROLLERS: ReadonlySet<string> = new Set([
  'ingress-nginx',
  'nginx-ingress',
  'traefik',
  'haproxy-ingress',
  'kubernetes-ingress',
  'kong',
  'contour',
]);

const controllerPods = indexed((reader) =>
  podIndex(reader).all.filter((pod) => pod.ready && !pod.hostNetwork && CONTROLLERS.has(pod.labels['app.kubernetes.io/name'] ?? '')),
);

function controllers(reader: CmdbReader, service: HeldObject): readonly Client[] {
  const clients = controllerPods(reader);
  const routes = clients.length === 0 ? [] : reader.relations(service.id, 'in', 'routesTo');
  if (!routes.some((route) => parseKubernetesItemId(route.from)?.kind === 'Ingress')) return [];
  return [{ client: 'the ingress controller', clients, certain: true, isHurt: true }];
}

/** Who asks whom. */
export interface BlockQuestion {
  readonly client: IndexedPod;
  readonly service: string | undefined;
  /** The name has to be looked up first. */
  readonly byName: boolean;
  /** The port that is asked; undefined: any of the Service's. */
  readonly port?: number | undefined;
}

/** What keeps the pod of a client from a Service, or from the cluster DNS where the name of the Service has to be looked up. */
export function blockBetween(reader: CmdbReader, { client, service, byName, port }: BlockQuestion): readonly FindingDraft[] {
  const owner = parseKubernetesItemId(ownerOf(reader, client.id));
  const own = { client: `${owner?.kind} ${owner?.name}`, clients: [client], certain: false, isHurt: true };
  const object = service === undefined ? undefined : reader.object(service);
  const { namespace = '' } = parseKubernetesItemId(service ?? '') ?? {};
  const targets = podsWithLabels(reader, namespace, mapAt(object, 'spec', 'selector')).filter((pod) => !pod.over);
  const first = targets[0];
  const offered = listAt(object, 'spec', 'ports');
  const asked = offered.filter((entry) => numberAt(entry, 'port') === port || readField(entry, ['targetPort']) === port);
  const ports = first === undefined ? [] : (asked.length > 0 ? asked : offered).flatMap((entry) => targetPort(entry, first));
  const connection = { ...own, service: service ?? '', targets, ports };
  const blocked = service === undefined ? [] : checkDirect(reader, connection);
  return blocked.length > 0 || !byName ? blocked : dnsBlock(reader, connection, client);
}

function checkDirect(reader: CmdbReader, connection: Connection): readonly FindingDraft[] {
  const target = connection.targets.find((pod) => pod.ready) ?? connection.targets[0];
  const client = connection.clients[0];
  if (target === undefined || client === undefined || connection.ports.length === 0) return [];
  const blocked = connection.ports.map((port) => blockOf(reader, { from: client, to: target, port }));
  const first = blocked[0];
  return first !== undefined && blocked.every((block) => block !== undefined) ? judge(reader, connection, first) : [];
}

function checkConnection(reader: CmdbReader, connection: Connection): readonly FindingDraft[] {
  const target = connection.targets.find((pod) => pod.ready);
  const client = connection.clients.find((pod) => !pod.over) ?? connection.clients[0];
  if (target === undefined || client === undefined || connection.ports.length === 0) return [];
  const blocked = connection.ports.map((port) => blockOf(reader, { from: client, to: target, port }));
  const first = blocked[0];
  if (first !== undefined && blocked.every((block) => block !== undefined)) return judge(reader, connection, first);
  return dnsBlock(reader, connection, client);
}

interface Block {
  readonly traffic: Traffic;
  readonly direction: Direction;
  readonly policies: readonly HeldObject[];
}

function blockOf(reader: CmdbReader, traffic: Traffic): Block | undefined {
  for (const direction of ['Ingress', 'Egress'] as const) {
    const policies = blockingPolicies(reader, traffic, direction);
    if (policies.length > 0) return { traffic, direction, policies };
  }
  return undefined;
}

/** A block is a fault where it hurts or where a rule plainly meant to let the traffic pass; worth a look where nobody at all may pass. */
function judge(reader: CmdbReader, connection: Connection, block: Block): readonly FindingDraft[] {
  const missed = block.policies.find((policy) => isMeant(reader, policy, block));
  const isClosed = block.policies.every((policy) => rulesOf(policy, block.direction).length === 0);
  if (!connection.isHurt && !missed && !isClosed) return [];
  const policy = missed ?? newest(block.policies);
  const { from, port } = block.traffic;
  const { name: serviceName = '' } = parseKubernetesItemId(connection.service) ?? {};
  const { client, service } = connection;
  const facts = { policy: policy.name, client, clientPod: from.id, direction: block.direction, service, serviceName, port };
  const path = ['spec', block.direction === 'Ingress' ? 'ingress' : 'egress'];
  return [
    {
      code: 'T0-NETWORKPOLICY-001',
      subject: policy.id,
      severity: connection.isHurt || missed ? 'fault' : 'degraded',
      facts,
      evidence: [
        quote(reader, policy.id, ['spec', 'podSelector']),
        quote(reader, policy.id, path),
        quote(reader, from.id, ['metadata', 'labels']),
      ],
    },
  ];
}

function newest(policies: readonly HeldObject[]): HeldObject {
  const madeAt = (policy: HeldObject) => instantAt(policy.object, 'metadata', 'creationTimestamp') ?? 0;
  return [...policies].sort((a, b) => madeAt(b) - madeAt(a) || (a.id < b.id ? -1 : 1))[0] as HeldObject;
}

/** Whether a rule meant this traffic: the right peer with a port that nobody serves, or the right port with labels a slip away. */
function isMeant(reader: CmdbReader, policy: HeldObject, { traffic, direction }: Block): boolean {
  const own = declaredPorts(readField(traffic.to.object, ['spec'])).map((entry) => entry.port);
  return rulesOf(policy, direction).some((rule) => {
    const held = { policy, rule, direction };
    const servesPort = own.some((port) => allowsPort(rule, { ...traffic, port }));
    const hasPeers = listAt(rule, direction === 'Ingress' ? 'from' : 'to').length > 0;
    if (own.length > 0 && hasPeers && allowsPeer(reader, held, traffic)) return !servesPort && listAt(rule, 'ports').every(isTcp);
    return allowsPort(rule, traffic) && isNearPeer(reader, rule, { direction, policy, traffic });
  });
}

function isTcp(port: unknown): boolean {
  return (textAt(port, 'protocol') ?? 'TCP') === 'TCP';
}

interface PeerQuestion {
  readonly direction: Direction;
  readonly policy: HeldObject;
  readonly traffic: Traffic;
}

/** A peer that is nobody at all, and whose labels are those of the other end but for a slip of the hand. */
function isNearPeer(reader: CmdbReader, rule: unknown, { direction, policy, traffic }: PeerQuestion): boolean {
  const other = direction === 'Ingress' ? traffic.from : traffic.to;
  return listAt(rule, direction === 'Ingress' ? 'from' : 'to').some((peer) => {
    const selector = readField(peer, ['podSelector']);
    const wanted = Object.entries(mapAt(selector, 'matchLabels'));
    if (selector === undefined || wanted.length === 0) return false;
    const space = readField(peer, ['namespaceSelector']) === undefined ? policy.namespace : other.namespace;
    if (space !== other.namespace || podsMatching(reader, space, selector).length > 0) return false;
    const wrong = wanted.filter(([key, value]) => other.labels[key] !== value);
    return wrong.length === 1 && wrong.every(([key, value]) => isCloseName(other.labels[key] ?? '', value));
  });
}

/** Names cannot be resolved: the egress of the client is ruled without the cluster DNS, or the DNS itself lets the client not in. */
function dnsBlock(reader: CmdbReader, connection: Connection, client: IndexedPod): readonly FindingDraft[] {
  if (!connection.isHurt || connection.certain) return [];
  const dns = podsWithLabels(reader, 'kube-system', { 'k8s-app': 'kube-dns' }).find((pod) => pod.ready);
  if (dns === undefined) return [];
  const block = blockOf(reader, { from: client, to: dns, port: 53, protocol: 'UDP' });
  if (block === undefined || policiesFor(reader, client, 'Egress').some((policy) => reachesDnsCache(policy))) return [];
  const { direction } = block;
  const policy = newest(block.policies);
  return [
    {
      code: 'T0-NETWORKPOLICY-001',
      subject: policy.id,
      key: 'dns',
      facts: { policy: policy.name, client: connection.client, clientPod: client.id, direction },
      evidence: [quote(reader, policy.id, ['spec', direction === 'Ingress' ? 'ingress' : 'egress'])],
    },
  ];
}

/** A node-local DNS cache answers on a link-local address. */
function reachesDnsCache(policy: HeldObject): boolean {
  return rulesOf(policy, 'Egress').some((rule) =>
    listAt(rule, 'to').some((peer) => isInRange('169.254.20.10', textAt(peer, 'ipBlock', 'cidr') ?? 'none') === true),
  );
}

function selectsNothing(reader: CmdbReader, policy: HeldObject): readonly FindingDraft[] {
  const selector = readField(policy.object, ['spec', 'podSelector']);
  if (isEmptySelector(selector) || podsMatching(reader, policy.namespace, selector).length > 0) return [];
  const message = `NetworkPolicy ${policy.name} selects no pod`;
  return [{ code: 'T0-NETWORKPOLICY-002', subject: policy.id, message, evidence: [quote(reader, policy.id, ['spec', 'podSelector'])] }];
}
