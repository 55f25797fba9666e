import { type CmdbReader, type FieldPath, formatFieldPath, formatItemId, type ItemEdit, type JsonValue, type Remedy } from '@tier0/core';
import { liveValue } from '../world/live-item.ts';

/** What a person wants a field to be. */
export interface Wish {
  /** Item id. */
  readonly item: string;
  readonly fieldPath: FieldPath;
  /** The value, given what is live now. */
  readonly value: (live: JsonValue | undefined) => JsonValue;
}

/** The wish as an edit that expects what is live now. Throws NOT_FOUND without the object. */
export function wishedEdit(reader: CmdbReader, { item, fieldPath, value }: Wish): ItemEdit {
  const expectOld = liveValue(reader, item, fieldPath);
  return { item, fieldPath, value: value(expectOld), ...(expectOld === undefined ? {} : { expectOld }) };
}

/** The gate judges remedies; a person's wish is one without a cause that was found. */
export function wishedRemedy({ edit, why }: { readonly edit: ItemEdit; readonly why: string }): Remedy {
  return {
    id: 'by-hand',
    kind: 'edit',
    title: titleOf(edit),
    cause: 'needs-investigation',
    subject: edit.item,
    edits: [edit],
    why,
    precondition: 'Whoever asks for it knows why.',
    risk: 'medium',
    verify: 'What was wished for is seen.',
    rollback: `A revert restores ${said(edit.expectOld) ?? 'the entries before it'}.`,
    disproof: 'A fault that was not there before.',
    success: { kind: 'finding-gone', item: edit.item, fingerprint: 'none' },
  };
}

function titleOf({ fieldPath, item, value }: ItemEdit): string {
  const field = `${formatFieldPath(fieldPath)} of ${formatItemId(item)}`;
  const wished = said(value);
  return wished === undefined ? `Change ${field}` : `Set ${field} to ${wished}`;
}

/** A plain value in words; undefined for what has parts: the diff shows those. */
function said(value: JsonValue | undefined): string | undefined {
  if (value === undefined) return 'not set';
  return typeof value === 'object' && value !== null ? undefined : JSON.stringify(value);
}
