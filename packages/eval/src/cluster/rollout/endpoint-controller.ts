import { suffixOf } from '../deterministic-id.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { isSameJson } from '../patch/same-json.ts';
import { matchesLabels } from '../selectors.ts';
import { CONTROLLER_MANAGER, type Simulation } from './simulation.ts';
import { isActive, isReady, ownerReferenceTo, type Pod, type Service } from './workload-objects.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';

interface Address {
  readonly ip: string;
  readonly ready: boolean;
  readonly pod: Pod;
}

interface Port {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

/** Keeps Endpoints and one EndpointSlice of a Service in step with the pods its selector finds. */
export function reconcileEndpoints(service: Service, simulation: Simulation): void {
  const { selector } = service.spec;
  if (selector === undefined || Object.keys(selector).length === 0) return;
  const pods = simulation.store.list({ apiVersion: 'v1', kind: 'Pod', namespace: service.metadata.namespace }) as readonly Pod[];
  const selected = pods.filter((pod) => matchesLabels(pod.metadata.labels, selector) && isActive(pod) && pod.status?.podIP);
  const addresses = selected.map((pod) => ({
    ip: pod.status!.podIP!,
    ready: isReady(pod) || service.spec.publishNotReadyAddresses === true,
    pod,
  }));
  addresses.sort((left, right) => left.ip.localeCompare(right.ip));
  const ports = portsOf(service, selected[0]);
  writeSlice(service, { addresses, ports }, simulation);
  writeEndpoints(service, { addresses, ports }, simulation);
}

function portsOf(service: Service, pod: Pod | undefined): readonly Port[] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const number = targetPort(port.targetPort ?? port.port, pod);
    return number === undefined ? [] : [{ name: port.name ?? '', port: number, protocol: port.protocol ?? 'TCP' }];
  });
}

function targetPort(target: number | string, pod: Pod | undefined): number | undefined {
  if (typeof target === 'number') return target;
  const ports = pod?.spec.containers.flatMap((container) => container.ports ?? []) ?? [];
  return ports.find((port) => port.name === target)?.containerPort;
}

interface Wanted {
  readonly addresses: readonly Address[];
  readonly ports: readonly Port[];
}

function writeSlice(service: Service, wanted: Wanted, { store }: Simulation): void {
  const { namespace, name } = service.metadata;
  const slices = store
    .list({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace })
    .filter((slice) => slice.metadata.labels?.[SERVICE_NAME] === name);
  const [first, ...surplus] = slices;
  for (const slice of surplus) store.delete({ ...slice, namespace, name: slice.metadata.name });
  const content = { addressType: 'IPv4', endpoints: wanted.addresses.map(toEndpoint), ports: wanted.ports };
  if (first === undefined) store.create({ ...newSlice(service), ...content }, CONTROLLER_MANAGER);
  else if (surplus.length > 0 || !isSameJson(reachable(first), content.endpoints.map(reach)))
    store.update({ ...first, ...content }, CONTROLLER_MANAGER);
}

function newSlice(service: Service): KubernetesObject {
  const { namespace, name, uid } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: namespace!,
      name: `${name}-${suffixOf(5, uid, 'slice')}`,
      labels: { [SERVICE_NAME]: name, 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
      ownerReferences: [ownerReferenceTo(service)],
    },
  };
}

type Endpoint = ReturnType<typeof toEndpoint>;

function toEndpoint({ ip, ready, pod }: Address) {
  const { name, namespace, uid } = pod.metadata;
  return {
    addresses: [ip],
    conditions: { ready, serving: ready, terminating: false },
    nodeName: pod.spec.nodeName,
    targetRef: { kind: 'Pod', name, namespace, uid },
  };
}

/** What counts when a recorded slice is compared with what it should say: who is reachable, and whether ready. */
function reach({ addresses, conditions, targetRef }: Endpoint): unknown {
  return [addresses[0], conditions?.ready !== false, targetRef?.name];
}

function reachable(slice: KubernetesObject): unknown {
  const endpoints = (slice.endpoints ?? []) as readonly Endpoint[];
  return endpoints.map(reach).sort((left, right) => String(left).localeCompare(String(right)));
}

function writeEndpoints(service: Service, { addresses, ports }: Wanted, { store }: Simulation): void {
  const { namespace, name, labels } = service.metadata;
  const of = (ready: boolean) => addresses.filter((address) => address.ready === ready).map(toAddress);
  const subset = { ...nonEmpty('addresses', of(true)), ...nonEmpty('notReadyAddresses', of(false)), ports };
  const subsets = addresses.length === 0 ? undefined : [subset];
  const present = store.get({ apiVersion: 'v1', kind: 'Endpoints', namespace, name });
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { namespace, name, ...(labels && { labels }) },
    ...(subsets && { subsets }),
  } as KubernetesObject;
  if (present === undefined) store.create(endpoints, CONTROLLER_MANAGER);
  else if (!isSameJson(addressesIn(present), addressesIn(endpoints))) store.update(endpoints, CONTROLLER_MANAGER);
}

function toAddress({ ip, pod }: Address) {
  const { name, namespace, uid } = pod.metadata;
  return { ip, nodeName: pod.spec.nodeName, targetRef: { kind: 'Pod', name, namespace, uid } };
}

function nonEmpty(field: string, list: readonly unknown[]): object {
  return list.length === 0 ? {} : { [field]: list };
}

interface Subset {
  readonly addresses?: readonly { readonly ip: string }[];
  readonly notReadyAddresses?: readonly { readonly ip: string }[];
}

function addressesIn(endpoints: KubernetesObject): unknown {
  const subsets = (endpoints.subsets ?? []) as readonly Subset[];
  const ips = (pick: (subset: Subset) => readonly { readonly ip: string }[] | undefined) =>
    subsets.flatMap((subset) => (pick(subset) ?? []).map(({ ip }) => ip)).sort();
  return [ips((subset) => subset.addresses), ips((subset) => subset.notReadyAddresses)];
}
