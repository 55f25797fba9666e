import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { podsOf } from '../objects/workload.ts';

/** Lets a rollout go one pod further before it takes one away. */
export function makeRolloutPossible({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const path =
    kindOf(rootCause.subject) === 'DaemonSet'
      ? ['spec', 'updateStrategy', 'rollingUpdate', 'maxUnavailable']
      : ['spec', 'strategy', 'rollingUpdate', 'maxSurge'];
  return remedyOf(editsOf(editOf(reader, rootCause.subject, path, 1)), {
    id: 'make-rollout-possible',
    title: `Let the rollout of ${nameOf(rootCause.subject)} go one pod at a time`,
    why: `Its strategy allows neither a further pod nor one less. It has ${podsOf(reader, rootCause.subject).length} now.`,
    precondition: 'There is room for one more pod.',
    risk: 'low',
    verify: 'The rollout finishes.',
    rollback: 'Set the strategy as it was.',
  });
}
