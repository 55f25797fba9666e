import { isJsonObject, type KubernetesObject, valueAt } from './kubernetes-object.ts';

/** One kind as discovery shows it: how it is named in a URL and what can be done with it. */
export interface ResourceKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural, lower case, as in the URL. */
  readonly resource: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly string[];
  /** Key of the shelf where objects are kept: versions of one resource share it, and so do both kinds of Event. */
  readonly shelf: string;
  /** True when it was derived from a CustomResourceDefinition or from an object, and has no built-in schema. */
  readonly custom: boolean;
}

interface KindTraits {
  readonly clusterWide?: boolean;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly string[];
  readonly shelf?: string;
}

const STATUS = ['status'];
const SCALABLE = ['status', 'scale'];
const ALL = ['all'];

/** The built-in kinds. Adding a line here makes a kind visible to discovery, lists, watches and kubectl. */
const BUILT_IN: readonly ResourceKind[] = [
  builtIn('v1', 'Pod', 'pods', { shortNames: ['po'], categories: ALL, subresources: ['status', 'log'] }),
  builtIn('v1', 'Service', 'services', { shortNames: ['svc'], categories: ALL, subresources: STATUS }),
  builtIn('v1', 'Endpoints', 'endpoints', { shortNames: ['ep'] }),
  builtIn('v1', 'ConfigMap', 'configmaps', { shortNames: ['cm'] }),
  builtIn('v1', 'Secret', 'secrets'),
  builtIn('v1', 'Node', 'nodes', { clusterWide: true, shortNames: ['no'], subresources: STATUS }),
  builtIn('v1', 'Namespace', 'namespaces', { clusterWide: true, shortNames: ['ns'], subresources: STATUS }),
  builtIn('v1', 'Event', 'events', { shortNames: ['ev'] }),
  builtIn('v1', 'ServiceAccount', 'serviceaccounts', { shortNames: ['sa'] }),
  builtIn('v1', 'PersistentVolume', 'persistentvolumes', { clusterWide: true, shortNames: ['pv'], subresources: STATUS }),
  builtIn('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', { shortNames: ['pvc'], subresources: STATUS }),
  builtIn('v1', 'ReplicationController', 'replicationcontrollers', { shortNames: ['rc'], categories: ALL, subresources: SCALABLE }),
  builtIn('v1', 'ResourceQuota', 'resourcequotas', { shortNames: ['quota'], subresources: STATUS }),
  builtIn('v1', 'LimitRange', 'limitranges', { shortNames: ['limits'] }),
  builtIn('apps/v1', 'Deployment', 'deployments', { shortNames: ['deploy'], categories: ALL, subresources: SCALABLE }),
  builtIn('apps/v1', 'ReplicaSet', 'replicasets', { shortNames: ['rs'], categories: ALL, subresources: SCALABLE }),
  builtIn('apps/v1', 'StatefulSet', 'statefulsets', { shortNames: ['sts'], categories: ALL, subresources: SCALABLE }),
  builtIn('apps/v1', 'DaemonSet', 'daemonsets', { shortNames: ['ds'], categories: ALL, subresources: STATUS }),
  builtIn('apps/v1', 'ControllerRevision', 'controllerrevisions'),
  builtIn('batch/v1', 'Job', 'jobs', { categories: ALL, subresources: STATUS }),
  builtIn('batch/v1', 'CronJob', 'cronjobs', { shortNames: ['cj'], categories: ALL, subresources: STATUS }),
  builtIn('networking.k8s.io/v1', 'Ingress', 'ingresses', { shortNames: ['ing'], subresources: STATUS }),
  builtIn('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', { clusterWide: true }),
  builtIn('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', { shortNames: ['netpol'] }),
  builtIn('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'),
  builtIn('events.k8s.io/v1', 'Event', 'events', { shortNames: ['ev'], shelf: '/events' }),
  builtIn('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
    shortNames: ['hpa'],
    categories: ALL,
    subresources: STATUS,
  }),
  builtIn('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', { shortNames: ['pdb'], subresources: STATUS }),
  builtIn('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  builtIn('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  builtIn('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', { clusterWide: true }),
  builtIn('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings', { clusterWide: true }),
  builtIn('storage.k8s.io/v1', 'StorageClass', 'storageclasses', { clusterWide: true, shortNames: ['sc'] }),
  builtIn('storage.k8s.io/v1', 'VolumeAttachment', 'volumeattachments', { clusterWide: true, subresources: STATUS }),
  builtIn('storage.k8s.io/v1', 'CSIDriver', 'csidrivers', { clusterWide: true }),
  builtIn('storage.k8s.io/v1', 'CSINode', 'csinodes', { clusterWide: true }),
  builtIn('coordination.k8s.io/v1', 'Lease', 'leases'),
  builtIn('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', { clusterWide: true, shortNames: ['pc'] }),
  builtIn('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', { clusterWide: true }),
  builtIn('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', { clusterWide: true }),
  builtIn('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    clusterWide: true,
    shortNames: ['crd', 'crds'],
    subresources: STATUS,
  }),
];

/** The kinds a cluster serves; grows when a CustomResourceDefinition or an object of an unknown kind arrives. */
export interface KindRegistry {
  all(): readonly ResourceKind[];
  /** By what stands in a URL. */
  find(group: string, version: string, resource: string): ResourceKind | undefined;
  /** By what stands in an object. */
  named(apiVersion: string, kind: string): ResourceKind | undefined;
  /** Makes sure that this object has a kind, and returns it. */
  learn(object: KubernetesObject): ResourceKind;
}

export function createKindRegistry(): KindRegistry {
  const kinds = [...BUILT_IN];
  const named = (apiVersion: string, kind: string) => kinds.find((known) => apiVersionOf(known) === apiVersion && known.kind === kind);
  const add = (kind: ResourceKind) => {
    const at = kinds.findIndex((known) => apiVersionOf(known) === apiVersionOf(kind) && known.resource === kind.resource);
    if (at < 0) kinds.push(kind);
    else if (kinds[at]!.custom) kinds[at] = kind;
  };
  return {
    all: () => kinds,
    find: (group, version, resource) =>
      kinds.find((known) => known.group === group && known.version === version && known.resource === resource),
    named,
    learn(object) {
      if (object.kind === 'CustomResourceDefinition') for (const kind of kindsOfDefinition(object)) add(kind);
      const known = named(object.apiVersion, object.kind);
      if (known !== undefined) return known;
      const derived = deriveKind(object);
      add(derived);
      return derived;
    },
  };
}

export function apiVersionOf(kind: { readonly group: string; readonly version: string }): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

export function splitApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

function builtIn(apiVersion: string, kind: string, resource: string, traits: KindTraits = {}): ResourceKind {
  const { group, version } = splitApiVersion(apiVersion);
  return {
    group,
    version,
    kind,
    resource,
    singular: kind.toLowerCase(),
    namespaced: traits.clusterWide !== true,
    shortNames: traits.shortNames ?? [],
    categories: traits.categories ?? [],
    subresources: traits.subresources ?? [],
    shelf: traits.shelf ?? `${group}/${resource}`,
    custom: false,
  };
}

function kindsOfDefinition(definition: KubernetesObject): readonly ResourceKind[] {
  const group = String(valueAt(definition, ['spec', 'group']) ?? '');
  const kind = valueAt(definition, ['spec', 'names', 'kind']);
  const resource = valueAt(definition, ['spec', 'names', 'plural']);
  const versions = valueAt(definition, ['spec', 'versions']);
  if (typeof kind !== 'string' || typeof resource !== 'string' || !Array.isArray(versions)) return [];
  return versions
    .filter((version) => isJsonObject(version) && version.served !== false && typeof version.name === 'string')
    .map((version) => ({
      group,
      version: version.name as string,
      kind,
      resource,
      singular: String(valueAt(definition, ['spec', 'names', 'singular']) ?? kind.toLowerCase()),
      namespaced: valueAt(definition, ['spec', 'scope']) !== 'Cluster',
      shortNames: stringsAt(definition, ['spec', 'names', 'shortNames']),
      categories: stringsAt(definition, ['spec', 'names', 'categories']),
      subresources: Object.keys((valueAt(version, ['subresources']) as object | undefined) ?? {}),
      shelf: `${group}/${resource}`,
      custom: true,
    }));
}

function stringsAt(object: KubernetesObject, path: readonly string[]): readonly string[] {
  const value = valueAt(object, path);
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

function deriveKind(object: KubernetesObject): ResourceKind {
  const resource = pluralOf(object.kind.toLowerCase());
  const traits = { clusterWide: object.metadata.namespace === undefined, subresources: STATUS };
  return { ...builtIn(object.apiVersion, object.kind, resource, traits), custom: true };
}

function pluralOf(singular: string): string {
  if (/(s|x|z|ch|sh)$/.test(singular)) return `${singular}es`;
  if (/[^aeiou]y$/.test(singular)) return `${singular.slice(0, -1)}ies`;
  return `${singular}s`;
}
