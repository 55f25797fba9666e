import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { closestName } from '../objects/close-name.ts';
import { objectsOf } from '../objects/objects.ts';
import { textAt } from '../objects/read-object.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { podSpecPath } from '../objects/workload.ts';

const CLASSES = { priorityClassName: 'PriorityClass', runtimeClassName: 'RuntimeClass' } as const;

/** Names the class that exists and whose name is close, where the one that is named does not exist. */
export function correctClass({ reader, rootCause, finding }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  if (finding.code !== 'T0-REPLICASET-011') return [];
  return Object.entries(CLASSES).flatMap(([field, kind]) => {
    const path = [...podSpecPath(kindOf(subject)), field];
    const name = textAt(reader.object(subject), ...path.map(String));
    const names = objectsOf(reader, kind)
      .map((held) => held.name)
      .filter((held) => !held.startsWith('system-'));
    const near = name === undefined || names.includes(name) ? undefined : closestName(name, names);
    return remedyOf(near === undefined ? [] : editsOf(editOf(reader, subject, path, near)), {
      id: 'correct-class',
      title: `Let ${nameOf(subject)} name ${kind} ${near}, which exists, instead of ${name}`,
      why: `There is no ${kind} ${name}; ${near} has the closest name.`,
      precondition: `${near} is the one that was meant.`,
      risk: 'low',
      verify: 'Its pods are made and become ready.',
      rollback: 'Name the class as before.',
    });
  });
}
