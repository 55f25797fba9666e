import { parseQuantity } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { mapAt } from '../objects/read-object.ts';
import { editOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';

/** Raises what a quota allows of the resources that are used up, by what the workloads short of pods still want. */
export function raiseQuota({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const quota = rootCause.subject;
  if (kindOf(quota) !== 'ResourceQuota') return [];
  const hard = mapAt(reader.object(quota), 'spec', 'hard');
  const used = mapAt(reader.object(quota), 'status', 'used');
  const edits = Object.entries(hard).flatMap(([resource, limit]) => {
    const [allowed, taken] = [parseQuantity(limit), parseQuantity(used[resource])];
    // The request that was refused is not in `used`: a tenth of room left is as good as none.
    if (allowed === undefined || taken === undefined || taken < allowed * 0.9) return [];
    const edit = editOf(reader, quota, ['spec', 'hard', resource], scaled(limit, 1.5));
    return edit ? [edit] : [];
  });
  return remedyOf(edits, {
    id: 'raise-quota',
    title: `Raise the quota ${nameOf(quota)}: ${edits.map((edit) => `${String(edit.fieldPath.at(-1))} to ${String(edit.value)}`).join(', ')}`,
    why: 'It is used up, and workloads of the namespace wait for pods.',
    precondition: 'The cluster has the room, and whoever set the quota agrees.',
    risk: 'medium',
    verify: 'The waiting pods are created and become ready.',
    rollback: 'Set the quota as it was.',
  });
}

function scaled(quantity: string, factor: number): string {
  const match = /^([\d.]+)(.*)$/.exec(quantity);
  return match ? `${Math.ceil(Number(match[1]) * factor)}${match[2]}` : quantity;
}
