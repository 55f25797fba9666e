import { copyOf, type Item, type Loose, merged, ownedBy } from './item.ts';
import { workersOf } from './nodes.ts';
import { addPod, defaultedPodSpec } from './pods.ts';
import { numberOf } from './random.ts';
import { addService } from './services.ts';
import type { World } from './world.ts';

export type LabelStyle = 'app' | 'recommended' | 'k8s-app' | 'component';

export interface WorkloadPlan {
  readonly namespace: string;
  readonly name: string;
  readonly kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  /** With its tag. */
  readonly image: string;
  readonly replicas?: number;
  readonly port?: number;
  readonly labels?: LabelStyle;
  /** Values, or `{ secretKeyRef }` and the like. */
  readonly env?: Readonly<Record<string, Loose>>;
  /** ConfigMap `<name>-config` mounted at /etc/<name>. */
  readonly config?: Readonly<Record<string, string>>;
  /** Secret `<name>-credentials`, each key an environment variable. */
  readonly secret?: Readonly<Record<string, string>>;
  /** Merged over the main container, the pod spec and the workload's spec. */
  readonly container?: Loose;
  readonly pod?: Loose;
  readonly spec?: Loose;
  readonly sidecars?: readonly Loose[];
  readonly init?: readonly Loose[];
  /** False: none. Otherwise merged over the Service's spec. */
  readonly service?: false | Loose;
  readonly serviceAccount?: string;
  /** A claim template of a StatefulSet. */
  readonly claim?: { readonly size: string; readonly class: string };
  readonly days?: number;
  readonly revisions?: number;
  readonly manager?: string;
}

/** Labels that select the pods of a workload, in the style of the house. */
export function selectorOf({ name, labels = 'app' }: Pick<WorkloadPlan, 'name' | 'labels'>): Record<string, string> {
  if (labels === 'recommended') return { 'app.kubernetes.io/instance': name, 'app.kubernetes.io/name': name };
  if (labels === 'k8s-app') return { 'k8s-app': name };
  if (labels === 'component') return { app: name.split('-')[0] ?? name, component: name };
  return { app: name };
}

/** A healthy workload with everything that belongs to it: account, configuration, revisions, pods, Service. */
export function addWorkload(world: World, given: WorkloadPlan): Item {
  const plan = { days: 20 + numberOf(90, given.name), manager: 'kubectl-client-side-apply', ...given };
  addConfiguration(world, plan);
  const workload = makeWorkload(world, plan);
  world.add(workload, plan.days * 1440, plan.manager);
  if (workload.kind === 'Deployment') addRevisions(world, workload, plan);
  else addOrderedPods(world, workload, plan);
  if (plan.service !== false && plan.port) addOwnService(world, plan);
  return workload;
}

type FullPlan = WorkloadPlan & { readonly days: number; readonly manager: string };

function addConfiguration(world: World, { namespace, name, config, secret, serviceAccount, days, manager }: FullPlan): void {
  const ago = days * 1440 + 1;
  if (config)
    world.add({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${name}-config`, namespace }, data: { ...config } }, ago, manager);
  if (secret) addSecret(world, { namespace, name: `${name}-credentials`, data: secret, ago, manager });
  if (serviceAccount && !world.find('ServiceAccount', namespace, serviceAccount)) {
    world.add({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: serviceAccount, namespace } }, ago, manager);
  }
}

export interface SecretPlan {
  readonly namespace: string;
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  readonly ago: number;
  readonly type?: string;
  readonly manager?: string;
}

/** A Secret as kubectl prints it: values in base64. */
export function addSecret(world: World, { namespace, name, data, ago, type = 'Opaque', manager = 'kubectl-create' }: SecretPlan): Item {
  const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
  return world.add({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data: encoded, type }, ago, manager);
}

function makeWorkload(world: World, plan: FullPlan): Item {
  const { kind = 'Deployment', namespace, name } = plan;
  const labels = selectorOf(plan);
  const template = { metadata: { labels: { ...labels, ...extraLabels(plan) } }, spec: defaultedPodSpec(podSpec(plan)) };
  const annotations = annotationsOf(plan);
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: {
      name,
      namespace,
      labels: { ...labels, ...extraLabels(plan) },
      ...(annotations ? { annotations } : {}),
      generation: plan.revisions ?? 1,
    },
    spec: merged(controllerSpec(world, plan, labels, template), plan.spec ?? {}),
    status: {},
  };
}

function extraLabels({ labels, manager }: FullPlan): Record<string, string> {
  if (manager === 'argocd-controller') return {};
  if (labels === 'recommended') return { 'app.kubernetes.io/managed-by': manager === 'helm' ? 'Helm' : 'kustomize' };
  return {};
}

function annotationsOf({ manager, name, namespace, kind = 'Deployment', revisions = 1 }: FullPlan): Record<string, string> | undefined {
  const revision: Record<string, string> = kind === 'Deployment' ? { 'deployment.kubernetes.io/revision': `${revisions}` } : {};
  const helm: Record<string, string> =
    manager === 'helm' ? { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': namespace } : {};
  const argo: Record<string, string> =
    manager === 'argocd-controller' ? { 'argocd.argoproj.io/tracking-id': `${namespace}:apps/${kind}:${namespace}/${name}` } : {};
  const all = { ...revision, ...helm, ...argo };
  return Object.keys(all).length > 0 ? all : undefined;
}

function podSpec(plan: FullPlan): Loose {
  const { pod, sidecars = [], init, serviceAccount, config, name } = plan;
  const volumes = [
    ...(config ? [{ configMap: { defaultMode: 420, name: `${name}-config` }, name: 'config' }] : []),
    ...(pod?.volumes ?? []),
  ];
  return {
    containers: [mainContainer(plan), ...sidecars],
    ...(init ? { initContainers: init } : {}),
    ...(serviceAccount ? { serviceAccountName: serviceAccount } : {}),
    ...pod,
    ...(volumes.length > 0 ? { volumes } : {}),
  };
}

function mainContainer({ name, image, port, env, config, secret, container, claim }: FullPlan): Loose {
  const fromSecret = Object.keys(secret ?? {}).map((key) => ({
    name: key,
    valueFrom: { secretKeyRef: { key, name: `${name}-credentials` } },
  }));
  const plain = Object.entries(env ?? {}).map(([key, value]) =>
    typeof value === 'string' ? { name: key, value } : { name: key, valueFrom: value },
  );
  const mounts = [
    ...(config ? [{ mountPath: `/etc/${name}`, name: 'config', readOnly: true }] : []),
    ...(claim ? [{ mountPath: '/var/lib/data', name: 'data' }] : []),
    ...(container?.volumeMounts ?? []),
  ];
  const { volumeMounts: _mounts, ...rest } = container ?? {};
  const base = {
    image,
    name,
    ...(plain.length + fromSecret.length > 0 ? { env: [...plain, ...fromSecret] } : {}),
    ...(port ? { ports: [{ containerPort: port, name: portName(port), protocol: 'TCP' }], readinessProbe: defaultProbe(port) } : {}),
    resources: { limits: { memory: '512Mi' }, requests: { cpu: '100m', memory: '256Mi' } },
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
  };
  return merged(base, rest);
}

/** Names that ports of well-known protocols carry; all others speak HTTP. */
const PORT_NAMES: Readonly<Record<number, string>> = {
  3306: 'mysql',
  5432: 'postgres',
  5672: 'amqp',
  6379: 'redis',
  8443: 'https',
  9042: 'cql',
  9090: 'grpc',
  27017: 'mongo',
};

function portName(port: number): string {
  return PORT_NAMES[port] ?? 'http';
}

function defaultProbe(port: number): Loose {
  const tail = { failureThreshold: 3, periodSeconds: 10, successThreshold: 1, timeoutSeconds: 1 };
  if (portName(port) !== 'http') return { ...tail, tcpSocket: { port: portName(port) } };
  return { ...tail, httpGet: { path: '/healthz', port: portName(port), scheme: 'HTTP' } };
}

function controllerSpec(_world: World, plan: FullPlan, matchLabels: Record<string, string>, template: Loose): Loose {
  const { kind = 'Deployment', replicas = 2, name, claim } = plan;
  const shared = { revisionHistoryLimit: 10, selector: { matchLabels }, template };
  if (kind === 'DaemonSet')
    return { ...shared, updateStrategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 }, type: 'RollingUpdate' } };
  if (kind === 'Deployment') {
    return {
      progressDeadlineSeconds: 600,
      replicas,
      ...shared,
      strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' }, type: 'RollingUpdate' },
    };
  }
  return {
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    podManagementPolicy: 'OrderedReady',
    replicas,
    ...shared,
    serviceName: name,
    updateStrategy: { rollingUpdate: { partition: 0 }, type: 'RollingUpdate' },
    ...(claim ? { volumeClaimTemplates: [claimTemplate(claim)] } : {}),
  };
}

function claimTemplate(claim: { size: string; class: string }): Loose {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: claim.size } },
      storageClassName: claim.class,
      volumeMode: 'Filesystem',
    },
    status: { phase: 'Pending' },
  };
}

function addRevisions(world: World, workload: Item, { days, revisions = 1 }: FullPlan): void {
  const step = (days * 1440) / revisions;
  for (let revision = 1; revision <= revisions; revision += 1) {
    const current = revision === revisions;
    const template = current ? workload.spec.template : olderTemplate(workload.spec.template, revisions - revision);
    const set = addReplicaSet(world, workload, {
      template,
      revision,
      ago: days * 1440 - (revision - 1) * step,
      replicas: current ? workload.spec.replicas : 0,
    });
    if (current) for (let index = 0; index < workload.spec.replicas; index += 1) addReplica(world, set, podAge(world, days, step));
  }
}

/** Minutes since a pod was made: with its workload when that is young, some time into its last revision otherwise. */
function podAge(world: World, days: number, step: number): number {
  return days <= 5 ? days * 1440 - 0.2 : Math.max(75, step * (0.2 + 0.5 * world.random.next()));
}

function olderTemplate(template: Loose, back: number): Loose {
  const older = copyOf(template);
  const [container] = older.spec.containers;
  container.image = container.image.replace(/(\d+)$/, (last: string) => `${Math.max(0, Number(last) - back)}`);
  if (container.image === template.spec.containers[0].image)
    older.metadata.annotations = { 'kubectl.kubernetes.io/restartedAt': `2025-0${1 + (back % 8)}-11T08:12:44Z` };
  return older;
}

export interface ReplicaSetPlan {
  readonly template: Loose;
  readonly revision: number;
  readonly ago: number;
  readonly replicas: number;
}

export function addReplicaSet(world: World, owner: Item, { template, revision, ago, replicas }: ReplicaSetPlan): Item {
  const hash = hashOf(template, revision);
  const labels = { ...template.metadata.labels, 'pod-template-hash': hash };
  const { name, namespace } = owner.metadata;
  const desired = `${owner.spec.replicas}`;
  const set: Item = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace: namespace as string,
      labels,
      annotations: {
        'deployment.kubernetes.io/desired-replicas': desired,
        'deployment.kubernetes.io/max-replicas': `${Math.ceil(owner.spec.replicas * 1.25)}`,
        'deployment.kubernetes.io/revision': `${revision}`,
      },
      generation: replicas === 0 ? 2 : 1,
      ownerReferences: [ownedBy(owner)],
    },
    spec: {
      replicas,
      selector: { matchLabels: { ...owner.spec.selector.matchLabels, 'pod-template-hash': hash } },
      template: { ...copyOf(template), metadata: { ...template.metadata, labels } },
    },
    status: {},
  };
  return world.add(set, ago);
}

function hashOf(template: Loose, revision: number): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  const word = JSON.stringify(template);
  return Array.from({ length: 9 + (revision % 2) }, (_, index) => letters[numberOf(letters.length, word, revision, index)]).join('');
}

/** A pod of a ReplicaSet, running on the next worker. */
export function addReplica(world: World, set: Item, ago: number): Item {
  const { name, namespace } = set.metadata;
  return addPod(world, {
    owner: set,
    namespace: namespace as string,
    name: `${name}-${world.random.suffix()}`,
    template: set.spec.template,
    ago,
    node: nextWorker(world, set.spec.template.spec),
  });
}

/** The worker with the fewest pods, among those that the template's nodeSelector allows. */
export function nextWorker(world: World, spec: Loose = {}): Item | undefined {
  const wanted = Object.entries(spec.nodeSelector ?? {});
  const load = new Map<string, number>();
  for (const pod of world.list('Pod')) load.set(pod.spec.nodeName, (load.get(pod.spec.nodeName) ?? 0) + 1);
  const fits = workersOf(world).filter((node) => wanted.every(([key, value]) => node.metadata.labels?.[key] === value));
  return fits.sort((a, b) => (load.get(a.metadata.name) ?? 0) - (load.get(b.metadata.name) ?? 0))[0];
}

function addOrderedPods(world: World, workload: Item, plan: FullPlan): void {
  const revision = addControllerRevision(world, workload, plan.days * 1440);
  if (workload.kind === 'DaemonSet') addDaemonPods(world, workload, revision, plan.days);
  else for (let index = 0; index < workload.spec.replicas; index += 1) addOrdinal(world, workload, index, plan.days * 1440 - index);
}

/** Pod `<name>-<index>` of a StatefulSet with its claims bound. */
export function addOrdinal(world: World, workload: Item, index: number, ago: number): Item {
  const { name, namespace } = workload.metadata;
  const template = copyOf(workload.spec.template);
  const node = nextWorker(world, template.spec);
  for (const claim of workload.spec.volumeClaimTemplates ?? []) {
    const claimName = `${claim.metadata.name}-${name}-${index}`;
    template.spec.volumes = [{ name: claim.metadata.name, persistentVolumeClaim: { claimName } }, ...(template.spec.volumes ?? [])];
    if (!world.find('PersistentVolumeClaim', namespace, claimName))
      addBoundClaim(world, {
        namespace: namespace as string,
        name: claimName,
        claim: claim.spec,
        ago,
        labels: workload.spec.selector.matchLabels,
        node,
      });
  }
  const labels = {
    'apps.kubernetes.io/pod-index': `${index}`,
    'controller-revision-hash': revisionName(workload),
    'statefulset.kubernetes.io/pod-name': `${name}-${index}`,
  };
  return addPod(world, { owner: workload, namespace: namespace as string, name: `${name}-${index}`, template, ago, node, labels });
}

export function revisionName(workload: Item): string {
  return `${workload.metadata.name}-${hashOf(workload.spec.template, 1)}`;
}

function addControllerRevision(world: World, workload: Item, ago: number): string {
  const name = revisionName(workload);
  const { namespace, labels } = workload.metadata;
  const metadata = {
    name,
    namespace: namespace as string,
    labels: { ...labels, 'controller.kubernetes.io/hash': name.replace(/.*-/, '') },
    ownerReferences: [ownedBy(workload)],
  };
  world.add(
    {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata,
      data: { spec: { template: copyOf(workload.spec.template) } },
      revision: 1,
    },
    ago,
  );
  return name;
}

function addDaemonPods(world: World, workload: Item, revision: string, days: number): void {
  const { name, namespace } = workload.metadata;
  for (const node of workersOf(world)) {
    const labels = { 'controller-revision-hash': revision.replace(/.*-/, ''), 'pod-template-generation': '1' };
    addPod(world, {
      owner: workload,
      namespace: namespace as string,
      name: `${name}-${world.random.suffix()}`,
      template: workload.spec.template,
      ago: Math.max(75, days * 1440 - 5),
      node,
      labels,
    });
  }
}

export interface ClaimPlan {
  readonly namespace: string;
  readonly name: string;
  readonly claim: Loose;
  readonly ago: number;
  readonly labels?: Record<string, string>;
  readonly node?: Item | undefined;
}

/** A claim and the volume that was made for it, bound to each other. */
export function addBoundClaim(world: World, { namespace, name, claim, ago, labels, node }: ClaimPlan): Item {
  const pvc: Item = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace,
      ...(labels ? { labels } : {}),
      annotations: {
        'pv.kubernetes.io/bind-completed': 'yes',
        'pv.kubernetes.io/bound-by-controller': 'yes',
        'volume.kubernetes.io/storage-provisioner': provisionerOf(world, claim.storageClassName),
      },
      finalizers: ['kubernetes.io/pvc-protection'],
    },
    spec: { ...claim },
    status: { accessModes: claim.accessModes, capacity: { storage: claim.resources.requests.storage }, phase: 'Bound' },
  };
  world.add(pvc, ago);
  pvc.spec.volumeName = `pvc-${pvc.metadata.uid}`;
  world.add(volumeFor(world, pvc, node), ago);
  return pvc;
}

function provisionerOf(world: World, storageClass: string): string {
  return world.find('StorageClass', undefined, storageClass)?.provisioner ?? 'ebs.csi.aws.com';
}

function volumeFor(world: World, pvc: Item, node: Item | undefined): Item {
  const { storageClassName, accessModes, volumeName } = pvc.spec;
  const { name, namespace, uid } = pvc.metadata;
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'];
  const driver = provisionerOf(world, storageClassName);
  const term = { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] }] };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName, annotations: { 'pv.kubernetes.io/provisioned-by': driver }, finalizers: ['kubernetes.io/pv-protection'] },
    spec: {
      accessModes,
      capacity: { storage: pvc.status.capacity.storage },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
      csi: { driver, fsType: 'ext4', volumeHandle: `vol-${(uid ?? '').replaceAll('-', '').slice(0, 17)}` },
      ...(zone ? { nodeAffinity: { required: { nodeSelectorTerms: [term] } } } : {}),
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName,
      volumeMode: 'Filesystem',
    },
    status: { phase: 'Bound' },
  };
}

function addOwnService(world: World, plan: FullPlan): void {
  const { namespace, name, port = 80, days, manager, kind } = plan;
  const headless = kind === 'StatefulSet' ? { clusterIP: 'None' } : {};
  addService(world, {
    namespace,
    name,
    selector: selectorOf(plan),
    ports: [{ name: portName(port), port: portName(port) === 'http' ? 80 : port, targetPort: portName(port) }],
    ago: days * 1440 - 1,
    labels: selectorOf(plan),
    manager,
    spec: { ...headless, ...(plan.service || {}) },
  });
}
