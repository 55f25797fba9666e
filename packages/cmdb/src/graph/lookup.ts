import { type ConfigurationItem, type Coverage, type ItemFilter, type ItemList, type Lookup, parseKubernetesItemId } from '@tier0/core';
import { compareText } from './compare-text.ts';
import type { Moment } from './engine/moment.ts';
import { idPrefix } from './engine/slice-table.ts';
import { joinedItem } from './join-item.ts';
import { coverageRows } from './scope-coverage.ts';

/** Tri-state look-up: absent only where every slice that can speak about the id read its kind completely. */
export function lookUp(moment: Moment, id: string): Lookup {
  const node = moment.node(id);
  const item = node === -1 ? undefined : joinedItem(moment, node);
  return item ? { state: 'found', item } : whyNotFound(moment, id);
}

/** Whether the chosen slices know that an item is not there. */
export function whyNotFound(
  moment: Moment,
  id: string,
  isAsked: (slice: number) => boolean = () => true,
): Exclude<Lookup, { state: 'found' }> {
  const { kind, namespace } = kindOf(id);
  const prefix = idPrefix(id) ?? id;
  const rows = moment.graph.slices.slices.flatMap(({ prefixes }, slice) => {
    const entry = prefixes.has(prefix) && isAsked(slice) ? moment.coverage(slice) : undefined;
    return entry ? coverageRows(entry.coverage, kind, namespace) : [];
  });
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
export function listItems(moment: Moment, filter: ItemFilter): ItemList {
  const items: ConfigurationItem[] = [];
  for (const node of candidates(moment, filter.kind)) {
    const item = joinedItem(moment, node);
    if (item && matches(item, filter)) items.push(item);
  }
  items.sort((a, b) => compareText(a.id, b.id));
  const coverage = moment.graph.slices.slices.flatMap((_, slice) => rowsFor(moment.coverage(slice)?.coverage ?? [], filter));
  return { items, coverage };
}

function* candidates(moment: Moment, kind: string | undefined): Generator<number> {
  const { items, texts } = moment.graph;
  if (kind === undefined) {
    for (let node = 0; node < items.firstKey.length; node++) if (items.firstKey[node] !== 0) yield node;
    return;
  }
  const number = texts.find(kind);
  if (number !== -1) yield* new Set(items.kinds.nodes(items, number));
}

function matches(item: ConfigurationItem, filter: ItemFilter): boolean {
  return (
    (filter.kind === undefined || item.kind === filter.kind) &&
    (filter.scope === undefined || item.scope === filter.scope) &&
    (filter.name === undefined || item.name === filter.name)
  );
}

function rowsFor(coverage: readonly Coverage[], filter: ItemFilter): readonly Coverage[] {
  if (filter.kind === undefined) return coverage;
  const namespace = filter.scope?.includes('/') ? filter.scope.slice(filter.scope.indexOf('/') + 1) : undefined;
  return coverageRows(coverage, filter.kind, namespace);
}
