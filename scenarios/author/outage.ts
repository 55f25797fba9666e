import { record } from './events.ts';
import type { Item, Loose } from './item.ts';
import { setNodeCondition } from './nodes.ts';
import { setPodCondition } from './pods.ts';
import type { World } from './world.ts';

/** The kubelet of a node fell silent: its conditions turn Unknown, its pods are lost, and after five minutes marked for deletion. */
export function silence(world: World, node: Item, ago: number): void {
  const { name } = node.metadata;
  for (const type of ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready']) {
    setNodeCondition(world, node, {
      type,
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      ago,
      heartbeat: ago + 1.2,
    });
  }
  node.spec.taints = ['NoSchedule', 'NoExecute'].map((effect) => ({
    effect,
    key: 'node.kubernetes.io/unreachable',
    timeAdded: world.at(ago),
  }));
  world.get('Lease', 'kube-node-lease', name).spec.renewTime = world.at(ago + 0.8).replace('Z', '.204117Z');
  record(world, node, { reason: 'NodeNotReady', message: `Node ${name} status is now: NodeNotReady`, by: 'node-controller', first: ago });
  for (const pod of world.list('Pod').filter((each) => each.spec.nodeName === name)) losePod(world, pod, ago);
}

function losePod(world: World, pod: Item, ago: number): void {
  setPodCondition(world, pod, { type: 'Ready', status: 'False', ago });
  record(world, pod, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready', by: 'node-controller', first: ago });
  const daemon = pod.metadata.ownerReferences?.some((owner: Loose) => owner.kind === 'DaemonSet');
  if (daemon || ago < 5) return;
  pod.metadata.deletionTimestamp = world.at(ago - 5.5);
  pod.metadata.deletionGracePeriodSeconds = 30;
  setPodCondition(world, pod, {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    ago: ago - 5,
  });
  record(world, pod, {
    reason: 'TaintManagerEviction',
    message: `Marking for deletion Pod ${pod.metadata.namespace}/${pod.metadata.name}`,
    by: 'taint-eviction-controller',
    first: ago - 5,
  });
}

/** Nothing new is placed on the node. */
export function cordon(world: World, node: Item, ago: number, manager = 'kubectl-cordon'): void {
  node.spec.unschedulable = true;
  node.spec.taints = [
    ...(node.spec.taints ?? []),
    { effect: 'NoSchedule', key: 'node.kubernetes.io/unschedulable', timeAdded: world.at(ago) },
  ];
  world.touch(node, { manager, ago, paths: [['spec', 'unschedulable']] });
  record(world, node, {
    reason: 'NodeNotSchedulable',
    message: `Node ${node.metadata.name} status is now: NodeNotSchedulable`,
    by: 'kubelet',
    host: node.metadata.name,
    first: ago,
  });
}
