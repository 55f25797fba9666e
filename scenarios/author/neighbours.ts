import { record } from './events.ts';
import type { Item, Loose } from './item.ts';
import { addNodes, type NodeStyle } from './nodes.ts';
import { addIngress, addNamespace, addPlatform } from './platform.ts';
import { ROLES, TRADES, type Trade, type TradeName } from './trades.ts';
import { addWorkload, type LabelStyle, selectorOf } from './workloads.ts';
import { World } from './world.ts';

export interface WorldPlan {
  readonly seed: number;
  readonly now: string;
  readonly serverVersion: string;
  readonly trade: TradeName;
  readonly cluster?: string;
  readonly nodes?: NodeStyle;
  readonly workers?: number;
  readonly zones?: readonly string[];
  readonly cores?: number;
  readonly memoryGi?: number;
  readonly arch?: string;
  readonly labels?: LabelStyle;
  readonly manager?: string;
  readonly ingressClass?: string;
  readonly waitForConsumer?: boolean;
  /** Namespaces to fill; more than the trade has names for get numbers. Default 3. */
  readonly namespaces?: number;
  /** Default 2. */
  readonly workloadsPerNamespace?: number;
  /** Pods of a Deployment, at most. Default 2. */
  readonly replicas?: number;
}

const STORAGE: Readonly<Record<NodeStyle, readonly [string, string]>> = {
  aws: ['gp3', 'ebs.csi.aws.com'],
  gke: ['standard-rwo', 'pd.csi.storage.gke.io'],
  azure: ['managed-csi', 'disk.csi.azure.com'],
  metal: ['ceph-block', 'rook-ceph.rbd.csi.ceph.com'],
};

const ZONES: Readonly<Record<NodeStyle, readonly string[]>> = {
  aws: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
  gke: ['europe-west3-a', 'europe-west3-b', 'europe-west3-c'],
  azure: ['westeurope-1', 'westeurope-2', 'westeurope-3'],
  metal: ['hall-a', 'hall-b'],
};

/** A healthy cluster of one company: platform, namespaces, workloads with their history. The same plan gives the same bytes. */
export function buildWorld(plan: WorldPlan): World {
  const { seed, now, serverVersion, trade, nodes: style = 'aws', workers = 4 } = plan;
  const world = new World({ seed, now, serverVersion, cluster: plan.cluster ?? `${trade}-prod` });
  addNodes(world, {
    style,
    workers,
    zones: plan.zones ?? ZONES[style],
    cores: plan.cores ?? 4,
    memoryGi: plan.memoryGi ?? 16,
    arch: plan.arch ?? 'amd64',
  });
  const [storageClass, provisioner] = STORAGE[style];
  addPlatform(world, {
    ingressClass: plan.ingressClass ?? 'nginx',
    storageClass,
    provisioner,
    waitForConsumer: plan.waitForConsumer ?? true,
  });
  addNeighbours(world, plan, TRADES[trade]);
  return world;
}

function addNeighbours(world: World, plan: WorldPlan, trade: Trade): void {
  const { namespaces = 3, workloadsPerNamespace = 2 } = plan;
  const nouns = world.random.shuffle(trade.nouns);
  for (let index = 0; index < namespaces; index += 1) {
    const base = trade.namespaces[index % trade.namespaces.length] as string;
    const namespace = index < trade.namespaces.length ? base : `${base}-${Math.floor(index / trade.namespaces.length) + 1}`;
    addNamespace(world, namespace, { team: base });
    for (let slot = 0; slot < workloadsPerNamespace; slot += 1)
      addNeighbour(world, plan, trade, {
        namespace,
        noun: nouns[(index * workloadsPerNamespace + slot) % nouns.length] as string,
        slot,
        ordinal: index * workloadsPerNamespace + slot,
      });
    addHousekeeping(world, namespace, trade);
  }
}

interface Place {
  readonly namespace: string;
  readonly noun: string;
  readonly slot: number;
  /** Among all of the world. */
  readonly ordinal: number;
}

function addNeighbour(world: World, plan: WorldPlan, trade: Trade, { namespace, noun, slot, ordinal }: Place): void {
  const name = freeName(world, namespace, `${noun}-${world.random.pick(ROLES)}`);
  const { random } = world;
  const labels = plan.labels ?? 'app';
  const stateful = ordinal % 5 === 2;
  addWorkload(world, {
    namespace,
    name,
    kind: stateful ? 'StatefulSet' : 'Deployment',
    image: `${trade.registry}/${name}:${random.between(1, 6)}.${random.between(0, 30)}.${random.between(1, 9)}`,
    replicas: stateful ? 1 : random.between(1, plan.replicas ?? 2),
    port: 8080,
    labels,
    ...(plan.manager ? { manager: plan.manager } : {}),
    revisions: stateful ? 1 : random.pick([2, 2, 3]),
    env: { LOG_LEVEL: 'info', REGION: plan.nodes ?? 'aws' },
    ...(slot % 3 === 0
      ? { config: { 'settings.yaml': `listen: :8080\ncacheSeconds: ${random.between(10, 90)}\nfeatures:\n  ${noun}: true\n` } }
      : {}),
    ...(slot % 3 === 1 ? { secret: { API_TOKEN: `demo-${random.suffix(12)}` } } : {}),
    ...(slot % 4 === 3 ? { sidecars: [SIDECAR] } : {}),
    ...(stateful ? { claim: { size: `${random.between(2, 20)}Gi`, class: world.list('StorageClass')[0]?.metadata.name as string } } : {}),
    ...(slot % 2 === 0 ? { serviceAccount: name } : {}),
  });
  if (slot === 0) addIngress(world, { namespace, name, host: `${noun}.${trade.domain}`, service: name, ago: 60 * 1440 });
  if (slot === 1) addBudget(world, namespace, name, labels);
}

const SIDECAR = {
  image: 'docker.io/envoyproxy/envoy:v1.33.0',
  name: 'proxy',
  ports: [{ containerPort: 15090, name: 'metrics', protocol: 'TCP' }],
  resources: { limits: { memory: '128Mi' }, requests: { cpu: '20m', memory: '64Mi' } },
};

function freeName(world: World, namespace: string, name: string): string {
  return ['Deployment', 'StatefulSet'].some((kind) => world.find(kind, namespace, name)) ? `${name}-${world.random.suffix(3)}` : name;
}

export function addBudget(
  world: World,
  namespace: string,
  name: string,
  labels: LabelStyle | undefined,
  spec: Record<string, number | string> = { maxUnavailable: 1 },
): Item {
  return world.add(
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace, generation: 1 },
      spec: { ...spec, selector: { matchLabels: selectorOf({ name, ...(labels ? { labels } : {}) }) } },
    },
    40 * 1440,
    'kubectl-client-side-apply',
  );
}

/** What namespaces gather: a role, a nightly job that ran well, things that once went wrong and healed. */
function addHousekeeping(world: World, namespace: string, trade: Trade): void {
  world.add(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'config-reader', namespace },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }],
    },
    100 * 1440,
    'kubectl-client-side-apply',
  );
  world.add(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'config-reader', namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'config-reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
    },
    100 * 1440,
    'kubectl-client-side-apply',
  );
  world.add(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'house-style', namespace },
      data: { 'support-url': `https://help.${trade.domain}` },
    },
    90 * 1440,
    'kubectl-client-side-apply',
  );
}

/** Everyday noise: warnings that passed, and logs of healthy pods with words that sound worse than they are. */
export function addNoise(world: World): void {
  const healthy = world.list('Pod').filter((pod) => isQuiet(world, pod));
  for (const [index, pod] of world.random.shuffle(healthy).slice(0, 5).entries()) noisy(world, pod, index);
}

/** Long since healthy, without a story of its own. */
function isQuiet(world: World, { metadata, spec, status }: Item): boolean {
  const ordinary = metadata.ownerReferences?.[0].kind === 'ReplicaSet' && !metadata.namespace?.startsWith('kube-');
  const old = world.minutesSince(metadata.creationTimestamp ?? '') > 70 && !metadata.deletionTimestamp;
  const told = spec.containers.some(({ name }: Loose) => world.logs.has(`${metadata.namespace}/${metadata.name}/${name}`));
  return (
    ordinary &&
    old &&
    !told &&
    status.phase === 'Running' &&
    status.containerStatuses.every((each: Loose) => each.ready && each.restartCount === 0)
  );
}

function noisy(world: World, pod: Item, index: number): void {
  const [container] = pod.spec.containers;
  const time = (minutes: number) => world.at(minutes);
  const samples = [
    [
      `${time(48)} INFO batch finished: 1240 rows, 0 errors, 0 skipped`,
      `${time(31)} INFO batch finished: 1198 rows, 0 errors, 1 skipped`,
      `${time(3)} INFO batch finished: 1311 rows, 0 errors, 0 skipped`,
    ],
    [
      `level=info ts=${time(50)} msg="failover group healthy" members=3`,
      `level=info ts=${time(20)} msg="no failed checks in the last hour"`,
      `level=info ts=${time(2)} msg="request served" status=200`,
    ],
    [
      `{"ts":"${time(44)}","level":"warn","msg":"slow response from upstream, retried once","ms":812}`,
      `{"ts":"${time(43)}","level":"info","msg":"retry succeeded"}`,
      `{"ts":"${time(1)}","level":"info","msg":"tick"}`,
    ],
    [`[${time(25)}] GET /healthz 200`, `[${time(12)}] GET /items/unknown 404 not found`, `[${time(1)}] GET /healthz 200`],
    [`${time(59)} DEBUG error budget 99.2 % left`, `${time(15)} INFO exceptions-report: none`, `${time(4)} INFO cache hit ratio 0.93`],
  ] as const;
  world.log(pod, container.name, samples[index % samples.length] ?? []);
  if (index < 2)
    record(world, pod, {
      type: 'Warning',
      reason: 'Unhealthy',
      message: `Readiness probe failed: Get "http://${pod.status.podIP}:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
      by: 'kubelet',
      host: pod.spec.nodeName,
      first: 52 - index * 7,
      fieldPath: `spec.containers{${container.name}}`,
    });
}
