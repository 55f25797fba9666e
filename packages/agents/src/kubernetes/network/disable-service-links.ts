import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { podSpecPath } from '../objects/workload.ts';

/** Keeps the variables of Services out of a program that takes one of them for a setting of its own. */
export function disableServiceLinks({ reader, rootCause, finding }: RemedyCase): readonly RemedyDraft[] {
  const item = rootCause.subject;
  const path = [...podSpecPath(kindOf(item)), 'enableServiceLinks'];
  return remedyOf(finding.code === 'T0-LOG-041' ? editsOf(editOf(reader, item, path, false)) : [], {
    id: 'disable-service-links',
    title: `Keep the variables of Services out of ${nameOf(item)}`,
    why: 'Programs find Services by their names; the variables of service links only collide with settings.',
    precondition: `${nameOf(item)} finds no Service by these variables.`,
    risk: 'low',
    verify: 'The program starts with the value of its own setting.',
    rollback: 'Set enableServiceLinks back.',
    assumption: 'the program has a default of its own for the variable',
  });
}
