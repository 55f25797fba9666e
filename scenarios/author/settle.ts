import { type Item, type Loose, selects } from './item.ts';
import { isActive, isReady } from './pods.ts';
import { quotaUsage } from './quota.ts';
import { writeEndpoints } from './services.ts';
import { revisionName } from './workloads.ts';
import type { World } from './world.ts';

/** Lets the controllers catch up with the pods: statuses of everything above them follow from what the pods are. */
export function settle(world: World): void {
  for (const set of world.list('ReplicaSet')) settleReplicaSet(world, set);
  for (const deployment of world.list('Deployment')) settleDeployment(world, deployment);
  for (const set of world.list('StatefulSet')) settleStatefulSet(world, set);
  for (const set of world.list('DaemonSet')) settleDaemonSet(world, set);
  for (const budget of world.list('PodDisruptionBudget')) settleBudget(world, budget);
  for (const quota of world.list('ResourceQuota')) quota.status = { hard: quota.spec.hard, used: quotaUsage(world, quota) };
  writeEndpoints(world);
}

function settleReplicaSet(world: World, set: Item): void {
  const pods = world.ownedBy(set).filter(isActive);
  const ready = pods.filter(isReady).length;
  const { conditions } = set.status;
  set.status = {
    ...(ready > 0 ? { availableReplicas: ready } : {}),
    ...(conditions ? { conditions } : {}),
    ...(pods.length > 0 ? { fullyLabeledReplicas: pods.length } : {}),
    observedGeneration: set.metadata.generation,
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    replicas: pods.length,
  };
}

function sum(items: readonly Item[], field: string): number {
  return items.reduce((total, item) => total + (item.status[field] ?? 0), 0);
}

function settleDeployment(world: World, deployment: Item): void {
  const sets = world.ownedBy(deployment).filter((item) => item.kind === 'ReplicaSet');
  const newest = newestOf(sets);
  if (!newest) return;
  const [replicas, available, updated] = [sum(sets, 'replicas'), sum(sets, 'availableReplicas'), newest.status.replicas];
  const missing = Math.max(0, Math.max(replicas, deployment.spec.replicas) - available);
  deployment.status = {
    ...(available > 0 ? { availableReplicas: available } : {}),
    conditions: deploymentConditions(world, deployment, {
      newest,
      available,
      complete: updated === deployment.spec.replicas && replicas === updated && available >= updated,
    }),
    observedGeneration: deployment.metadata.generation,
    ...(available > 0 ? { readyReplicas: available } : {}),
    ...(replicas > 0 ? { replicas } : {}),
    ...(missing > 0 ? { unavailableReplicas: missing } : {}),
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
  };
}

export function revisionOf(set: Item): number {
  return Number(set.metadata.annotations?.['deployment.kubernetes.io/revision']);
}

export function newestOf(sets: readonly Item[]): Item | undefined {
  return [...sets].sort((a, b) => revisionOf(b) - revisionOf(a))[0];
}

interface RolloutState {
  readonly newest: Item;
  readonly available: number;
  readonly complete: boolean;
}

function deploymentConditions(world: World, deployment: Item, state: RolloutState): Loose[] {
  const failure = state.newest.status.conditions?.find((condition: Loose) => condition.type === 'ReplicaFailure');
  return [
    availability(world, deployment, state.available),
    progress(world, deployment, state),
    ...(failure ? [{ ...failure, lastUpdateTime: failure.lastTransitionTime }] : []),
  ];
}

function availability(world: World, deployment: Item, available: number): Loose {
  const enough = available >= deployment.spec.replicas - allowedDown(deployment);
  const since = enough ? olderOf(world, deployment) : unreadySince(world, deployment);
  return {
    lastTransitionTime: since,
    lastUpdateTime: since,
    message: enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    status: enough ? 'True' : 'False',
    type: 'Available',
  };
}

function olderOf(world: World, deployment: Item): string {
  return world.at(Math.max(0, world.minutesSince(deployment.metadata.creationTimestamp ?? '') - 0.6));
}

/** How many pods may be missing: maxUnavailable of the strategy, rounded down; all of them for Recreate counts as none. */
export function allowedDown({ spec }: Item): number {
  return countOf(spec.strategy?.rollingUpdate?.maxUnavailable ?? 0, spec.replicas, Math.floor);
}

export function countOf(value: number | string, of: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseInt(value, 10) / 100) * of);
}

function unreadySince(world: World, deployment: Item): string {
  const times = world
    .podsOf(deployment)
    .flatMap((pod) =>
      (pod.status?.conditions ?? []).filter((condition: Loose) => condition.type === 'Ready' && condition.status !== 'True'),
    );
  const [first] = times.map((condition: Loose) => condition.lastTransitionTime).sort();
  const rolling = world.rollouts.get(deployment.metadata.uid ?? '');
  return first ?? world.at(rolling ?? Math.min(30, world.minutesSince(deployment.metadata.creationTimestamp ?? '')));
}

function progress(world: World, deployment: Item, { newest, complete }: RolloutState): Loose {
  const { name } = newest.metadata;
  const began = world.rollouts.get(deployment.metadata.uid ?? '');
  const deadline = deployment.spec.progressDeadlineSeconds / 60;
  const done = { message: `ReplicaSet "${name}" has successfully progressed.`, reason: 'NewReplicaSetAvailable', status: 'True' };
  const late = { message: `ReplicaSet "${name}" has timed out progressing.`, reason: 'ProgressDeadlineExceeded', status: 'False' };
  const going = { message: `ReplicaSet "${name}" is progressing.`, reason: 'ReplicaSetUpdated', status: 'True' };
  if (began === undefined || complete)
    return timed(world, deployment, done, world.minutesSince(newest.metadata.creationTimestamp ?? '') - 0.6);
  return began > deadline ? timed(world, deployment, late, began - deadline) : timed(world, deployment, going, Math.max(0, began - 0.2));
}

function timed(world: World, deployment: Item, fields: Loose, ago: number): Loose {
  const updated = world.at(Math.max(0, ago));
  return {
    lastTransitionTime: fields.status === 'True' ? deployment.metadata.creationTimestamp : updated,
    lastUpdateTime: updated,
    ...fields,
    type: 'Progressing',
  };
}

function settleStatefulSet(world: World, set: Item): void {
  const pods = world.ownedBy(set).filter((pod) => pod.kind === 'Pod');
  const ready = pods.filter(isReady).length;
  const revision = revisionName(set);
  const kept = set.status.currentRevision ?? revision;
  const updated = pods.filter((pod) => pod.metadata.labels?.['controller-revision-hash'] === revision).length;
  set.status = {
    availableReplicas: ready,
    collisionCount: 0,
    currentReplicas: kept === revision ? updated : pods.length - updated,
    currentRevision: kept,
    observedGeneration: set.metadata.generation,
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    replicas: pods.length,
    updateRevision: revision,
    updatedReplicas: updated,
  };
}

function settleDaemonSet(world: World, set: Item): void {
  const pods = world.ownedBy(set).filter((pod) => pod.kind === 'Pod' && isActive(pod));
  const ready = pods.filter(isReady).length;
  const desired = set.status.desiredNumberScheduled ?? pods.length;
  set.status = {
    currentNumberScheduled: pods.length,
    desiredNumberScheduled: desired,
    ...(ready > 0 ? { numberAvailable: ready } : {}),
    numberMisscheduled: 0,
    numberReady: ready,
    ...(desired > ready ? { numberUnavailable: desired - ready } : {}),
    observedGeneration: set.metadata.generation,
    updatedNumberScheduled: pods.length,
  };
}

function settleBudget(world: World, budget: Item): void {
  const pods = world.list('Pod', budget.metadata.namespace).filter((pod) => selects(budget.spec.selector.matchLabels, pod.metadata.labels));
  const { minAvailable, maxUnavailable } = budget.spec;
  const expected = pods.length;
  const desired =
    minAvailable === undefined ? expected - countOf(maxUnavailable, expected, Math.ceil) : countOf(minAvailable, expected, Math.ceil);
  const healthy = pods.filter(isReady).length;
  const allowed = Math.max(0, healthy - desired);
  const condition = {
    lastTransitionTime: budget.status?.conditions?.[0]?.lastTransitionTime ?? budget.metadata.creationTimestamp,
    message: '',
    observedGeneration: 1,
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    status: allowed > 0 ? 'True' : 'False',
    type: 'DisruptionAllowed',
  };
  budget.status = {
    conditions: [condition],
    currentHealthy: healthy,
    desiredHealthy: Math.max(0, desired),
    disruptionsAllowed: allowed,
    expectedPods: expected,
    observedGeneration: 1,
  };
}
