import type { CmdbReader, FieldPath, ItemEdit } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../findings/remedy-draft.ts';
import { driftOf } from '../kubernetes/objects/drift.ts';
import { editOf, nameOf, remedyOf } from '../kubernetes/objects/remedy-edits.ts';

/** More than this is another object, not a slip. */
const MAX_FIELDS = 10;

/** Sets what somebody edited by hand back to what was applied last, as kubectl noted it on the object. */
export function restoreDeclared({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const item = rootCause.subject;
  const edits = driftOf(reader.object(item))
    .filter(({ path }) => !isScaled(reader, item, path))
    .flatMap(({ path, value }): readonly ItemEdit[] => {
      const edit = editOf(reader, item, path, value);
      return edit ? [edit] : [];
    });
  return remedyOf(edits.length > MAX_FIELDS ? [] : edits, {
    id: 'restore-declared',
    title: `Set ${nameOf(item)} back to what was applied last`,
    why: `It was edited since: ${edits.map((edit) => String(edit.fieldPath.at(-1))).join(', ')} is not as it was applied.`,
    precondition: 'The edit was no deliberate stopgap: ask who made it.',
    risk: 'medium',
    verify: 'The finding is gone.',
    rollback: 'Make the edit again.',
    assumption: 'what was applied last worked',
  });
}

/** Replicas belong to the autoscaler where there is one. */
function isScaled(reader: CmdbReader, item: string, path: FieldPath): boolean {
  return path.at(-1) === 'replicas' && reader.relations(item, 'in', 'scales').length > 0;
}
