import { suffixOf } from '../deterministic-id.ts';
import { isSameJson } from '../patch/same-json.ts';
import { CONTROLLER_MANAGER, type Simulation } from './simulation.ts';
import { isActive, isOwnedBy, isReady, ownerReferenceTo, type Pod, type ReplicaSet } from './workload-objects.ts';

const COMPONENT = 'replicaset-controller';

/** Creates or deletes pods until a ReplicaSet has as many as it wants, and writes its status. */
export function reconcileReplicaSet(replicaSet: ReplicaSet, simulation: Simulation): void {
  if (replicaSet.metadata.deletionTimestamp !== undefined) return;
  const pods = activePods(replicaSet, simulation);
  const wanted = replicaSet.spec.replicas ?? 1;
  for (let made = pods.length; made < wanted; made += 1) createPod(replicaSet, simulation);
  for (const pod of [...pods].sort(leastUsefulFirst).slice(0, Math.max(0, pods.length - wanted))) deletePod(replicaSet, pod, simulation);
  writeStatus(replicaSet, simulation);
}

function activePods(replicaSet: ReplicaSet, { store }: Simulation): readonly Pod[] {
  const all = store.list({ apiVersion: 'v1', kind: 'Pod', namespace: replicaSet.metadata.namespace }) as readonly Pod[];
  return all.filter((pod) => isOwnedBy(pod, replicaSet) && isActive(pod));
}

function createPod(replicaSet: ReplicaSet, { store, report }: Simulation): void {
  const { metadata, spec } = replicaSet.spec.template;
  const name = `${replicaSet.metadata.name}-${suffixOf(5, replicaSet.metadata.uid, store.version)}`;
  store.create(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace: replicaSet.metadata.namespace!,
        name,
        generateName: `${replicaSet.metadata.name}-`,
        ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
        ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
        ownerReferences: [ownerReferenceTo(replicaSet)],
      },
      spec: { restartPolicy: 'Always', ...spec },
      status: { phase: 'Pending' },
    },
    CONTROLLER_MANAGER,
  );
  report(replicaSet, { reason: 'SuccessfulCreate', message: `Created pod: ${name}`, component: COMPONENT });
}

/** Unready pods first, then the youngest. */
function leastUsefulFirst(left: Pod, right: Pod): number {
  if (isReady(left) !== isReady(right)) return isReady(left) ? 1 : -1;
  return (right.metadata.creationTimestamp ?? '').localeCompare(left.metadata.creationTimestamp ?? '');
}

function deletePod(replicaSet: ReplicaSet, pod: Pod, { store, report }: Simulation): void {
  store.delete({ apiVersion: 'v1', kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name });
  report(replicaSet, { reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}`, component: COMPONENT });
}

function writeStatus(replicaSet: ReplicaSet, simulation: Simulation): void {
  const pods = activePods(replicaSet, simulation);
  const ready = pods.filter(isReady).length;
  const status = {
    replicas: pods.length,
    fullyLabeledReplicas: pods.length,
    ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
    observedGeneration: replicaSet.metadata.generation ?? 1,
  };
  if (isSameJson(status, replicaSet.status)) return;
  const { namespace, name } = replicaSet.metadata;
  const live = simulation.store.get({ apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace, name });
  if (live !== undefined) simulation.store.updateStatus({ ...live, status }, CONTROLLER_MANAGER);
}
