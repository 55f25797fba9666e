import { type Coverage, type ItemFilter, type ItemList, type Lookup, parseKubernetesItemId } from '@tier0/core';
import { coverageRows } from './scope-state.ts';
import { idPrefix, type Snapshot } from './snapshot.ts';

/** Tri-state look-up: absent only where every scope that can speak about the id read its kind completely. */
export function lookUp(snapshot: Snapshot, id: string): Lookup {
  const item = snapshot.items.get(id);
  if (item) return { state: 'found', item };
  const { kind, namespace } = kindOf(id);
  const speaking = snapshot.scopes.filter((scope) => scope.prefixes.has(idPrefix(id)));
  const rows = speaking.flatMap((scope) => coverageRows(scope.coverage, kind, namespace));
  const gap = rows.find((row) => row.state !== 'complete');
  if (gap) return { state: 'unknown', reason: `could not read ${kind}: ${gap.reason ?? gap.state}` };
  return rows.length > 0 ? { state: 'absent' } : { state: 'unknown', reason: `no source was asked for ${kind}` };
}

function kindOf(id: string): { readonly kind: string; readonly namespace?: string | undefined } {
  const kubernetes = parseKubernetesItemId(id);
  if (kubernetes) return kubernetes;
  const kind = /^backstage:([^:]+):/.exec(id)?.[1] ?? '';
  return { kind: kind === 'api' ? 'API' : kind.charAt(0).toUpperCase() + kind.slice(1) };
}

/** Items that match every given part, sorted by id. */
export function listItems(snapshot: Snapshot, filter: ItemFilter): ItemList {
  const items = [...snapshot.items.values()].filter(
    (item) =>
      (filter.kind === undefined || item.kind === filter.kind) &&
      (filter.scope === undefined || item.scope === filter.scope) &&
      (filter.name === undefined || item.name === filter.name),
  );
  return { items, coverage: snapshot.scopes.flatMap((scope) => rowsFor(scope.coverage, filter)) };
}

function rowsFor(coverage: readonly Coverage[], filter: ItemFilter): readonly Coverage[] {
  if (filter.kind === undefined) return coverage;
  const namespace = filter.scope?.includes('/') ? filter.scope.slice(filter.scope.indexOf('/') + 1) : undefined;
  return coverageRows(coverage, filter.kind, namespace);
}
