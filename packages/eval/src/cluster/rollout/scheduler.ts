import { type KubernetesObject, toTimestamp, valueAt } from '../kubernetes-object.ts';
import { matchesLabels } from '../selectors.ts';
import { SCHEDULER, type Simulation } from './simulation.ts';
import { type Condition, type Pod, withTransitionTimes } from './workload-objects.ts';

/** Node of pods in a cluster that shows no nodes. */
const ONLY_NODE = 'embedded-node';

/**
 * Gives a pod a node: ready, not cordoned, matching `nodeSelector`, with the fewest pods.
 * Taints, affinity and resource requests are not looked at. Answers the pod with its node, or undefined.
 */
export function schedulePod(pod: Pod, simulation: Simulation): Pod | undefined {
  if (pod.spec.nodeName) return pod;
  const node = chooseNode(pod, simulation);
  if (node === undefined) return markUnschedulable(pod, simulation);
  const { store, report } = simulation;
  const scheduled = store.update({ ...pod, spec: { ...pod.spec, nodeName: node } }, SCHEDULER) as Pod;
  const message = `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${node}`;
  report(scheduled, { reason: 'Scheduled', message, component: 'default-scheduler' });
  return scheduled;
}

function chooseNode(pod: Pod, { store }: Simulation): string | undefined {
  const nodes = store.list({ apiVersion: 'v1', kind: 'Node' });
  if (nodes.length === 0) return ONLY_NODE;
  const pods = store.list({ apiVersion: 'v1', kind: 'Pod' }) as readonly Pod[];
  const load = (node: KubernetesObject) => pods.filter((other) => other.spec?.nodeName === node.metadata.name).length;
  const fitting = nodes.filter((node) => accepts(node, pod));
  return fitting.sort((left, right) => load(left) - load(right))[0]?.metadata.name;
}

function accepts(node: KubernetesObject, pod: Pod): boolean {
  const conditions = (valueAt(node, ['status', 'conditions']) ?? []) as readonly Condition[];
  const isNotReady = conditions.some((condition) => condition.type === 'Ready' && condition.status !== 'True');
  return (
    !isNotReady && valueAt(node, ['spec', 'unschedulable']) !== true && matchesLabels(node.metadata.labels, pod.spec.nodeSelector ?? {})
  );
}

function markUnschedulable(pod: Pod, { store, report, now }: Simulation): undefined {
  const count = store.list({ apiVersion: 'v1', kind: 'Node' }).length;
  const message = `0/${count} nodes are available: no node is ready and matches the pod's node selector.`;
  const wanted = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
  const conditions = withTransitionTimes(wanted, pod.status?.conditions, toTimestamp(now()));
  if (pod.status?.conditions?.[0]?.message === message) return undefined;
  store.updateStatus({ ...pod, status: { ...pod.status, phase: 'Pending', conditions } }, SCHEDULER);
  report(pod, { type: 'Warning', reason: 'FailedScheduling', message, component: 'default-scheduler' });
  return undefined;
}
