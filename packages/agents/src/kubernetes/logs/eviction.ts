import { type CmdbReader, readField } from '@tier0/core';
import { siblingId } from '../objects/existence.ts';
import { type HeldObject, objectsIn } from '../objects/objects.ts';
import { nameOf } from '../objects/pod-view.ts';
import { instantAt, mapAt } from '../objects/read-object.ts';
import { selects } from '../objects/selector-match.ts';
import type { LogReading, SignDraft } from './log-reading.ts';

/** An eviction that a disruption budget refuses: the one that selects the pod, where the line names it; else the only one that lets none go. */
export function evictionRefused(
  { pod, message }: LogReading,
  named: { readonly namespace: string | undefined; readonly name: string } | undefined,
): readonly SignDraft[] {
  const { reader } = pod;
  const victim = named === undefined ? undefined : siblingId(pod.id, 'Pod', named.name, named.namespace);
  const namespace = named?.namespace ?? pod.id.split('/').at(-3) ?? '';
  const all = objectsIn(reader, 'PodDisruptionBudget', namespace);
  if (/more than one PodDisruptionBudget/i.test(message)) return severalSelect(reader, all, victim);
  const budgets = all.filter(({ object }) => readField(object, ['status', 'disruptionsAllowed']) === 0);
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

/** The API evicts no pod that two budgets select; the one made last is what was one too many. */
function severalSelect(reader: CmdbReader, budgets: readonly HeldObject[], victim: string | undefined): readonly SignDraft[] {
  const labels = mapAt(victim === undefined ? undefined : reader.object(victim), 'metadata', 'labels');
  const own = budgets.filter(({ object }) => selects(readField(object, ['spec', 'selector']), labels));
  const [last, ...others] = own.sort((a, b) => madeMs(b) - madeMs(a));
  if (last === undefined || others.length === 0) return [];
  const names = [...others, last].map(({ name }) => name).join(' and ');
  const text = `it cannot evict pod ${nameOf(victim ?? '')}: disruption budgets ${names} both select it, and a pod of more than one budget is never evicted`;
  return [{ code: 'T0-PODDISRUPTIONBUDGET-002', subject: last.id, text }];
}

function madeMs({ object }: HeldObject): number {
  return instantAt(object, 'metadata', 'creationTimestamp') ?? 0;
}
