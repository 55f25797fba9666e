/** A kind with the API group that it belongs to: `apps/Deployment`, `core/Service`. The same word in another group is another kind. */
export type GroupKind = `${string}/${string}`;

/** What names the kind of an object. */
interface Typed {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
}

/**
 * The kind of an object by its `apiVersion` and `kind`; the group without a name is called `core`. Objects of a list come without them: what
 * says no version is taken for the built-in kind, so that no rule about it is passed over.
 */
export function groupKindOf({ apiVersion, kind }: Typed): GroupKind {
  if (apiVersion === undefined) return builtInKind(String(kind)) ?? `core/${String(kind ?? '')}`;
  const text = String(apiVersion ?? '');
  const slash = text.indexOf('/');
  return `${slash < 0 ? 'core' : text.slice(0, slash)}/${String(kind ?? '')}`;
}

/** Group and version of an object: `apps/v1` gives `apps` and `v1`, `v1` gives the empty group. */
export function groupVersionOf({ apiVersion }: Typed): { readonly group: string; readonly version: string } {
  const text = String(apiVersion ?? '');
  const slash = text.indexOf('/');
  return slash < 0 ? { group: '', version: text } : { group: text.slice(0, slash), version: text.slice(slash + 1) };
}

const GROUPS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ControllerRevision'].map((kind) => [kind, 'apps'])),
  Job: 'batch',
  CronJob: 'batch',
  HorizontalPodAutoscaler: 'autoscaling',
  PodDisruptionBudget: 'policy',
  Ingress: 'networking.k8s.io',
  IngressClass: 'networking.k8s.io',
  NetworkPolicy: 'networking.k8s.io',
  Role: 'rbac.authorization.k8s.io',
  RoleBinding: 'rbac.authorization.k8s.io',
  ClusterRole: 'rbac.authorization.k8s.io',
  ClusterRoleBinding: 'rbac.authorization.k8s.io',
  StorageClass: 'storage.k8s.io',
  PriorityClass: 'scheduling.k8s.io',
  CustomResourceDefinition: 'apiextensions.k8s.io',
  ValidatingAdmissionPolicy: 'admissionregistration.k8s.io',
  ValidatingAdmissionPolicyBinding: 'admissionregistration.k8s.io',
  ValidatingWebhookConfiguration: 'admissionregistration.k8s.io',
  MutatingWebhookConfiguration: 'admissionregistration.k8s.io',
};

const CORE: ReadonlySet<string> = new Set(
  'ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount'.split(
    ' ',
  ),
);

/** The built-in kind of that name; undefined where Kubernetes itself has none, so that its group is not known from its name. */
export function builtInKind(kind: string): GroupKind | undefined {
  const group = CORE.has(kind) ? 'core' : GROUPS[kind];
  return group === undefined ? undefined : `${group}/${kind}`;
}
