import { type Change, type FieldChange, formatFieldPath, sha256 } from '@tier0/core';
import { isRecord, textMap } from '../kinds/kubernetes-object.ts';
import { compareFields } from './compare-fields.ts';
import { compareText } from './compare-text.ts';
import type { ItemState, TouchedItem } from './inventory-facts.ts';

/** Kinds that come and go by themselves; their owners' changes are the ones that matter. */
const VOLATILE_KINDS: ReadonlySet<string> = new Set(['Pod', 'ReplicaSet', 'EndpointSlice', 'Event', 'Node']);
/** Annotations that controllers and clients write as bookkeeping. */
const BOOKKEEPING = /^(deployment\.kubernetes\.io\/revision|kubectl\.kubernetes\.io\/last-applied-configuration)$/;

/** What became different between two inventories of one slice, where the source itself (`told`) did not already say so. */
export function deriveChanges(
  touched: readonly TouchedItem[],
  { since, at, told }: { readonly since: string; readonly at: string; readonly told: readonly Change[] },
): readonly Change[] {
  const explained = new Set(told.filter((change) => change.at > since).map((change) => change.item));
  return [...touched]
    .sort((a, b) => compareText(a.id, b.id))
    .flatMap(({ id, before, after }): Change[] => {
      const kind = (after ?? before)?.item.kind ?? '';
      if (explained.has(id) || VOLATILE_KINDS.has(kind) || before?.item.digest === after?.item.digest) return [];
      if (!before || !after) return [toChange(id, at, before ? 'removed' : 'added', [])];
      const fields = fieldsBetween(before, after);
      return fields.length === 0 ? [] : [toChange(id, at, fields.map((field) => formatFieldPath(field.path)).join(', '), fields)];
    });
}

/** By the raw objects; where the earlier one was not kept, by the indexed columns. */
function fieldsBetween(before: ItemState, after: ItemState): readonly FieldChange[] {
  if (before.object !== undefined) return compareFields(intended(before.object), intended(after.object));
  return compareFields(before.item.columns, after.item.columns, ['columns']);
}

function toChange(item: string, at: string, summary: string, fields: readonly FieldChange[]): Change {
  const id = `change-${sha256(JSON.stringify([item, at, summary])).slice(0, 16)}`;
  return { id, item, at, summary: summary.slice(0, 200), fields, source: 'cmdb' };
}

/** The part of an object that people and pipelines write. */
function intended(object: unknown): unknown {
  if (!isRecord(object)) return object;
  const { status: _status, metadata, ...rest } = object;
  if (!isRecord(metadata)) return rest;
  const annotations = Object.entries(textMap(metadata.annotations)).filter(([key]) => !BOOKKEEPING.test(key));
  return { ...rest, metadata: { labels: textMap(metadata.labels), annotations: Object.fromEntries(annotations) } };
}
