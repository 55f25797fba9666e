import { copyOf, type Item, type Loose, ownedBy } from './item.ts';
import { hexOf } from './random.ts';
import type { World } from './world.ts';

/** What admission and defaults add to a container. */
function admitted(container: Loose, tokenVolume: string | undefined): Loose {
  const mounts = [
    ...(container.volumeMounts ?? []),
    ...(tokenVolume ? [{ mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', name: tokenVolume, readOnly: true }] : []),
  ];
  return { ...container, ...(mounts.length > 0 ? { volumeMounts: mounts } : {}) };
}

/** Fields that the API server fills in when a pod template is stored. */
export function defaultedContainer(container: Loose): Loose {
  return {
    imagePullPolicy: /:latest$|^[^:]+$/.test(container.image) ? 'Always' : 'IfNotPresent',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...container,
  };
}

export function defaultedPodSpec(spec: Loose): Loose {
  const { serviceAccountName } = spec;
  return {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    ...spec,
    ...(serviceAccountName ? { serviceAccount: serviceAccountName } : {}),
    containers: spec.containers.map(defaultedContainer),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(defaultedContainer) } : {}),
  };
}

const TOLERATED_FIVE_MINUTES = ['not-ready', 'unreachable'].map((condition) => ({
  effect: 'NoExecute',
  key: `node.kubernetes.io/${condition}`,
  operator: 'Exists',
  tolerationSeconds: 300,
}));

const DAEMON_TOLERATIONS: Loose[] = [
  ...['not-ready', 'unreachable'].map((condition) => ({ effect: 'NoExecute', key: `node.kubernetes.io/${condition}`, operator: 'Exists' })),
  ...['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map((condition) => ({
    effect: 'NoSchedule',
    key: `node.kubernetes.io/${condition}`,
    operator: 'Exists',
  })),
];

export interface PodPlan {
  readonly owner?: Item;
  readonly namespace: string;
  readonly name: string;
  readonly template: Loose;
  readonly ago: number;
  readonly node?: Item | undefined;
  readonly labels?: Record<string, string>;
}

/** A pod as the API server stores it after admission, running and ready on its node since shortly after it was made. */
export function addPod(world: World, plan: PodPlan): Item {
  const { owner, namespace, name, template, ago, node } = plan;
  const pod: Item = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: podMetadata(plan),
    spec: podSpec(copyOf(template.spec), hexOf(world.seed, namespace, name).slice(0, 5), owner?.kind === 'DaemonSet', node),
  };
  world.add(pod, ago);
  if (node) run(world, pod, ago);
  return pod;
}

function podMetadata({ owner, namespace, name, template, labels }: PodPlan): Item['metadata'] {
  const generateName = name.replace(/[^-]+$/, '');
  return {
    name,
    ...(owner && owner.kind !== 'StatefulSet' ? { generateName } : {}),
    namespace,
    labels: { ...template.metadata?.labels, ...labels },
    ...(template.metadata?.annotations ? { annotations: copyOf(template.metadata.annotations) } : {}),
    ...(owner ? { ownerReferences: [ownedBy(owner)] } : {}),
  };
}

function podSpec(spec: Loose, token: string, daemon: boolean, node: Item | undefined): Loose {
  const tokenVolume = spec.automountServiceAccountToken === false ? undefined : `kube-api-access-${token}`;
  const full = defaultedPodSpec(spec);
  const serviceAccountName = spec.serviceAccountName ?? 'default';
  return {
    ...full,
    containers: full.containers.map((container: Loose) => admitted(container, tokenVolume)),
    ...(full.initContainers ? { initContainers: full.initContainers.map((container: Loose) => admitted(container, tokenVolume)) } : {}),
    enableServiceLinks: true,
    ...(node ? { nodeName: node.metadata.name } : {}),
    preemptionPolicy: spec.preemptionPolicy ?? 'PreemptLowerPriority',
    priority: spec.priority ?? 0,
    serviceAccount: serviceAccountName,
    serviceAccountName,
    tolerations: [...(spec.tolerations ?? []), ...(daemon ? DAEMON_TOLERATIONS : TOLERATED_FIVE_MINUTES)],
    ...withVolumes(spec.volumes, tokenVolume),
  };
}

function withVolumes(volumes: readonly Loose[] | undefined, tokenVolume: string | undefined): Loose {
  const all = [...(volumes ?? []), ...(tokenVolume ? [tokenProjection(tokenVolume)] : [])];
  return all.length > 0 ? { volumes: all } : {};
}

function tokenProjection(name: string): Loose {
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
    { downwardAPI: { items: [namespace] } },
  ];
  return { name, projected: { defaultMode: 420, sources } };
}

export function qosOf(spec: Loose): string {
  const resources = spec.containers.map((container: Loose) => container.resources ?? {});
  if (resources.every((own: Loose) => !own.requests && !own.limits)) return 'BestEffort';
  const guaranteed = resources.every((own: Loose) =>
    ['cpu', 'memory'].every((name) => own.limits?.[name] && own.limits[name] === (own.requests?.[name] ?? own.limits[name])),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** Status of a container that never had trouble. */
export function runningStatus(world: World, pod: Item, container: Loose, ago: number): Loose {
  const [image, digest] = [container.image, hexOf('digest', container.image)];
  return {
    containerID: containerId(world, pod, container.name, 0),
    image,
    imageID: `${image.replace(/:[^:/]+$/, '')}@sha256:${digest}`,
    lastState: {},
    name: container.name,
    ready: true,
    restartCount: 0,
    started: true,
    state: { running: { startedAt: world.at(ago) } },
  };
}

export function containerId(world: World, pod: Item, container: string, attempt: number): string {
  return `containerd://${hexOf(world.seed, pod.metadata.uid ?? '', container, attempt)}`;
}

function completedInit(world: World, pod: Item, container: Loose, ago: number): Loose {
  const { started: _started, ...status } = runningStatus(world, pod, container, ago);
  const containerID = status.containerID;
  const terminated = { containerID, exitCode: 0, finishedAt: world.at(ago - 0.05), reason: 'Completed', startedAt: world.at(ago) };
  return { ...status, started: false, state: { terminated } };
}

/** Everything works since `ago` minutes. */
export function run(world: World, pod: Item, ago: number): void {
  const { containers, initContainers } = pod.spec;
  const index = Math.max(
    0,
    world.list('Node').findIndex((node) => node.metadata.name === pod.spec.nodeName),
  );
  const node = world.list('Node')[index];
  const podIP = pod.spec.hostNetwork ? node?.status.addresses[0].address : world.podAddress(index);
  const hostIP = node?.status.addresses[0].address;
  pod.status = {
    conditions: podConditions(world, ago),
    containerStatuses: containers.map((container: Loose) => runningStatus(world, pod, container, ago - 0.1)),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(initContainers
      ? { initContainerStatuses: initContainers.map((container: Loose) => completedInit(world, pod, container, ago)) }
      : {}),
    phase: 'Running',
    podIP,
    podIPs: [{ ip: podIP }],
    qosClass: qosOf(pod.spec),
    startTime: world.at(ago),
  };
}

const CONDITION_TYPES = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];

function podConditions(world: World, ago: number): Loose[] {
  return CONDITION_TYPES.map((type) => ({
    lastProbeTime: null,
    lastTransitionTime: world.at(type === 'Ready' || type === 'ContainersReady' ? ago - 0.3 : ago),
    status: 'True',
    type,
  }));
}

export interface ConditionText {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly ago: number;
}

/** Sets a condition of a pod, in its place. */
export function setPodCondition(world: World, pod: Item, { type, status, reason, message, ago }: ConditionText): void {
  const condition = {
    lastProbeTime: null,
    lastTransitionTime: world.at(ago),
    ...(message === undefined ? {} : { message }),
    ...(reason === undefined ? {} : { reason }),
    status,
    type,
  };
  const { conditions } = pod.status;
  const place = conditions.findIndex((known: Loose) => known.type === type);
  if (place < 0) conditions.push(condition);
  else conditions[place] = condition;
}

export function isReady(pod: Item): boolean {
  return pod.status?.conditions?.some((condition: Loose) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}

/** Counts for its controller: neither finished nor on its way out. */
export function isActive(pod: Item): boolean {
  return pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded' && !pod.metadata.deletionTimestamp;
}

/** The pod was made anew `ago` minutes ago, on the node it stands on, and runs since. */
export function renew(world: World, pod: Item, ago: number): void {
  pod.metadata.creationTimestamp = world.at(ago);
  world.touches.set(pod, [{ manager: 'kube-controller-manager', ago }]);
  run(world, pod, ago);
}

/** Puts a pod on another node, as if the scheduler had chosen it. */
export function moveTo(pod: Item, node: Item): void {
  pod.spec.nodeName = node.metadata.name;
  const ip = node.status.addresses[0].address;
  if (pod.status) Object.assign(pod.status, { hostIP: ip, hostIPs: [{ ip }] });
}
