import { readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';

/** Lets pods be placed on a node again. */
export function uncordon({ reader, rootCause, finding }: RemedyCase): readonly RemedyDraft[] {
  const cordoned = [rootCause.subject, ...(finding.suspects ?? [])].filter((item) => kindOf(item) === 'Node');
  const node = cordoned.find((item) => readField(reader.object(item), ['spec', 'unschedulable']) === true);
  if (node === undefined) return [];
  return remedyOf(editsOf(editOf(reader, node, ['spec', 'unschedulable'], undefined)), {
    id: 'uncordon',
    title: `Let pods be placed on ${nameOf(node)} again`,
    why: 'It is healthy and cordoned, and pods wait for a place that only it has.',
    precondition: 'Nobody is working on it.',
    risk: 'medium',
    verify: 'The waiting pods are scheduled.',
    rollback: 'Cordon it again.',
  });
}
