import type { Item, Loose } from './item.ts';
import { isActive } from './pods.ts';
import type { World } from './world.ts';

const UNITS: Readonly<Record<string, number>> = {
  m: 0.001,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
};

/** A Kubernetes quantity as a number of cores, bytes or pieces. */
export function amountOf(quantity: string | number | undefined): number {
  const [, digits, unit] = /^([\d.]+)([A-Za-z]*)$/.exec(`${quantity ?? 0}`) ?? [];
  return Number(digits) * (UNITS[unit ?? ''] ?? 1);
}

export function cpuText(cores: number): string {
  return Number.isInteger(cores) ? `${cores}` : `${Math.round(cores * 1000)}m`;
}

export function memoryText(bytes: number): string {
  return bytes % 1024 ** 3 === 0 ? `${bytes / 1024 ** 3}Gi` : `${Math.round(bytes / 1024 ** 2)}Mi`;
}

/** What the pods and objects of the namespace use of each resource that the quota counts. */
export function quotaUsage(world: World, quota: Item): Record<string, string> {
  return Object.fromEntries(Object.keys(quota.spec.hard).map((resource) => [resource, usage(world, quota.metadata.namespace, resource)]));
}

const KINDS: Readonly<Record<string, string>> = {
  services: 'Service',
  configmaps: 'ConfigMap',
  secrets: 'Secret',
  persistentvolumeclaims: 'PersistentVolumeClaim',
};

function usage(world: World, namespace: string | undefined, resource: string): string {
  const pods = world.list('Pod', namespace).filter(isActive);
  if (resource === 'pods' || resource === 'count/pods') return `${pods.length}`;
  const kind = KINDS[resource.replace('count/', '')];
  if (kind) return `${world.list(kind, namespace).length}`;
  const [part, name] = resource.includes('.') ? (resource.split('.') as [string, string]) : ['requests', resource];
  const total = pods.reduce((amount, pod) => amount + podAmount(pod, part, name), 0);
  return name === 'cpu' ? cpuText(Math.round(total * 1000) / 1000) : memoryText(total);
}

export function podAmount(pod: Item, part: string, resource: string): number {
  return pod.spec.containers.reduce(
    (total: number, { resources }: Loose) =>
      total + amountOf(resources?.[part]?.[resource] ?? (part === 'requests' ? resources?.limits?.[resource] : 0)),
    0,
  );
}

/** What the pods of a node ask for. */
export function requestedOn(world: World, node: Item, resource: string): number {
  const pods = world.list('Pod').filter((pod) => pod.spec.nodeName === node.metadata.name && isActive(pod));
  return pods.reduce((total, pod) => total + podAmount(pod, 'requests', resource), 0);
}
