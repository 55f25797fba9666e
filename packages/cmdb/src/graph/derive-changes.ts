import { type Change, type FieldChange, formatFieldPath, sha256 } from '@tier0/core';
import { isRecord, textMap } from '../kinds/kubernetes-object.ts';
import { compareFields } from './compare-fields.ts';
import type { ScopeState } from './scope-state.ts';

/** Kinds that come and go by themselves; their owners' changes are the ones that matter. */
const VOLATILE_KINDS: ReadonlySet<string> = new Set(['Pod', 'ReplicaSet', 'EndpointSlice', 'Event', 'Node']);
/** Annotations that controllers and clients write as bookkeeping. */
const BOOKKEEPING = /^(deployment\.kubernetes\.io\/revision|kubectl\.kubernetes\.io\/last-applied-configuration)$/;

/** What became different between two inventories of one scope, where the source itself did not already say so. */
export function deriveChanges(before: ScopeState, after: ScopeState): readonly Change[] {
  const told = new Set(after.changes.filter((change) => change.at > before.observedAt).map((change) => change.item));
  const ids = [...new Set([...before.items.keys(), ...after.items.keys()])].sort();
  return ids.flatMap((id): Change[] => {
    const old = before.items.get(id);
    const current = after.items.get(id);
    if (told.has(id) || old?.digest === current?.digest || VOLATILE_KINDS.has((current ?? old)?.kind ?? '')) return [];
    if (!old || !current) return [toChange(id, after.observedAt, old ? 'removed' : 'added', [])];
    const fields = compareFields(intended(before.objects.get(id)), intended(after.objects.get(id)));
    return fields.length === 0
      ? []
      : [toChange(id, after.observedAt, fields.map((field) => formatFieldPath(field.path)).join(', '), fields)];
  });
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
