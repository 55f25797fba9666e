type Fields = Readonly<Record<string, unknown>>;

const meta = { name: 'vap-probe', namespace: 'vap-0' };
const ofCluster = { name: 'vap-probe' };
const pod = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'a:1' }] } };

/** Sound manifests of kinds that the fixtures of the gate do not have. */
export const MORE_MANIFESTS: readonly Fields[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: meta,
    spec: { replicas: 1, selector: { matchLabels: { app: 'a' } }, template: pod },
  },
  { apiVersion: 'v1', kind: 'ReplicationController', metadata: meta, spec: { replicas: 1, selector: { app: 'a' }, template: pod } },
  { apiVersion: 'v1', kind: 'PodTemplate', metadata: meta, template: pod },
  { apiVersion: 'v1', kind: 'Secret', metadata: meta, type: 'Opaque', data: { a: 'YQ==' } },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta, automountServiceAccountToken: false, imagePullSecrets: [{ name: 'a' }] },
  { apiVersion: 'v1', kind: 'Namespace', metadata: ofCluster },
  {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: meta,
    spec: { limits: [{ type: 'Container', default: { memory: '1Gi' }, max: { memory: '2Gi' } }] },
  },
  {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: meta,
    spec: { hard: { pods: '5', 'requests.memory': '1Gi' }, scopes: ['NotTerminating'] },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: ofCluster,
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], nfs: { server: 's', path: '/p' } },
  },
  { apiVersion: 'v1', kind: 'Endpoints', metadata: meta, subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: meta,
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'] }],
    ports: [{ port: 80, name: 'http' }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: meta,
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: ofCluster,
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: meta,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' },
    subjects: [{ kind: 'ServiceAccount', name: 'a', namespace: 'vap-0' }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: ofCluster,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'Group', name: 'a', apiGroup: 'rbac.authorization.k8s.io' }],
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: ofCluster,
    provisioner: 'a.example/b',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
    allowVolumeExpansion: true,
  },
  { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: ofCluster, spec: { attachRequired: false, podInfoOnMount: true } },
  { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: ofCluster, value: 5, globalDefault: false, description: 'a' },
  { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: ofCluster, handler: 'a' },
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: meta, spec: { holderIdentity: 'a', leaseDurationSeconds: 5 } },
  { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: ofCluster, spec: { controller: 'a.example/b' } },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'probes.vap.example' },
    spec: {
      group: 'vap.example',
      scope: 'Namespaced',
      names: { plural: 'probes', singular: 'probe', kind: 'Probe' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  },
];

/** Each manifest with one thing broken as schemas see it: a field nobody knows, a value of another type, a field taken away. */
export function broken(manifest: Fields): readonly { readonly name: string; readonly object: Fields }[] {
  const found: { readonly name: string; readonly object: Fields }[] = [];
  const add = (name: string, change: (copy: Record<string, unknown>) => void) => {
    const copy = structuredClone(manifest) as Record<string, unknown>;
    change(copy);
    found.push({ name: `${manifest.kind} ${name}`, object: copy });
  };
  for (const path of mapsOf(manifest)) {
    const text = path.join('.');
    add(`${text}.unknownField`, (copy) => Object.assign(at(copy, path), { unknownField: 1 }));
    for (const key of Object.keys(at(manifest as Record<string, unknown>, path))) {
      if (['apiVersion', 'kind', 'metadata'].includes(key)) continue;
      add(`without ${[...path, key].join('.')}`, (copy) => delete at(copy, path)[key]);
      add(`${[...path, key].join('.')} of another type`, (copy) => {
        const parent = at(copy, path);
        parent[key] = typeof parent[key] === 'object' ? 'text' : typeof parent[key] === 'string' ? { a: 1 } : 'text';
      });
    }
  }
  return found;
}

type Path = readonly (string | number)[];

/** Maps with a fixed set of fields; where people choose the keys nothing is unknown. */
function mapsOf(value: unknown, path: Path = []): readonly Path[] {
  if (Array.isArray(value)) return value.flatMap((entry, index) => mapsOf(entry, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  const last = path.at(-1);
  if (['labels', 'matchLabels', 'data', 'hard', 'default', 'max', 'capacity', 'metadata'].includes(String(last))) return [];
  if (last === 'selector' && !('matchLabels' in value)) return [];
  if (last === 'openAPIV3Schema') return [];
  return [path, ...Object.entries(value).flatMap(([key, entry]) => mapsOf(entry, [...path, key]))];
}

function at(value: Record<string, unknown>, path: Path): Record<string, unknown> {
  return path.reduce<unknown>((node, key) => (node as Record<string | number, unknown>)[key], value) as Record<string, unknown>;
}
