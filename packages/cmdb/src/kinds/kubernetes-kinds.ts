/** A kind the CMDB reads, and where the API server lists it. */
export interface KubernetesKind {
  readonly kind: string;
  readonly apiVersion: string;
  /** Plural resource name in the URL. */
  readonly resource: string;
  readonly namespaced: boolean;
}

/** Every kind that is listed. Secrets are not among them: their values are never read. */
export const KUBERNETES_KINDS: readonly KubernetesKind[] = [
  { kind: 'Namespace', apiVersion: 'v1', resource: 'namespaces', namespaced: false },
  { kind: 'Node', apiVersion: 'v1', resource: 'nodes', namespaced: false },
  { kind: 'Deployment', apiVersion: 'apps/v1', resource: 'deployments', namespaced: true },
  { kind: 'ReplicaSet', apiVersion: 'apps/v1', resource: 'replicasets', namespaced: true },
  { kind: 'StatefulSet', apiVersion: 'apps/v1', resource: 'statefulsets', namespaced: true },
  { kind: 'DaemonSet', apiVersion: 'apps/v1', resource: 'daemonsets', namespaced: true },
  { kind: 'Pod', apiVersion: 'v1', resource: 'pods', namespaced: true },
  { kind: 'Service', apiVersion: 'v1', resource: 'services', namespaced: true },
  { kind: 'EndpointSlice', apiVersion: 'discovery.k8s.io/v1', resource: 'endpointslices', namespaced: true },
  { kind: 'Ingress', apiVersion: 'networking.k8s.io/v1', resource: 'ingresses', namespaced: true },
  { kind: 'ConfigMap', apiVersion: 'v1', resource: 'configmaps', namespaced: true },
  { kind: 'ServiceAccount', apiVersion: 'v1', resource: 'serviceaccounts', namespaced: true },
  { kind: 'PersistentVolumeClaim', apiVersion: 'v1', resource: 'persistentvolumeclaims', namespaced: true },
  { kind: 'HorizontalPodAutoscaler', apiVersion: 'autoscaling/v2', resource: 'horizontalpodautoscalers', namespaced: true },
  { kind: 'Event', apiVersion: 'v1', resource: 'events', namespaced: true },
];

/** Kinds whose pod template says what runs. */
export const WORKLOAD_KINDS: ReadonlySet<string> = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Pod']);

/** Path of the list of a kind: `/api/v1/pods`, `/apis/apps/v1/deployments`. */
export function listPath(kind: KubernetesKind): string {
  const root = kind.apiVersion.includes('/') ? '/apis' : '/api';
  return `${root}/${kind.apiVersion}/${kind.resource}`;
}
