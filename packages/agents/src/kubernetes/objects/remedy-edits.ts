import { type CmdbReader, type FieldPath, type ItemEdit, type JsonValue, parseKubernetesItemId, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { listAt, textAt } from './read-object.ts';
import { podSpecPath } from './workload.ts';

/** An edit of a field as it stands now; undefined where the object is not there or has the value already. */
export function editOf(reader: CmdbReader, item: string, fieldPath: FieldPath, value: JsonValue | undefined): ItemEdit | undefined {
  const object = reader.object(item);
  if (object === undefined) return undefined;
  const current = readField(object, fieldPath) as JsonValue | undefined;
  if (JSON.stringify(current) === JSON.stringify(value)) return undefined;
  return { item, fieldPath, ...(current === undefined ? {} : { expectOld: current }), ...(value === undefined ? {} : { value }) };
}

/** The edits that can be made; none when one of them cannot. */
export function editsOf(...edits: readonly (ItemEdit | undefined)[]): readonly ItemEdit[] {
  return edits.every((edit) => edit !== undefined) ? (edits as readonly ItemEdit[]) : [];
}

/** RemedyDraft that consists of edits; none without an edit. */
export function remedyOf(edits: readonly ItemEdit[], advice: Omit<RemedyDraft, 'kind' | 'edits'>): readonly RemedyDraft[] {
  return edits.length === 0 ? [] : [{ kind: 'edit', edits, ...advice }];
}

export function kindOf(item: string): string {
  return parseKubernetesItemId(item)?.kind ?? '';
}

export function nameOf(item: string): string {
  return parseKubernetesItemId(item)?.name ?? item;
}

/** One container of a workload's template, with its path. */
export interface TemplateContainer {
  readonly name: string;
  readonly path: FieldPath;
  readonly body: unknown;
}

/** Containers of a template or pod; the one the cause is about first. */
export function containersOf({ reader, rootCause }: RemedyCase, item = rootCause.subject): readonly TemplateContainer[] {
  const specPath = podSpecPath(kindOf(item));
  const all = ['containers', 'initContainers'].flatMap((list) =>
    listAt(reader.object(item), ...specPath, list).flatMap((body): readonly TemplateContainer[] => {
      const name = textAt(body, 'name');
      return name === undefined ? [] : [{ name, path: [...specPath, list, { key: 'name', value: name }], body }];
    }),
  );
  const meant = all.filter(({ name }) => name === rootCause.container);
  return meant.length > 0 ? meant : all;
}
