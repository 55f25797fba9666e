import { KUBERNETES_KINDS } from '@tier0/cmdb';
import { type CmdbReader, type ConfigurationItem, formatItemId } from '@tier0/core';

/** Short names of kinds. Source: "kubectl api-resources" of Kubernetes 1.34. */
const SHORT: Readonly<Record<string, string>> = {
  cm: 'ConfigMap',
  crd: 'CustomResourceDefinition',
  crds: 'CustomResourceDefinition',
  cj: 'CronJob',
  dc: 'DeploymentConfig',
  deploy: 'Deployment',
  ds: 'DaemonSet',
  ep: 'Endpoints',
  hpa: 'HorizontalPodAutoscaler',
  ing: 'Ingress',
  limits: 'LimitRange',
  netpol: 'NetworkPolicy',
  no: 'Node',
  ns: 'Namespace',
  pc: 'PriorityClass',
  pdb: 'PodDisruptionBudget',
  po: 'Pod',
  pv: 'PersistentVolume',
  pvc: 'PersistentVolumeClaim',
  quota: 'ResourceQuota',
  rc: 'ReplicationController',
  rs: 'ReplicaSet',
  sa: 'ServiceAccount',
  sc: 'StorageClass',
  sts: 'StatefulSet',
  svc: 'Service',
};

/** An object as a person names it. */
export interface ItemName {
  readonly kind: string;
  /** `-` for what has none; undefined where it was not said. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** The kind a person means by `deploy`, `deployments`, `Deployment` or `deployment`; undefined for a word that is none. */
export function kindNamed(word: string): string | undefined {
  const lower = word.toLowerCase();
  const known = KUBERNETES_KINDS.find(({ kind, resource }) => kind.toLowerCase() === lower || resource === lower);
  return known?.kind ?? SHORT[lower];
}

/** Whether objects of the kind stand in no namespace, as far as that is known. */
export function isClusterWide(kind: string): boolean {
  return KUBERNETES_KINDS.find((known) => known.kind === kind)?.namespaced === false;
}

/**
 * `deploy/shop/web`, `deploy/web`, `Deployment shop/web`, `deploy web` and the same with kinds of custom resources, which are written as they are;
 * undefined for what does not look like a name. Two parts after a slash are a kind and a name, as kubectl has it.
 */
export function parseItemName(text: string): ItemName | undefined {
  const [, word = '', rest = ''] = /^([\w.-]+)(?:\/|\s+)(\S+)$/.exec(text.trim()) ?? [];
  const kind = kindNamed(word) ?? (/^[A-Z][\w.]*$/.test(word) ? word : undefined);
  const parts = rest.split('/');
  if (kind === undefined || parts.length > 2 || parts.some((part) => part === '')) return undefined;
  const [first = '', second] = parts;
  return second === undefined ? { kind, name: first } : { kind, namespace: first, name: second };
}

/** Items that bear a name; where no namespace was said, those of every namespace. */
export function itemsNamed(reader: CmdbReader, { kind, namespace, name }: ItemName): readonly ConfigurationItem[] {
  const shown = (place: string) => `${kind} ${place}${name}`.toLowerCase();
  const isNamed = (item: string) => {
    if (namespace !== undefined) return item === shown(namespace === '-' ? '' : `${namespace}/`);
    return item === shown('') || (item.startsWith(`${kind} `.toLowerCase()) && item.endsWith(`/${name}`.toLowerCase()));
  };
  return reader.items({}).items.filter(({ id }) => isNamed(formatItemId(id).toLowerCase()));
}
