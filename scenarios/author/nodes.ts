import type { Item, Loose } from './item.ts';
import { hexOf, numberOf } from './random.ts';
import type { World } from './world.ts';

export type NodeStyle = 'aws' | 'gke' | 'azure' | 'metal';

export interface NodesPlan {
  readonly style: NodeStyle;
  readonly workers: number;
  readonly zones: readonly string[];
  /** Cores and GiB of a worker. */
  readonly cores?: number;
  readonly memoryGi?: number;
  readonly pods?: number;
  readonly arch?: string;
  /** Days since the nodes joined. */
  readonly days?: number;
}

/** Control plane and workers, each Ready, with the Lease its kubelet renews. */
export function addNodes(world: World, plan: NodesPlan): Item[] {
  const control = plan.style === 'metal' ? [addNode(world, { ...plan, index: 0, control: true })] : [];
  const workers = Array.from({ length: plan.workers }, (_, index) => addNode(world, { ...plan, index, control: false }));
  return [...control, ...workers];
}

interface OneNode extends NodesPlan {
  readonly index: number;
  readonly control: boolean;
}

function addNode(world: World, plan: OneNode): Item {
  const name = nodeName(world, plan);
  const zone = plan.zones[plan.index % plan.zones.length] ?? 'a';
  const ago = (plan.days ?? 420) * 1440 - plan.index * 3;
  const node = world.add(
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: nodeMetadata(name, zone, plan),
      spec: nodeSpec(name, plan),
      status: nodeStatus(world, name, plan, ago),
    },
    ago,
    'kubelet',
  );
  world.add(lease(world, node), ago, 'kubelet');
  return node;
}

function nodeName(world: World, { style, index, control, zones }: OneNode): string {
  const part = (length: number) => hexOf(world.seed, 'node', style, index).slice(0, length);
  if (style === 'aws')
    return `ip-10-${numberOf(60, world.seed)}-${numberOf(250, world.seed, index)}-${20 + index}.${zones[0]?.slice(0, -1)}.compute.internal`;
  if (style === 'gke') return `gke-${world.cluster}-pool-1-${hexOf(world.seed).slice(0, 8)}-${part(4)}`;
  if (style === 'azure') return `aks-user-${10_000_000 + numberOf(80_000_000, world.seed)}-vmss00000${index}`;
  return control ? `${world.cluster}-cp-1` : `${world.cluster}-node-${index + 1}`;
}

function nodeMetadata(name: string, zone: string, { control, arch = 'amd64', style }: OneNode): Item['metadata'] {
  return {
    name,
    annotations: { 'node.alpha.kubernetes.io/ttl': '0', 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    labels: {
      'beta.kubernetes.io/arch': arch,
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': arch,
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'topology.kubernetes.io/region': zone.replace(/-?[a-z1-3]$/, ''),
      'topology.kubernetes.io/zone': zone,
      ...(style === 'metal' ? {} : { 'node.kubernetes.io/instance-type': style === 'aws' ? 'm6i.xlarge' : 'standard-4' }),
      ...(control ? { 'node-role.kubernetes.io/control-plane': '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' } : {}),
    },
  };
}

function nodeSpec(name: string, { control, index, style }: OneNode): Loose {
  return {
    podCIDR: `10.244.${index + (control ? 0 : 1)}.0/24`,
    podCIDRs: [`10.244.${index + (control ? 0 : 1)}.0/24`],
    ...(style === 'metal' ? {} : { providerID: `${style}:///${name}` }),
    ...(control ? { taints: [{ effect: 'NoSchedule', key: 'node-role.kubernetes.io/control-plane' }] } : {}),
  };
}

function nodeStatus(world: World, name: string, plan: OneNode, ago: number): Loose {
  const { cores = 4, memoryGi = 16, pods = 110, index } = plan;
  return {
    addresses: [
      { address: `10.20.${index}.${20 + index}`, type: 'InternalIP' },
      { address: name, type: 'Hostname' },
    ],
    allocatable: {
      cpu: `${cores * 1000 - 80}m`,
      'ephemeral-storage': '47093746742',
      memory: `${memoryGi * 1048576 - 1130000}Ki`,
      pods: `${pods}`,
    },
    capacity: { cpu: `${cores}`, 'ephemeral-storage': '51287020Ki', memory: `${memoryGi * 1048576 - 400000}Ki`, pods: `${pods}` },
    conditions: nodeConditions(world, ago),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: nodeInfo(world, plan),
  };
}

function nodeInfo(world: World, { arch = 'amd64', index }: OneNode): Loose {
  return {
    architecture: arch,
    bootID: hexOf(world.seed, 'boot', index).slice(0, 32),
    containerRuntimeVersion: world.minor >= 32 ? 'containerd://2.0.5' : 'containerd://1.7.24',
    kernelVersion: '6.1.112-124.190',
    kubeletVersion: world.serverVersion,
    machineID: hexOf(world.seed, 'machine', index).slice(0, 32),
    operatingSystem: 'linux',
    osImage: 'Debian GNU/Linux 12 (bookworm)',
    systemUUID: hexOf(world.seed, 'system', index).slice(0, 32),
  };
}

function nodeConditions(world: World, ago: number): Loose[] {
  const condition = (type: string, status: string, reason: string, message: string) => ({
    lastHeartbeatTime: world.at(2),
    lastTransitionTime: world.at(ago - 1),
    message,
    reason,
    status,
    type,
  });
  return [
    condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
  ];
}

function lease(world: World, node: Item): Item {
  const { name } = node.metadata;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: 'kube-node-lease',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: world.at(0.1).replace('Z', '.512377Z') },
  };
}

/** Nodes that take ordinary pods. */
export function workersOf(world: World): Item[] {
  return world
    .list('Node')
    .filter((node) => !(node.spec.taints ?? []).some((taint: Loose) => taint.effect !== 'PreferNoSchedule') && !node.spec.unschedulable);
}

/** Sets a condition of a node; the kubelet or the node controller wrote it `ago` minutes before now. */
export function setNodeCondition(
  world: World,
  node: Item,
  condition: { type: string; status: string; reason: string; message: string; ago: number; heartbeat?: number },
): void {
  const { ago, heartbeat = 1, ...fields } = condition;
  const others = node.status.conditions.filter((known: Loose) => known.type !== fields.type);
  node.status.conditions = [{ lastHeartbeatTime: world.at(heartbeat), lastTransitionTime: world.at(ago), ...fields }, ...others];
}

/** The node joined only `ago` minutes before now. */
export function joinLate(world: World, node: Item, ago: number): void {
  const own = world.get('Lease', 'kube-node-lease', node.metadata.name);
  for (const item of [node, own]) {
    item.metadata.creationTimestamp = world.at(ago);
    world.touches.set(item, [{ manager: 'kubelet', ago }]);
  }
  for (const condition of node.status.conditions) condition.lastTransitionTime = world.at(ago - 1);
}
