import type { CmdbReader } from '@tier0/core';
import { endpointsOf } from './endpoints-of.ts';
import { siblingId } from './existence.ts';
import { indexed } from './indexed.ts';
import { type HeldObject, objectsOf } from './objects.ts';
import { mapAt, textAt } from './read-object.ts';

/** Addresses that a person wrote for a Service without a selector. */
export interface WrittenEndpoints {
  /** Item id of the object they were written in. */
  readonly id: string;
  readonly addresses: readonly string[];
}

const MIRROR = 'endpointslicemirroring-controller.k8s.io';

/** Endpoints written by hand, by the item id of their Service. Those that a controller keeps up have an owner. */
export const writtenEndpoints = indexed((reader): ReadonlyMap<string, WrittenEndpoints> => {
  const plain = objectsOf(reader, 'Service', '').filter(
    ({ object }) => Object.keys(mapAt(object, 'spec', 'selector')).length === 0 && textAt(object, 'spec', 'type') !== 'ExternalName',
  );
  return new Map(
    plain.flatMap((service): [string, WrittenEndpoints][] => {
      const known = endpointsOf(reader, service.namespace, service.name);
      const holder = known?.holders[0];
      const addresses = known?.endpoints.flatMap((endpoint) => endpoint.addresses) ?? [];
      // The API server writes the endpoints of its own Service.
      if (holder === undefined || addresses.length === 0 || (service.namespace === 'default' && service.name === 'kubernetes')) return [];
      return [[service.id, { id: writtenIn(reader, service, holder), addresses }]];
    }),
  );
});

/** A slice that mirrors Endpoints is not where the address was written. */
export function writtenIn(reader: CmdbReader, service: HeldObject, holder: HeldObject): string {
  const endpoints = siblingId(service.id, 'Endpoints', service.name);
  const isMirror = mapAt(holder.object, 'metadata', 'labels')['endpointslice.kubernetes.io/managed-by'] === MIRROR;
  return isMirror || reader.get(endpoints).state === 'found' ? endpoints : holder.id;
}
