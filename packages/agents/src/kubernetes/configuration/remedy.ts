import { type CmdbReader, type FieldPath, type ItemEdit, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { closestName } from '../objects/close-name.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { containersOf, editOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { podSpecPath } from '../objects/workload.ts';

/** Asks a ConfigMap or Secret for the key that it has, where the one that is asked for is a slip away. */
export function useClosestKey(remedyCase: RemedyCase): readonly RemedyDraft[] {
  const { reader, rootCause } = remedyCase;
  const holder = rootCause.subject;
  const keys = ['data', 'binaryData', 'stringData'].flatMap((field) =>
    Object.keys((readField(reader.object(holder), [field]) as object | null) ?? {}),
  );
  const referrers = [...new Set(reader.relations(holder, 'in').map(({ from }) => from))].sort();
  const wrong = referrers.flatMap((referrer) =>
    keyPaths(remedyCase, referrer).flatMap((path) => {
      const asked = textAt(reader.object(referrer), ...path);
      return asked === undefined || keys.includes(asked) ? [] : [{ referrer, path, near: closestKey(asked, keys) }];
    }),
  );
  if (wrong.some(({ near }) => near === undefined)) return [];
  const edits = wrong.flatMap(({ referrer, path, near }): readonly ItemEdit[] => {
    const edit = editOf(reader, referrer, path, near);
    return edit ? [edit] : [];
  });
  return remedyOf(edits, {
    id: 'use-closest-key',
    title: `Ask ${kindOf(holder)} ${nameOf(holder)} for ${edits.map((edit) => `${String(edit.value)} instead of ${String(edit.expectOld)}`).join(', ')}`,
    why: `It has no ${edits.map((edit) => String(edit.expectOld)).join(', ')}; those are the closest keys it has.`,
    precondition: 'The keys are the ones that were meant: compare what they hold.',
    risk: 'low',
    verify: 'The containers start and become ready.',
    rollback: 'Ask for the keys as before.',
    assumption: 'the program starts with the values of those keys',
  });
}

/** The key that is the same but for case and separators, else the one a slip away. */
function closestKey(asked: string, keys: readonly string[]): string | undefined {
  const plain = (key: string) => key.toLowerCase().replace(/[-_.]/g, '');
  const same = keys.filter((key) => plain(key) === plain(asked));
  return same.length === 1 ? same[0] : closestName(asked, keys);
}

function keyPaths(remedyCase: RemedyCase, referrer: string): readonly FieldPath[] {
  const { reader, rootCause } = remedyCase;
  return [...variableKeys(remedyCase, referrer), ...volumeKeys(reader, referrer, rootCause.subject)];
}

function variableKeys({ reader, rootCause, finding }: RemedyCase, referrer: string): readonly FieldPath[] {
  const field = kindOf(rootCause.subject) === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef';
  const all = { reader, finding, rootCause: { ...rootCause, container: undefined } };
  return containersOf(all, referrer).flatMap(({ path, body }) =>
    listAt(body, 'env').flatMap((variable): readonly FieldPath[] => {
      const reference = readField(variable, ['valueFrom', field]);
      const isMeant = textAt(reference, 'name') === nameOf(rootCause.subject) && readField(reference, ['optional']) !== true;
      return isMeant ? [[...path, 'env', { key: 'name', value: textAt(variable, 'name') ?? '' }, 'valueFrom', field, 'key']] : [];
    }),
  );
}

function volumeKeys(reader: CmdbReader, referrer: string, holder: string): readonly FieldPath[] {
  const [field, naming] = kindOf(holder) === 'Secret' ? ['secret', 'secretName'] : ['configMap', 'name'];
  const root: FieldPath = [...podSpecPath(kindOf(referrer)), 'volumes'];
  return listAt(reader.object(referrer), ...root).flatMap((volume, at): readonly FieldPath[] =>
    textAt(volume, field, naming) === nameOf(holder)
      ? listAt(volume, field, 'items').map((_, index): FieldPath => [...root, at, field, 'items', index, 'key'])
      : [],
  );
}
