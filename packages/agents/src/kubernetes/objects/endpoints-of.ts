import { type CmdbReader, readField } from '@tier0/core';
import { indexed } from './indexed.ts';
import { type HeldObject, objectsOf } from './objects.ts';
import { listAt, mapAt, textAt } from './read-object.ts';

/** One address behind a Service. */
export interface Endpoint {
  readonly addresses: readonly string[];
  readonly ready: boolean;
  readonly node: string | undefined;
  /** Kind and name of the object it stands for, usually a pod. */
  readonly target: string | undefined;
}

/** The endpoints of one Service and the objects that hold them. */
export interface ServiceEndpoints {
  readonly holders: readonly HeldObject[];
  readonly endpoints: readonly Endpoint[];
}

const slicesByService = indexed((reader) =>
  Map.groupBy(
    objectsOf(reader, 'EndpointSlice'),
    (slice) => `${slice.namespace}/${mapAt(slice.object, 'metadata', 'labels')['kubernetes.io/service-name'] ?? ''}`,
  ),
);

const endpointsByName = indexed(
  (reader) =>
    new Map<string, HeldObject>(
      objectsOf(reader, 'Endpoints').map((held): [string, HeldObject] => [`${held.namespace}/${held.name}`, held]),
    ),
);

/** Endpoints of a Service: its EndpointSlices, or its Endpoints where there are no slices; undefined when neither was captured. */
export function endpointsOf(reader: CmdbReader, namespace: string, service: string): ServiceEndpoints | undefined {
  const key = `${namespace}/${service}`;
  const slices = slicesByService(reader).get(key);
  if (slices) return { holders: slices, endpoints: slices.flatMap((slice) => listAt(slice.object, 'endpoints').map(toEndpoint)) };
  const legacy = endpointsByName(reader).get(key);
  if (!legacy) return undefined;
  const subsets = listAt(legacy.object, 'subsets');
  const ready = subsets.flatMap((subset) => listAt(subset, 'addresses').map((entry) => fromAddress(entry, true)));
  const notReady = subsets.flatMap((subset) => listAt(subset, 'notReadyAddresses').map((entry) => fromAddress(entry, false)));
  return { holders: [legacy], endpoints: [...ready, ...notReady] };
}

function toEndpoint(entry: unknown): Endpoint {
  const addresses = listAt(entry, 'addresses').filter((address) => typeof address === 'string');
  const target = textAt(entry, 'targetRef', 'name');
  // The API calls an endpoint that does not say ready ready.
  return { addresses, ready: readField(entry, ['conditions', 'ready']) !== false, node: textAt(entry, 'nodeName'), target };
}

function fromAddress(entry: unknown, ready: boolean): Endpoint {
  const address = textAt(entry, 'ip') ?? textAt(entry, 'hostname');
  return {
    addresses: address ? [address] : [],
    ready,
    node: textAt(entry, 'nodeName'),
    target: textAt(entry, 'targetRef', 'name'),
  };
}
