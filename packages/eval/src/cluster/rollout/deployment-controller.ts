import { toTimestamp } from '../kubernetes-object.ts';
import { isSameTemplate, TEMPLATE_HASH_LABEL, templateHash } from './pod-template.ts';
import { CONTROLLER_MANAGER, type Simulation } from './simulation.ts';
import {
  type Condition,
  type Deployment,
  type DeploymentStatus,
  isActive,
  isOwnedBy,
  isReady,
  ownerReferenceTo,
  type Pod,
  type ReplicaSet,
  withTransitionTimes,
} from './workload-objects.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const NOT_COPIED = /^(deployment\.kubernetes\.io\/|kubectl\.kubernetes\.io\/last-applied-configuration$)/;

/** The pods of one ReplicaSet, counted. */
interface Counted {
  readonly replicaSet: ReplicaSet;
  readonly wanted: number;
  readonly pods: number;
  readonly ready: number;
  readonly available: number;
}

/** One step of a Deployment towards its spec: at most one scaling up and one down, then its status. */
export function reconcileDeployment(deployment: Deployment, simulation: Simulation): void {
  if (deployment.metadata.deletionTimestamp !== undefined) return;
  const owned = ownedReplicaSets(deployment, simulation);
  const matching = owned.filter((replicaSet) => isSameTemplate(replicaSet.spec.template, deployment.spec.template)).sort(byRevision);
  const current = matching.at(-1) ?? (deployment.spec.paused ? undefined : createReplicaSet(deployment, owned, simulation));
  const old = owned.filter((replicaSet) => replicaSet.metadata.name !== current?.metadata.name);
  if (current !== undefined && !deployment.spec.paused) {
    keepRevision({ deployment, current, old }, simulation);
    scaleTowards(
      deployment,
      { current: countPods(current, deployment, simulation), old: old.map((each) => countPods(each, deployment, simulation)) },
      simulation,
    );
    dropHistory(deployment, old, simulation);
  }
  writeStatus(deployment, current, simulation);
}

function ownedReplicaSets(deployment: Deployment, { store }: Simulation): readonly ReplicaSet[] {
  const all = store.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: deployment.metadata.namespace }) as readonly ReplicaSet[];
  return all.filter((replicaSet) => isOwnedBy(replicaSet, deployment));
}

function revisionOf({ metadata }: ReplicaSet | Deployment): number {
  return Number(metadata.annotations?.[REVISION] ?? 0) || 0;
}

function byRevision(left: ReplicaSet, right: ReplicaSet): number {
  return revisionOf(left) - revisionOf(right);
}

function createReplicaSet(deployment: Deployment, owned: readonly ReplicaSet[], { store }: Simulation): ReplicaSet {
  const hash = freeHash(deployment, owned);
  const { template } = deployment.spec;
  const labels = { ...template.metadata?.labels, [TEMPLATE_HASH_LABEL]: hash };
  const annotations = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.test(key));
  const created = store.create(
    {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        namespace: deployment.metadata.namespace!,
        name: `${deployment.metadata.name}-${hash}`,
        labels,
        annotations: { ...Object.fromEntries(annotations), [REVISION]: String(Math.max(0, ...owned.map(revisionOf)) + 1) },
        ownerReferences: [ownerReferenceTo(deployment)],
      },
      spec: {
        replicas: 0,
        ...(deployment.spec.minReadySeconds === undefined ? {} : { minReadySeconds: deployment.spec.minReadySeconds }),
        selector: { matchLabels: { ...deployment.spec.selector.matchLabels, [TEMPLATE_HASH_LABEL]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    },
    CONTROLLER_MANAGER,
  );
  return created as ReplicaSet;
}

/** Two templates may share a hash; the second then gets a longer one. */
function freeHash({ spec, metadata }: Deployment, owned: readonly ReplicaSet[]): string {
  const taken = new Set(owned.map((replicaSet) => replicaSet.metadata.name));
  let hash = templateHash(spec.template);
  while (taken.has(`${metadata.name}-${hash}`)) hash = `${hash}x`;
  return hash;
}

/** Going back to an older template makes its ReplicaSet the newest revision. */
function keepRevision(
  { deployment, current, old }: { readonly deployment: Deployment; readonly current: ReplicaSet; readonly old: readonly ReplicaSet[] },
  { store }: Simulation,
): void {
  const newest = Math.max(0, ...old.map(revisionOf));
  const revision = revisionOf(current) > newest ? revisionOf(current) : newest + 1;
  annotate(store, current, String(revision));
  annotate(store, deployment, String(revision));
}

function annotate(store: Simulation['store'], object: ReplicaSet | Deployment, revision: string): void {
  if (object.metadata.annotations?.[REVISION] === revision) return;
  const { resourceVersion: _any, ...metadata } = object.metadata;
  store.update(
    { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, [REVISION]: revision } } },
    CONTROLLER_MANAGER,
  );
}

function countPods(replicaSet: ReplicaSet, deployment: Deployment, simulation: Simulation): Counted {
  const all = simulation.store.list({ apiVersion: 'v1', kind: 'Pod', namespace: replicaSet.metadata.namespace }) as readonly Pod[];
  const pods = all.filter((pod) => isOwnedBy(pod, replicaSet) && isActive(pod));
  const ready = pods.filter(isReady);
  const available = ready.filter((pod) => isAvailable(pod, deployment.spec.minReadySeconds ?? 0, simulation));
  return { replicaSet, wanted: replicaSet.spec.replicas ?? 1, pods: pods.length, ready: ready.length, available: available.length };
}

function isAvailable(pod: Pod, minReadySeconds: number, { now, wakeAt }: Simulation): boolean {
  if (minReadySeconds === 0) return true;
  const since = pod.status?.conditions?.find((condition) => condition.type === 'Ready')?.lastTransitionTime;
  const availableAt = Date.parse(since ?? '') + minReadySeconds * 1000;
  if (availableAt > now()) wakeAt(availableAt);
  return !(availableAt > now());
}

interface Rollout {
  readonly current: Counted;
  readonly old: readonly Counted[];
}

function scaleTowards(deployment: Deployment, rollout: Rollout, simulation: Simulation): void {
  const { current, old } = rollout;
  const replicas = deployment.spec.replicas ?? 1;
  if (deployment.spec.strategy?.type === 'Recreate') {
    for (const each of old) scale(deployment, each, { to: 0, simulation });
    if (old.every((each) => each.pods === 0)) scale(deployment, current, { to: replicas, simulation });
    return;
  }
  if (current.wanted > replicas || old.every((each) => each.wanted === 0)) scale(deployment, current, { to: replicas, simulation });
  else scaleUpCurrent(deployment, rollout, simulation);
  scaleDownOld(deployment, rollout, simulation);
}

function scaleUpCurrent(deployment: Deployment, { current, old }: Rollout, simulation: Simulation): void {
  const replicas = deployment.spec.replicas ?? 1;
  const total = sum([current, ...old], (each) => each.wanted);
  const room = replicas + surgeOf(deployment).surge - total;
  if (room > 0) scale(deployment, current, { to: Math.min(replicas, current.wanted + room), simulation });
}

/** Unready old pods go first, for they serve nobody; then as many ready ones as `maxUnavailable` allows. */
function scaleDownOld(deployment: Deployment, { current, old }: Rollout, simulation: Simulation): void {
  const replicas = deployment.spec.replicas ?? 1;
  const minimum = replicas - surgeOf(deployment).unavailable;
  let removable = sum([current, ...old], (each) => each.wanted) - minimum - (current.wanted - current.available);
  let spare = sum([current, ...old], (each) => each.available) - minimum;
  for (const each of [...old].sort((left, right) => byRevision(left.replicaSet, right.replicaSet))) {
    const unready = Math.max(0, Math.min(each.wanted - each.available, removable));
    const ready = Math.max(0, Math.min(each.wanted - unready, each.available, removable - unready, spare));
    removable -= unready + ready;
    spare -= ready;
    scale(deployment, each, { to: each.wanted - unready - ready, simulation });
  }
}

function surgeOf({ spec }: Deployment): { readonly surge: number; readonly unavailable: number } {
  const replicas = spec.replicas ?? 1;
  const surge = portionOf(spec.strategy?.rollingUpdate?.maxSurge ?? '25%', replicas, Math.ceil);
  const unavailable = portionOf(spec.strategy?.rollingUpdate?.maxUnavailable ?? '25%', replicas, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas) };
}

function portionOf(value: number | string, replicas: number, round: (value: number) => number): number {
  const amount = typeof value === 'string' && value.endsWith('%') ? round((Number.parseFloat(value) / 100) * replicas) : Number(value);
  return Number.isFinite(amount) ? Math.max(0, amount) : 0;
}

function sum(counted: readonly Counted[], pick: (each: Counted) => number): number {
  return counted.reduce((total, each) => total + pick(each), 0);
}

function scale(
  deployment: Deployment,
  { replicaSet, wanted }: Counted,
  { to, simulation }: { readonly to: number; readonly simulation: Simulation },
): void {
  const live = simulation.store.get({ ...replicaSet, name: replicaSet.metadata.name, namespace: replicaSet.metadata.namespace }) as
    | ReplicaSet
    | undefined;
  if (live === undefined || wanted === to) return;
  simulation.store.update({ ...live, spec: { ...live.spec, replicas: to } }, CONTROLLER_MANAGER);
  const direction = to > wanted ? 'up' : 'down';
  const message = `Scaled ${direction} replica set ${replicaSet.metadata.name} from ${wanted} to ${to}`;
  simulation.report(deployment, { reason: 'ScalingReplicaSet', message, component: 'deployment-controller' });
}

function dropHistory(deployment: Deployment, old: readonly ReplicaSet[], { store }: Simulation): void {
  const idle = old.filter((replicaSet) => replicaSet.spec.replicas === 0).sort(byRevision);
  const surplus = Math.max(0, idle.length - (deployment.spec.revisionHistoryLimit ?? 10));
  for (const { apiVersion, kind, metadata } of idle.slice(0, surplus)) store.delete({ apiVersion, kind, ...place(metadata) });
}

function place({ namespace, name }: ReplicaSet['metadata']) {
  return { namespace, name };
}

function writeStatus(deployment: Deployment, current: ReplicaSet | undefined, simulation: Simulation): void {
  const { name, namespace } = deployment.metadata;
  const live = simulation.store.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name }) as Deployment | undefined;
  if (live === undefined) return;
  const counted = ownedReplicaSets(live, simulation).map((replicaSet) => countPods(replicaSet, live, simulation));
  const updated = counted.find((each) => each.replicaSet.metadata.name === current?.metadata.name);
  const wanted = live.spec.replicas ?? 1;
  const counts = {
    replicas: sum(counted, (each) => each.pods),
    updatedReplicas: updated?.pods ?? 0,
    readyReplicas: sum(counted, (each) => each.ready),
    availableReplicas: sum(counted, (each) => each.available),
  };
  const unavailableReplicas = Math.max(0, Math.max(wanted, counts.replicas) - counts.availableReplicas);
  const nonZero = Object.fromEntries(Object.entries({ ...counts, unavailableReplicas }).filter(([, count]) => count > 0));
  const conditions = conditionsOf(live, { counts, current }, simulation);
  simulation.store.updateStatus(
    { ...live, status: { observedGeneration: live.metadata.generation ?? 1, ...nonZero, conditions } },
    CONTROLLER_MANAGER,
  );
}

type Counts = Required<Pick<DeploymentStatus, 'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'>>;

function conditionsOf(
  deployment: Deployment,
  { counts, current }: { readonly counts: Counts; readonly current: ReplicaSet | undefined },
  simulation: Simulation,
): readonly Condition[] {
  const time = toTimestamp(simulation.now());
  const previous = deployment.status?.conditions;
  const enough = counts.availableReplicas >= (deployment.spec.replicas ?? 1) - surgeOf(deployment).unavailable;
  const available: Condition = enough
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
  const before = previous?.find((condition) => condition.type === 'Available');
  const lastUpdateTime = before?.status === available.status ? (before.lastUpdateTime ?? time) : time;
  const progressing = progressOf(deployment, { counts, current }, simulation);
  const own = withTransitionTimes([{ ...available, lastUpdateTime }, progressing], previous, time);
  return [...own, ...(previous ?? []).filter((condition) => !['Available', 'Progressing', 'ReplicaFailure'].includes(condition.type))];
}

function progressOf(
  deployment: Deployment,
  { counts, current }: { readonly counts: Counts; readonly current: ReplicaSet | undefined },
  { now, wakeAt }: Simulation,
): Condition {
  const time = toTimestamp(now());
  const before = deployment.status?.conditions?.find((condition) => condition.type === 'Progressing');
  const replicas = deployment.spec.replicas ?? 1;
  const name = current?.metadata.name ?? '';
  const isComplete = counts.updatedReplicas === replicas && counts.replicas === replicas && counts.availableReplicas >= replicas;
  if (isComplete) {
    const message = `ReplicaSet "${name}" has successfully progressed.`;
    const lastUpdateTime = before?.reason === 'NewReplicaSetAvailable' ? (before.lastUpdateTime ?? time) : time;
    return { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message, lastUpdateTime };
  }
  const hasMoved = hasProgressed(deployment, counts) || before === undefined || before.reason === 'NewReplicaSetAvailable';
  const lastUpdateTime = hasMoved ? time : (before?.lastUpdateTime ?? time);
  const deadline = Date.parse(lastUpdateTime) + (deployment.spec.progressDeadlineSeconds ?? 600) * 1000;
  if (deadline > now() || deployment.spec.paused) {
    wakeAt(deadline);
    return {
      type: 'Progressing',
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: `ReplicaSet "${name}" is progressing.`,
      lastUpdateTime,
    };
  }
  const message = `ReplicaSet "${name}" has timed out progressing.`;
  return { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message, lastUpdateTime };
}

function hasProgressed({ status, metadata }: Deployment, counts: Counts): boolean {
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 1)) return true;
  const old = (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0);
  return (
    counts.updatedReplicas > (status?.updatedReplicas ?? 0) ||
    counts.readyReplicas > (status?.readyReplicas ?? 0) ||
    counts.availableReplicas > (status?.availableReplicas ?? 0) ||
    counts.replicas - counts.updatedReplicas < old
  );
}
