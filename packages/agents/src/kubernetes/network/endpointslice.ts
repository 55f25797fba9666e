import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { endpointsOf } from '../objects/endpoints-of.ts';
import { indexed } from '../objects/indexed.ts';
import { type HeldObject, isReadCompletely, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { declaredPorts, type IndexedPod, podIndex } from '../objects/pod-index.ts';
import { listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { writtenIn } from '../objects/written-endpoints.ts';
import { isInRange } from './policy-traffic.ts';

/** Pods come and go within a minute, and their addresses with them. */
const SETTLING_MS = 120_000;

/** Endpoints that a person wrote for a Service without a selector. Addresses outside the pod network are not judged. */
export const endpointSliceRule: Rule = {
  name: 'endpointslice',
  check(reader) {
    if (!isReadCompletely(reader, 'Pod') || !areAddressesKnown(reader)) return [];
    return objectsOf(reader, 'Service', '').flatMap((service) => {
      if (isApiServer(service)) return [];
      const isPlain =
        Object.keys(mapAt(service.object, 'spec', 'selector')).length === 0 && textAt(service.object, 'spec', 'type') !== 'ExternalName';
      return isPlain ? checkEndpoints(reader, service) : [];
    });
  },
};

/** The API server writes the endpoints of its own Service, and is no pod of the cluster. */
function isApiServer({ namespace, name }: HeldObject): boolean {
  return namespace === 'default' && name === 'kubernetes';
}

/** A snapshot that leaves out the addresses of pods cannot show that one is wrong. */
const areAddressesKnown = indexed((reader) => {
  const running = podIndex(reader).all.filter((pod) => pod.ready);
  return running.length > 0 && running.every((pod) => textAt(pod.object, 'status', 'podIP') !== undefined);
});

const podsByAddress = indexed(
  (reader) =>
    new Map(
      podIndex(reader).all.flatMap((pod): [string, IndexedPod][] => {
        const address = textAt(pod.object, 'status', 'podIP');
        // On the network of its node a pod has the node's address, which says nothing of who listens there.
        return address && !pod.over && !pod.hostNetwork ? [[address, pod]] : [];
      }),
    ),
);

/** Ranges that pods get their addresses from: what nodes say, or the /24 networks that several pods share. */
const podRanges = indexed((reader): readonly string[] => {
  const stated = objectsOf(reader, 'Node').flatMap((node) => textAt(node.object, 'spec', 'podCIDR') ?? []);
  if (stated.length > 0) return stated;
  const networks = [...podsByAddress(reader)].filter(([, pod]) => !pod.hostNetwork).map(([address]) => address.replace(/\.\d+$/, '.0/24'));
  return [...new Set(networks)];
});

/** Addresses that are alive but belong to no pod. */
const nodeAddresses = indexed(
  (reader) =>
    new Set(
      objectsOf(reader, 'Node').flatMap((node) =>
        listAt(node.object, 'status', 'addresses').flatMap((entry) => textAt(entry, 'address') ?? []),
      ),
    ),
);

function checkEndpoints(reader: CmdbReader, service: HeldObject): readonly FindingDraft[] {
  const known = endpointsOf(reader, service.namespace, service.name);
  const holder = known?.holders[0];
  if (known === undefined || holder === undefined || isYoungerThan(reader, holder.object, SETTLING_MS)) return [];
  const addresses = known.endpoints.flatMap((endpoint) => endpoint.addresses);
  const lost = addresses.filter((address) => isLost(reader, address));
  if (lost.length > 0) return [lostFinding(reader, service, { holder, lost })];
  return wrongPort(reader, service, { holder, addresses });
}

function isLost(reader: CmdbReader, address: string): boolean {
  if (podsByAddress(reader).has(address) || nodeAddresses(reader).has(address)) return false;
  return podRanges(reader).some((range) => isInRange(address, range) === true);
}

function lostFinding(
  reader: CmdbReader,
  service: HeldObject,
  { holder, lost }: { readonly holder: HeldObject; readonly lost: readonly string[] },
): FindingDraft {
  return {
    code: 'T0-ENDPOINTSLICE-001',
    subject: writtenIn(reader, service, holder),
    facts: { service: service.name, addresses: [...lost].sort() },
    evidence: [quote(reader, holder.id, ['endpoints']), quote(reader, holder.id, ['subsets'])],
  };
}

function wrongPort(
  reader: CmdbReader,
  service: HeldObject,
  { holder, addresses }: { readonly holder: HeldObject; readonly addresses: readonly string[] },
): readonly FindingDraft[] {
  const ports = [...listAt(holder.object, 'ports'), ...listAt(holder.object, 'subsets').flatMap((subset) => listAt(subset, 'ports'))];
  const numbers = ports.flatMap((port) => numberAt(port, 'port') ?? []);
  const pods = addresses.flatMap((address) => podsByAddress(reader).get(address) ?? []);
  const declared = pods.flatMap((pod) => declaredPorts(readField(pod.object, ['spec'])).map((entry) => entry.port));
  if (pods.length === 0 || numbers.length === 0 || declared.length === 0 || numbers.some((port) => declared.includes(port))) return [];
  return [
    {
      code: 'T0-ENDPOINTSLICE-002',
      subject: writtenIn(reader, service, holder),
      key: String(numbers[0]),
      facts: { service: service.name, ports: numbers, declared },
      evidence: [quote(reader, holder.id, ['ports']), quote(reader, holder.id, ['subsets'])],
    },
  ];
}
