import { record } from './events.ts';
import { copyOf, type Item, type Loose } from './item.ts';
import { allowedDown, countOf, newestOf, revisionOf } from './settle.ts';
import { addReplica, addReplicaSet } from './workloads.ts';
import type { World } from './world.ts';

export interface Rollout {
  /** Minutes before now. */
  readonly ago: number;
  readonly manager?: string;
  /** Edits the new pod template. */
  readonly change: (template: Loose) => void;
  /** Fields that the change is recorded for, below `spec.template.spec`. */
  readonly paths?: readonly (readonly string[])[];
  /** Makes a new pod fail; absent: the rollout completes. */
  readonly fail?: (pod: Item) => void;
  /** Pods cannot even be made: message of the ReplicaFailure condition for a pod of this name prefix. */
  readonly refuse?: (podPrefix: string) => string;
}

/** A new revision of a Deployment, carried as far as the deployment controller would get. Returns the new pods. */
export function rollOut(world: World, deployment: Item, { ago, manager = 'kubectl-edit', change, paths, fail, refuse }: Rollout): Item[] {
  const sets = world.ownedBy(deployment).filter((item) => item.kind === 'ReplicaSet');
  const old = newestOf(sets) as Item;
  change(deployment.spec.template);
  const revision = revisionOf(old) + 1;
  deployment.metadata.annotations = { ...deployment.metadata.annotations, 'deployment.kubernetes.io/revision': `${revision}` };
  deployment.metadata.generation += 1;
  world.touch(deployment, { manager, ago, ...(paths ? { paths: paths.map((path) => ['spec', 'template', 'spec', ...path]) } : {}) });
  const { kept, made } = fail || refuse ? stuckCounts(deployment) : { kept: 0, made: deployment.spec.replicas };
  const next = addReplicaSet(world, deployment, { template: copyOf(deployment.spec.template), revision, ago, replicas: made });
  shrink(world, old, kept);
  recordScaling(world, deployment, { next, old, made, kept, ago });
  if (fail || refuse) world.rollouts.set(deployment.metadata.uid ?? '', ago);
  if (refuse) return refusePods(world, next, refuse(`${next.metadata.name}-`), ago);
  const pods = Array.from({ length: made }, () => addReplica(world, next, ago - 0.05));
  for (const pod of pods) fail?.(pod);
  return pods;
}

/** Where a rolling update stands still when no new pod gets ready. */
function stuckCounts(deployment: Item): { kept: number; made: number } {
  const { replicas, strategy } = deployment.spec;
  if (strategy.type === 'Recreate') return { kept: 0, made: replicas };
  const down = allowedDown(deployment);
  return { kept: replicas - down, made: Math.min(replicas, countOf(strategy.rollingUpdate.maxSurge, replicas, Math.ceil) + down) };
}

function shrink(world: World, set: Item, kept: number): void {
  set.spec.replicas = kept;
  set.metadata.generation += 1;
  for (const pod of world.ownedBy(set).slice(kept)) world.remove(pod);
}

interface Scaling {
  readonly next: Item;
  readonly old: Item;
  readonly made: number;
  readonly kept: number;
  readonly ago: number;
}

function recordScaling(world: World, deployment: Item, { next, old, made, kept, ago }: Scaling): void {
  const say = (message: string) =>
    record(world, deployment, { reason: 'ScalingReplicaSet', message, by: 'deployment-controller', first: ago });
  say(`Scaled up replica set ${next.metadata.name} from 0 to ${made}`);
  const before = deployment.spec.replicas;
  if (kept < before) say(`Scaled down replica set ${old.metadata.name} from ${before} to ${kept}`);
}

/** The API server turns the pods of a ReplicaSet down. */
export function refusePods(world: World, set: Item, reason: string, ago: number): Item[] {
  const name = `${set.metadata.name}-${world.random.suffix()}`;
  const message = reason.replaceAll('{pod}', name);
  set.status.conditions = [{ lastTransitionTime: world.at(ago), message, reason: 'FailedCreate', status: 'True', type: 'ReplicaFailure' }];
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const text = reason.replaceAll('{pod}', `${set.metadata.name}-${world.random.suffix()}`);
    const first = Math.max(0.5, ago - attempt * 0.4);
    record(world, set, {
      type: 'Warning',
      reason: 'FailedCreate',
      message: `Error creating: ${text}`,
      by: 'replicaset-controller',
      first,
      ...(attempt === 3 ? { last: 0.8, count: 5 + Math.floor(ago / 15) } : {}),
    });
  }
  return [];
}

/** Takes a pod of a ReplicaSet away and makes its successor, as after an eviction or a deletion. */
export function replacePod(world: World, pod: Item, ago: number): Item {
  const [owner] = pod.metadata.ownerReferences ?? [];
  const set = world.get(owner.kind, pod.metadata.namespace, owner.name);
  world.remove(pod);
  return addReplica(world, set, ago);
}
