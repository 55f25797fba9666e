import { type Item, type Loose, ownedBy, selects } from './item.ts';
import { isReady } from './pods.ts';
import { numberOf } from './random.ts';
import type { World } from './world.ts';

export interface ServicePlan {
  readonly namespace: string;
  readonly name: string;
  readonly selector?: Record<string, string>;
  readonly ports: readonly { readonly name?: string; readonly port: number; readonly targetPort?: number | string }[];
  readonly ago: number;
  readonly labels?: Record<string, string>;
  readonly manager?: string;
  /** Merged over the spec, e.g. `{ clusterIP: 'None' }`. */
  readonly spec?: Loose;
}

export function addService(world: World, plan: ServicePlan): Item {
  const { namespace, name, selector, ports, ago, labels, manager = 'kubectl-client-side-apply', spec } = plan;
  const clusterIP = spec?.clusterIP ?? `10.96.${numberOf(200, world.seed, namespace, name)}.${10 + numberOf(240, name, namespace)}`;
  return world.add(
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, ...(labels ? { labels } : {}) },
      spec: {
        clusterIP,
        clusterIPs: [clusterIP],
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: ports.map(({ name: portName, port, targetPort = port }) => ({
          ...(portName ? { name: portName } : {}),
          port,
          protocol: 'TCP',
          targetPort,
        })),
        ...(selector ? { selector } : {}),
        sessionAffinity: 'None',
        type: 'ClusterIP',
        ...spec,
      },
      status: { loadBalancer: {} },
    },
    ago,
    manager,
  );
}

/** Endpoints and EndpointSlices of every Service with a selector, as the endpoint controllers would write them. */
export function writeEndpoints(world: World): void {
  for (const service of world.list('Service')) {
    if (!service.spec.selector || service.spec.type === 'ExternalName') continue;
    const pods = world
      .list('Pod', service.metadata.namespace)
      .filter((pod) => selects(service.spec.selector, pod.metadata.labels) && pod.status?.podIP && pod.status.phase === 'Running');
    const sorted = pods.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    writeSlice(world, service, sorted);
    writeLegacyEndpoints(world, service, sorted);
  }
}

function portsFor(service: Item, pod: Item): Loose[] {
  return service.spec.ports.flatMap(({ name, port, protocol, targetPort }: Loose) => {
    const number = typeof targetPort === 'number' ? targetPort : namedPort(pod, targetPort);
    return number === undefined ? [] : [{ name: name ?? '', port: number ?? port, protocol }];
  });
}

function namedPort(pod: Item, name: string): number | undefined {
  const ports = pod.spec.containers.flatMap((container: Loose) => container.ports ?? []);
  return ports.find((port: Loose) => port.name === name)?.containerPort;
}

function writeSlice(world: World, service: Item, pods: readonly Item[]): void {
  const { name, namespace, labels } = service.metadata;
  const ago = world.minutesSince(service.metadata.creationTimestamp ?? '');
  const slice: Item = {
    addressType: 'IPv4',
    apiVersion: 'discovery.k8s.io/v1',
    endpoints: pods.length === 0 ? null : pods.map((pod) => endpointOf(world, pod)),
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      name: `${name}-${suffixOf(world, `${namespace}/${name}`)}`,
      namespace: namespace as string,
      labels: {
        ...labels,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': name,
      },
      ownerReferences: [ownedBy(service)],
    },
    ports: pods[0] ? portsFor(service, pods[0]) : null,
  };
  world.add(slice, ago);
}

function suffixOf(world: World, name: string): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length: 5 }, (_, index) => letters[numberOf(letters.length, world.seed, name, index)]).join('');
}

function endpointOf(world: World, pod: Item): Loose {
  const ready = isReady(pod) && !pod.metadata.deletionTimestamp;
  const node = world.find('Node', undefined, pod.spec.nodeName);
  return {
    addresses: [pod.status.podIP],
    conditions: { ready, serving: isReady(pod), terminating: pod.metadata.deletionTimestamp !== undefined },
    nodeName: pod.spec.nodeName,
    targetRef: targetRef(pod),
    zone: node?.metadata.labels?.['topology.kubernetes.io/zone'],
  };
}

function targetRef(pod: Item): Loose {
  return { kind: 'Pod', name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid };
}

function writeLegacyEndpoints(world: World, service: Item, pods: readonly Item[]): void {
  const { name, namespace, labels } = service.metadata;
  const addressOf = (pod: Item) => ({ ip: pod.status.podIP, nodeName: pod.spec.nodeName, targetRef: targetRef(pod) });
  const alive = pods.filter((pod) => !pod.metadata.deletionTimestamp);
  const [ready, waiting] = [alive.filter(isReady), alive.filter((pod) => !isReady(pod))];
  const subset = {
    ...(ready.length > 0 ? { addresses: ready.map(addressOf) } : {}),
    ...(waiting.length > 0 ? { notReadyAddresses: waiting.map(addressOf) } : {}),
    ...(alive[0] ? { ports: portsFor(service, alive[0]) } : {}),
  };
  const endpoints: Item = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name, namespace: namespace as string, ...(labels ? { labels } : {}) },
    ...(alive.length > 0 ? { subsets: [subset] } : {}),
  };
  world.add(endpoints, world.minutesSince(service.metadata.creationTimestamp ?? ''));
}
