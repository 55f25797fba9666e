import { type CmdbReader, type FieldPath, type ItemEdit, parseKubernetesItemId, readField } from '@tier0/core';

const TEMPLATES: ReadonlySet<string> = new Set(['DaemonSet', 'Deployment', 'StatefulSet']);
const NAME = 'tier0.dev/rehearsed';

/**
 * The same edits with what the cause depends on left out, and every object that was edited touched all the same: a rollout that changes
 * nothing, an annotation. What is gone after it was not cured by the remedy.
 */
export function placeboOf(reader: CmdbReader, edits: readonly ItemEdit[], isLever: (edit: ItemEdit) => boolean): readonly ItemEdit[] {
  const others = edits.filter((edit) => !isLever(edit));
  const items = [...new Set(edits.map(({ item }) => item))];
  return [...others, ...items.map((item) => touch(reader, item))];
}

function touch(reader: CmdbReader, item: string): ItemEdit {
  const holder: FieldPath = TEMPLATES.has(parseKubernetesItemId(item)?.kind ?? '') ? ['spec', 'template', 'metadata'] : ['metadata'];
  const old = readField(reader.object(item), [...holder, 'annotations', NAME]);
  return {
    item,
    fieldPath: [...holder, 'annotations', NAME],
    ...(typeof old === 'string' ? { expectOld: old } : {}),
    value: `${String(old ?? '')}.`,
  };
}
