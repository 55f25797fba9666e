import { readField } from '@tier0/core';
import { siblingId } from '../objects/existence.ts';
import { objectsIn } from '../objects/objects.ts';
import { nameOf } from '../objects/pod-view.ts';
import { mapAt } from '../objects/read-object.ts';
import { selects } from '../objects/selector-match.ts';
import type { LogReading, SignDraft } from './log-reading.ts';

/** An eviction that a disruption budget refuses: the one that selects the pod, where the line names it; else the only one that lets none go. */
export function evictionRefused(
  { pod }: LogReading,
  named: { readonly namespace: string | undefined; readonly name: string } | undefined,
): readonly SignDraft[] {
  const { reader } = pod;
  const victim = named === undefined ? undefined : siblingId(pod.id, 'Pod', named.name, named.namespace);
  const namespace = named?.namespace ?? pod.id.split('/').at(-3) ?? '';
  const budgets = objectsIn(reader, 'PodDisruptionBudget', namespace).filter(
    ({ object }) => readField(object, ['status', 'disruptionsAllowed']) === 0,
  );
  const own =
    victim === undefined
      ? budgets
      : budgets.filter(({ object }) =>
          selects(readField(object, ['spec', 'selector']), mapAt(reader.object(victim), 'metadata', 'labels')),
        );
  const [budget, ...others] = own.length > 0 ? own : budgets;
  if (budget === undefined || others.length > 0) return [];
  const whom = victim === undefined ? 'a pod' : `pod ${nameOf(victim)}`;
  const text = `it cannot evict ${whom}: disruption budget ${budget.name} allows none to go`;
  return [{ code: 'T0-PODDISRUPTIONBUDGET-002', subject: budget.id, text }];
}
