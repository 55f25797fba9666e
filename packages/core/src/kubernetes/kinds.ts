/**
 * API groups at home in each kind's name: what is meant where only the name is said. `''` is the core group. Kubernetes' own kinds first, then
 * those of add-ons that tier0 reads; where an add-on's group has sub-groups, its last labels stand for all of them.
 */
const HOME: Readonly<Record<string, readonly string[]>> = {
  ...all(
    '',
    'Namespace Node Pod Service Endpoints ConfigMap Secret ServiceAccount PersistentVolumeClaim PersistentVolume ResourceQuota LimitRange ReplicationController PodTemplate Binding ComponentStatus',
  ),
  Event: ['', 'events.k8s.io'],
  ...all('apps', 'Deployment ReplicaSet StatefulSet DaemonSet ControllerRevision'),
  ...all('batch', 'Job CronJob'),
  EndpointSlice: ['discovery.k8s.io'],
  Ingress: ['networking.k8s.io', 'extensions'],
  ...all('networking.k8s.io', 'IngressClass NetworkPolicy IPAddress ServiceCIDR'),
  ...all('storage.k8s.io', 'StorageClass VolumeAttachment CSIDriver CSINode CSIStorageCapacity VolumeAttributesClass'),
  HorizontalPodAutoscaler: ['autoscaling'],
  PodDisruptionBudget: ['policy'],
  ...all('scheduling.k8s.io', 'PriorityClass'),
  RuntimeClass: ['node.k8s.io'],
  Lease: ['coordination.k8s.io'],
  ...all('rbac.authorization.k8s.io', 'Role ClusterRole RoleBinding ClusterRoleBinding'),
  ...all(
    'admissionregistration.k8s.io',
    'ValidatingWebhookConfiguration MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding MutatingAdmissionPolicy MutatingAdmissionPolicyBinding',
  ),
  APIService: ['apiregistration.k8s.io'],
  CustomResourceDefinition: ['apiextensions.k8s.io'],
  ...all(
    'gateway.networking.k8s.io',
    'GatewayClass Gateway HTTPRoute GRPCRoute TLSRoute TCPRoute UDPRoute ReferenceGrant BackendTLSPolicy',
  ),
  ...all('cert-manager.io', 'Certificate CertificateRequest Issuer ClusterIssuer'),
  ...all('acme.cert-manager.io', 'Order Challenge'),
  ...all('monitoring.coreos.com', 'ServiceMonitor PodMonitor PrometheusRule'),
  ...all('argoproj.io', 'Application ApplicationSet AppProject Rollout'),
  ...all('kustomize.toolkit.fluxcd.io', 'Kustomization'),
  ...all('helm.toolkit.fluxcd.io', 'HelmRelease'),
  ...all('source.toolkit.fluxcd.io', 'GitRepository HelmRepository HelmChart OCIRepository'),
  ...all('security.istio.io', 'AuthorizationPolicy PeerAuthentication RequestAuthentication'),
  ...all('networking.istio.io', 'DestinationRule VirtualService ServiceEntry'),
  ...all('external-secrets.io', 'ExternalSecret SecretStore ClusterSecretStore ClusterExternalSecret'),
  ...all('bitnami.com', 'SealedSecret'),
  ...all('keda.sh', 'ScaledObject ScaledJob TriggerAuthentication'),
};

function all(group: string, kinds: string): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(kinds.split(' ').map((kind) => [kind, [group]]));
}

/** The group of an `apiVersion`, `''` for the core group; undefined where none is given. */
export function groupOfVersion(apiVersion: string | undefined): string | undefined {
  if (apiVersion === undefined || apiVersion === '') return undefined;
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

/**
 * The name that a kind goes by in item ids: `NetworkPolicy` for the one of Kubernetes, `NetworkPolicy.crd.projectcalico.org` for another
 * of that name, as `kubectl` writes it. A kind that does not say its group is taken as the one at home in its name; no add-on is in the core group.
 */
export function qualifiedKind(apiVersion: string | undefined, kind: string): string {
  const group = groupOfVersion(apiVersion);
  if (!group || kind.includes('.')) return kind;
  const home = HOME[kind];
  if (home === undefined || home.includes(group)) return kind;
  return `${kind}.${group}`;
}

/** The kind without its group, as people say it. */
export function bareKind(kind: string): string {
  const dot = kind.indexOf('.');
  return dot === -1 ? kind : kind.slice(0, dot);
}
