/** A version of an API group that no longer serves some of its kinds, since a minor version of Kubernetes 1.x. */
export interface RemovedVersion {
  readonly apiVersion: string;
  readonly kinds: readonly string[];
  readonly minor: number;
}

/**
 * Kinds of the API server's own that were taken away, by version. Source: the deprecated API migration guide of Kubernetes. Kinds that a cluster
 * gains by what is installed in it are not meant: they may come yet.
 */
export const REMOVED_VERSIONS: readonly RemovedVersion[] = [
  { apiVersion: 'extensions/v1beta1', kinds: ['DaemonSet', 'Deployment', 'NetworkPolicy', 'ReplicaSet'], minor: 16 },
  { apiVersion: 'extensions/v1beta1', kinds: ['Ingress'], minor: 22 },
  { apiVersion: 'apps/v1beta1', kinds: ['Deployment', 'StatefulSet'], minor: 16 },
  { apiVersion: 'apps/v1beta2', kinds: ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'], minor: 16 },
  { apiVersion: 'networking.k8s.io/v1beta1', kinds: ['Ingress', 'IngressClass'], minor: 22 },
  { apiVersion: 'rbac.authorization.k8s.io/v1beta1', kinds: ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'], minor: 22 },
  {
    apiVersion: 'admissionregistration.k8s.io/v1beta1',
    kinds: ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
    minor: 22,
  },
  { apiVersion: 'apiextensions.k8s.io/v1beta1', kinds: ['CustomResourceDefinition'], minor: 22 },
  { apiVersion: 'apiregistration.k8s.io/v1beta1', kinds: ['APIService'], minor: 22 },
  { apiVersion: 'certificates.k8s.io/v1beta1', kinds: ['CertificateSigningRequest'], minor: 22 },
  { apiVersion: 'coordination.k8s.io/v1beta1', kinds: ['Lease'], minor: 22 },
  { apiVersion: 'scheduling.k8s.io/v1beta1', kinds: ['PriorityClass'], minor: 22 },
  { apiVersion: 'storage.k8s.io/v1beta1', kinds: ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment'], minor: 22 },
  { apiVersion: 'storage.k8s.io/v1beta1', kinds: ['CSIStorageCapacity'], minor: 27 },
  { apiVersion: 'batch/v1beta1', kinds: ['CronJob'], minor: 25 },
  { apiVersion: 'policy/v1beta1', kinds: ['PodDisruptionBudget', 'PodSecurityPolicy'], minor: 25 },
  { apiVersion: 'discovery.k8s.io/v1beta1', kinds: ['EndpointSlice'], minor: 25 },
  { apiVersion: 'events.k8s.io/v1beta1', kinds: ['Event'], minor: 25 },
  { apiVersion: 'node.k8s.io/v1beta1', kinds: ['RuntimeClass'], minor: 25 },
  { apiVersion: 'autoscaling/v2beta1', kinds: ['HorizontalPodAutoscaler'], minor: 25 },
  { apiVersion: 'autoscaling/v2beta2', kinds: ['HorizontalPodAutoscaler'], minor: 26 },
  { apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta1', kinds: ['FlowSchema', 'PriorityLevelConfiguration'], minor: 26 },
  { apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta2', kinds: ['FlowSchema', 'PriorityLevelConfiguration'], minor: 29 },
  { apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta3', kinds: ['FlowSchema', 'PriorityLevelConfiguration'], minor: 32 },
];

/** The minor version of Kubernetes 1.x since which an API version no longer has a kind; undefined where it never had it, or has it still. */
export function removedIn(apiVersion: string, kind: string): number | undefined {
  return REMOVED_VERSIONS.find((removed) => removed.apiVersion === apiVersion && removed.kinds.includes(kind))?.minor;
}

/** Whether an API version once had a kind and does not any more, in any version of Kubernetes. */
export function isRemovedApi(apiVersion: string, kind: string): boolean {
  return removedIn(apiVersion, kind) !== undefined;
}
