/** A kind the CMDB reads, and where the API server lists it. */
export interface KubernetesKind {
  readonly kind: string;
  readonly apiVersion: string;
  /** Plural resource name in the URL. */
  readonly resource: string;
  readonly namespaced: boolean;
  /** Defined by an add-on: not installed is an ordinary answer. */
  readonly optional?: boolean;
}

/**
 * Every kind that is listed. Secrets are not among them: their values are never read.
 * An optional kind comes from an add-on; a cluster that does not have it lacks nothing.
 */
export const KUBERNETES_KINDS: readonly KubernetesKind[] = [
  { kind: 'Namespace', apiVersion: 'v1', resource: 'namespaces', namespaced: false },
  { kind: 'Node', apiVersion: 'v1', resource: 'nodes', namespaced: false },
  { kind: 'Deployment', apiVersion: 'apps/v1', resource: 'deployments', namespaced: true },
  { kind: 'ReplicaSet', apiVersion: 'apps/v1', resource: 'replicasets', namespaced: true },
  { kind: 'StatefulSet', apiVersion: 'apps/v1', resource: 'statefulsets', namespaced: true },
  { kind: 'DaemonSet', apiVersion: 'apps/v1', resource: 'daemonsets', namespaced: true },
  { kind: 'ControllerRevision', apiVersion: 'apps/v1', resource: 'controllerrevisions', namespaced: true },
  { kind: 'ReplicationController', apiVersion: 'v1', resource: 'replicationcontrollers', namespaced: true },
  { kind: 'Job', apiVersion: 'batch/v1', resource: 'jobs', namespaced: true },
  { kind: 'CronJob', apiVersion: 'batch/v1', resource: 'cronjobs', namespaced: true },
  { kind: 'Pod', apiVersion: 'v1', resource: 'pods', namespaced: true },
  { kind: 'Service', apiVersion: 'v1', resource: 'services', namespaced: true },
  { kind: 'Endpoints', apiVersion: 'v1', resource: 'endpoints', namespaced: true },
  { kind: 'EndpointSlice', apiVersion: 'discovery.k8s.io/v1', resource: 'endpointslices', namespaced: true },
  { kind: 'Ingress', apiVersion: 'networking.k8s.io/v1', resource: 'ingresses', namespaced: true },
  { kind: 'IngressClass', apiVersion: 'networking.k8s.io/v1', resource: 'ingressclasses', namespaced: false },
  { kind: 'NetworkPolicy', apiVersion: 'networking.k8s.io/v1', resource: 'networkpolicies', namespaced: true },
  { kind: 'ConfigMap', apiVersion: 'v1', resource: 'configmaps', namespaced: true },
  { kind: 'ServiceAccount', apiVersion: 'v1', resource: 'serviceaccounts', namespaced: true },
  { kind: 'PersistentVolumeClaim', apiVersion: 'v1', resource: 'persistentvolumeclaims', namespaced: true },
  { kind: 'PersistentVolume', apiVersion: 'v1', resource: 'persistentvolumes', namespaced: false },
  { kind: 'StorageClass', apiVersion: 'storage.k8s.io/v1', resource: 'storageclasses', namespaced: false },
  { kind: 'VolumeAttachment', apiVersion: 'storage.k8s.io/v1', resource: 'volumeattachments', namespaced: false },
  { kind: 'CSIDriver', apiVersion: 'storage.k8s.io/v1', resource: 'csidrivers', namespaced: false },
  { kind: 'HorizontalPodAutoscaler', apiVersion: 'autoscaling/v2', resource: 'horizontalpodautoscalers', namespaced: true },
  { kind: 'PodDisruptionBudget', apiVersion: 'policy/v1', resource: 'poddisruptionbudgets', namespaced: true },
  { kind: 'ResourceQuota', apiVersion: 'v1', resource: 'resourcequotas', namespaced: true },
  { kind: 'LimitRange', apiVersion: 'v1', resource: 'limitranges', namespaced: true },
  { kind: 'PriorityClass', apiVersion: 'scheduling.k8s.io/v1', resource: 'priorityclasses', namespaced: false },
  { kind: 'Role', apiVersion: 'rbac.authorization.k8s.io/v1', resource: 'roles', namespaced: true },
  { kind: 'ClusterRole', apiVersion: 'rbac.authorization.k8s.io/v1', resource: 'clusterroles', namespaced: false },
  { kind: 'RoleBinding', apiVersion: 'rbac.authorization.k8s.io/v1', resource: 'rolebindings', namespaced: true },
  { kind: 'ClusterRoleBinding', apiVersion: 'rbac.authorization.k8s.io/v1', resource: 'clusterrolebindings', namespaced: false },
  {
    kind: 'ValidatingWebhookConfiguration',
    apiVersion: 'admissionregistration.k8s.io/v1',
    resource: 'validatingwebhookconfigurations',
    namespaced: false,
  },
  {
    kind: 'MutatingWebhookConfiguration',
    apiVersion: 'admissionregistration.k8s.io/v1',
    resource: 'mutatingwebhookconfigurations',
    namespaced: false,
  },
  { kind: 'APIService', apiVersion: 'apiregistration.k8s.io/v1', resource: 'apiservices', namespaced: false },
  { kind: 'CustomResourceDefinition', apiVersion: 'apiextensions.k8s.io/v1', resource: 'customresourcedefinitions', namespaced: false },
  { kind: 'Event', apiVersion: 'v1', resource: 'events', namespaced: true },
  { kind: 'GatewayClass', apiVersion: 'gateway.networking.k8s.io/v1', resource: 'gatewayclasses', namespaced: false, optional: true },
  { kind: 'Gateway', apiVersion: 'gateway.networking.k8s.io/v1', resource: 'gateways', namespaced: true, optional: true },
  { kind: 'HTTPRoute', apiVersion: 'gateway.networking.k8s.io/v1', resource: 'httproutes', namespaced: true, optional: true },
  {
    kind: 'ReferenceGrant',
    apiVersion: 'gateway.networking.k8s.io/v1beta1',
    resource: 'referencegrants',
    namespaced: true,
    optional: true,
  },
  { kind: 'Certificate', apiVersion: 'cert-manager.io/v1', resource: 'certificates', namespaced: true, optional: true },
  { kind: 'ServiceMonitor', apiVersion: 'monitoring.coreos.com/v1', resource: 'servicemonitors', namespaced: true, optional: true },
  { kind: 'Application', apiVersion: 'argoproj.io/v1alpha1', resource: 'applications', namespaced: true, optional: true },
  { kind: 'Rollout', apiVersion: 'argoproj.io/v1alpha1', resource: 'rollouts', namespaced: true, optional: true },
  { kind: 'DeploymentConfig', apiVersion: 'apps.openshift.io/v1', resource: 'deploymentconfigs', namespaced: true, optional: true },
  { kind: 'Kustomization', apiVersion: 'kustomize.toolkit.fluxcd.io/v1', resource: 'kustomizations', namespaced: true, optional: true },
  { kind: 'HelmRelease', apiVersion: 'helm.toolkit.fluxcd.io/v2', resource: 'helmreleases', namespaced: true, optional: true },
  { kind: 'GitRepository', apiVersion: 'source.toolkit.fluxcd.io/v1', resource: 'gitrepositories', namespaced: true, optional: true },
  { kind: 'HelmRepository', apiVersion: 'source.toolkit.fluxcd.io/v1', resource: 'helmrepositories', namespaced: true, optional: true },
  { kind: 'OCIRepository', apiVersion: 'source.toolkit.fluxcd.io/v1', resource: 'ocirepositories', namespaced: true, optional: true },
  { kind: 'AuthorizationPolicy', apiVersion: 'security.istio.io/v1', resource: 'authorizationpolicies', namespaced: true, optional: true },
  { kind: 'PeerAuthentication', apiVersion: 'security.istio.io/v1', resource: 'peerauthentications', namespaced: true, optional: true },
];

/** Kinds whose pod template says what runs. */
export const WORKLOAD_KINDS: ReadonlySet<string> = new Set([
  'Deployment',
  'ReplicaSet',
  'ReplicationController',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'Rollout',
  'DeploymentConfig',
  'Pod',
]);

/** Path of the list of a kind: `/api/v1/pods`, `/apis/apps/v1/namespaces/shop/deployments`. */
export function listPath(kind: KubernetesKind, namespace?: string): string {
  const root = kind.apiVersion.includes('/') ? '/apis' : '/api';
  const scope = namespace === undefined || !kind.namespaced ? '' : `namespaces/${encodeURIComponent(namespace)}/`;
  return `${root}/${kind.apiVersion}/${scope}${kind.resource}`;
}
