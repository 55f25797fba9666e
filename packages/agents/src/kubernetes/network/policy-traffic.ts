import { type CmdbReader, readField } from '@tier0/core';
import { siblingId } from '../objects/existence.ts';
import { indexed } from '../objects/indexed.ts';
import { type HeldObject, objectsOf } from '../objects/objects.ts';
import { declaredPorts, type IndexedPod } from '../objects/pod-index.ts';
import { listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { matchesSelector } from '../objects/selector-match.ts';

export type Direction = 'Ingress' | 'Egress';

/** Packets from one pod to a port of another. */
export interface Traffic {
  readonly from: IndexedPod;
  readonly to: IndexedPod;
  readonly port: number;
  /** Default `TCP`. */
  readonly protocol?: 'TCP' | 'UDP';
}

const policiesByNamespace = indexed((reader) =>
  Map.groupBy(objectsOf(reader, 'NetworkPolicy', 'networking.k8s.io'), (policy) => policy.namespace),
);

/** Policies that select a pod for one direction. A pod that none selects is open; one on its node's network is never selected. */
export function policiesFor(reader: CmdbReader, pod: IndexedPod, direction: Direction): readonly HeldObject[] {
  if (pod.hostNetwork) return [];
  const own = policiesByNamespace(reader).get(pod.namespace) ?? [];
  return own.filter(
    (policy) => directionsOf(policy).includes(direction) && matchesSelector(pod.labels, readField(policy.object, ['spec', 'podSelector'])),
  );
}

/** `policyTypes`, or what the API takes when it is left out: Ingress always, Egress where there are egress rules. */
function directionsOf(policy: HeldObject): readonly unknown[] {
  const types = listAt(policy.object, 'spec', 'policyTypes');
  if (types.length > 0) return types;
  return listAt(policy.object, 'spec', 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

export function rulesOf(policy: HeldObject, direction: Direction): readonly unknown[] {
  return listAt(policy.object, 'spec', direction === 'Ingress' ? 'ingress' : 'egress');
}

/** The policies that together stop the traffic in one direction; empty when it passes or cannot be judged. */
export function blockingPolicies(reader: CmdbReader, traffic: Traffic, direction: Direction): readonly HeldObject[] {
  const policies = policiesFor(reader, direction === 'Ingress' ? traffic.to : traffic.from, direction);
  const passes = policies.some((policy) => rulesOf(policy, direction).some((rule) => allows(reader, { policy, rule, direction }, traffic)));
  return passes ? [] : policies;
}

/** One rule of a policy. */
export interface PolicyRule {
  readonly policy: HeldObject;
  readonly rule: unknown;
  readonly direction: Direction;
}

function allows(reader: CmdbReader, held: PolicyRule, traffic: Traffic): boolean {
  return allowsPeer(reader, held, traffic) && allowsPort(held.rule, traffic);
}

/** Whether the peers of a rule include the other end. No peers means everyone; what cannot be judged counts as allowed. */
export function allowsPeer(reader: CmdbReader, { policy, rule, direction }: PolicyRule, traffic: Traffic): boolean {
  const peers = listAt(rule, direction === 'Ingress' ? 'from' : 'to');
  const other = direction === 'Ingress' ? traffic.from : traffic.to;
  return peers.length === 0 || other.hostNetwork || peers.some((peer) => isPeer(reader, { policy, peer }, other));
}

function isPeer(reader: CmdbReader, { policy, peer }: { readonly policy: HeldObject; readonly peer: unknown }, pod: IndexedPod): boolean {
  const block = readField(peer, ['ipBlock']);
  if (block !== undefined) return isInBlock(textAt(pod.object, 'status', 'podIP'), block);
  const namespaces = readField(peer, ['namespaceSelector']);
  const pods = readField(peer, ['podSelector']);
  const inNamespace = namespaces === undefined ? pod.namespace === policy.namespace : isNamespaceChosen(reader, pod, namespaces);
  return inNamespace && (pods === undefined || matchesSelector(pod.labels, pods));
}

function isNamespaceChosen(reader: CmdbReader, pod: IndexedPod, selector: unknown): boolean {
  const id = siblingId(pod.id, 'Namespace', pod.namespace, '');
  const own = { 'kubernetes.io/metadata.name': pod.namespace };
  if (reader.get(id).state === 'found') return matchesSelector({ ...mapAt(reader.object(id), 'metadata', 'labels'), ...own }, selector);
  const isByName =
    Object.keys(mapAt(selector, 'matchLabels')).every((key) => key in own) && listAt(selector, 'matchExpressions').length === 0;
  return isByName ? matchesSelector(own, selector) : true;
}

function isInBlock(address: string | undefined, block: unknown): boolean {
  const inside = isInRange(address, textAt(block, 'cidr') ?? '');
  if (inside !== true) return inside ?? true;
  return !listAt(block, 'except').some((range) => isInRange(address, String(range)) === true);
}

/** Whether an IPv4 address lies in a range such as `10.0.0.0/8`; undefined when that cannot be told. */
export function isInRange(address: string | undefined, range: string): boolean | undefined {
  const [base = '', bits = '32'] = range.split('/');
  const [left, right, length] = [toNumber(address ?? ''), toNumber(base), Number(bits)];
  if (length === 0) return true;
  if (left === undefined || right === undefined || !(length > 0 && length <= 32)) return undefined;
  const size = 2 ** (32 - length);
  return Math.floor(left / size) === Math.floor(right / size);
}

function toNumber(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** Whether the ports of a rule include the one of the traffic. A name is one of the pod that is reached. */
export function allowsPort(rule: unknown, { to, port, protocol = 'TCP' }: Traffic): boolean {
  const ports = listAt(rule, 'ports');
  return ports.length === 0 || ports.some((entry) => (textAt(entry, 'protocol') ?? 'TCP') === protocol && isPort(entry, to, port));
}

function isPort(entry: unknown, to: IndexedPod, port: number): boolean {
  const wanted = readField(entry, ['port']);
  if (wanted === undefined) return true;
  if (typeof wanted === 'string')
    return declaredPorts(readField(to.object, ['spec'])).some((own) => own.name === wanted && own.port === port);
  const end = numberAt(entry, 'endPort') ?? wanted;
  return typeof wanted === 'number' && typeof end === 'number' && port >= wanted && port <= end;
}
