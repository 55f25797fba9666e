import { readField } from '@tier0/core';
import { groupKindOf } from '../kubernetes/group-kind.ts';

/** How far a rollout is. */
export type Rollout =
  | { readonly state: 'complete' }
  | { readonly state: 'going'; readonly message: string }
  | { readonly state: 'failed'; readonly message: string };

const WITH_ROLLOUT: ReadonlySet<string> = new Set(['apps/Deployment', 'apps/StatefulSet', 'apps/DaemonSet']);

/** Judges a live object the way `kubectl rollout status` does. Kinds without a rollout are complete when they exist. */
export function rolloutOf(object: object | undefined, name: string): Rollout {
  if (object === undefined) return { state: 'going', message: `${name} does not exist yet` };
  const number = (...path: string[]) => Number(readField(object, path) ?? 0);
  const kind = groupKindOf(object);
  if (!WITH_ROLLOUT.has(kind)) return { state: 'complete' };
  const going = (message: string): Rollout => ({ state: 'going', message: `${name}: ${message}` });
  if (number('status', 'observedGeneration') < number('metadata', 'generation')) return going('the controller has not seen the change yet');
  const deadline = conditionsOf(object).find(
    (condition) => condition.type === 'Progressing' && condition.reason === 'ProgressDeadlineExceeded',
  );
  if (deadline && deadline.status === 'False')
    return { state: 'failed', message: `${name}: ${deadline.message ?? 'the rollout exceeded its deadline'}` };
  const wanted =
    kind === 'apps/DaemonSet' ? number('status', 'desiredNumberScheduled') : Number(readField(object, ['spec', 'replicas']) ?? 1);
  const updated = number('status', kind === 'apps/DaemonSet' ? 'updatedNumberScheduled' : 'updatedReplicas');
  const available = number('status', kind === 'apps/DaemonSet' ? 'numberAvailable' : 'availableReplicas');
  const total = kind === 'apps/DaemonSet' ? updated : number('status', 'replicas');
  if (updated < wanted) return going(`${updated} of ${wanted} replicas are updated`);
  if (total > updated)
    return going(total - updated === 1 ? '1 old replica is still there' : `${total - updated} old replicas are still there`);
  if (available < wanted) return going(`${available} of ${wanted} updated replicas are available`);
  return { state: 'complete' };
}

interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
}

function conditionsOf(object: unknown): readonly Condition[] {
  const conditions = readField(object, ['status', 'conditions']);
  return Array.isArray(conditions) ? conditions : [];
}
