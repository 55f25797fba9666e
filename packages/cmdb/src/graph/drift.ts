import type { ConfigurationItem, Drift, DriftedColumn, ItemFilter } from '@tier0/core';
import { compareText } from './compare-text.ts';
import type { Moment, Statement } from './engine/moment.ts';
import { freshItem } from './join-item.ts';
import { whyNotFound } from './lookup.ts';

/** What a declared and an observed slice state about one node. */
interface Pair {
  readonly declared?: Statement | undefined;
  readonly observed?: Statement | undefined;
}

/** Where declared and observed slices differ. What could not be read is no drift: absence counts only where coverage is complete. */
export function driftOf(moment: Moment, filter: ItemFilter = {}): readonly Drift[] {
  const { items } = moment.graph;
  const found: Drift[] = [];
  for (let node = 0; node < items.firstKey.length; node++) {
    if (items.firstKey[node] === 0) continue;
    const drift = nodeDrift(moment, node, pairOf(moment, node), filter);
    if (drift) found.push(drift);
  }
  return found.sort((a, b) => compareText(a.item, b.item));
}

function pairOf(moment: Moment, node: number): Pair {
  const statements = moment.statements(node);
  const inRole = (role: string) => statements.find(({ slice }) => moment.coverage(slice)?.role === role);
  return { declared: inRole('declared'), observed: inRole('observed') };
}

function nodeDrift(moment: Moment, node: number, { declared, observed }: Pair, filter: ItemFilter): Drift | undefined {
  const [wanted, found] = [declared, observed].map((statement) => statement && freshItem(moment, node, statement));
  const item = wanted ?? found;
  if (!item || !matches(item, filter)) return undefined;
  const slice = (statement: Statement | undefined) => statement && moment.graph.slices.slices[statement.slice]?.slice;
  const by = {
    ...(declared ? { declaredBy: slice(declared) } : {}),
    ...(observed ? { observedBy: slice(observed) } : {}),
  };
  if (!found) return isAbsent(moment, item.id, 'observed') ? { item: item.id, state: 'missing', columns: [], ...by } : undefined;
  if (!wanted) return isAbsent(moment, item.id, 'declared') ? { item: item.id, state: 'unmanaged', columns: [], ...by } : undefined;
  const columns = differingColumns(wanted, found);
  return columns.length > 0 ? { item: item.id, state: 'differs', columns, ...by } : undefined;
}

/** What was declared must be so; what was not declared is free. */
function differingColumns(declared: ConfigurationItem, observed: ConfigurationItem): readonly DriftedColumn[] {
  return Object.keys(declared.columns)
    .sort(compareText)
    .filter((column) => declared.columns[column] !== observed.columns[column])
    .map((column) => ({
      column,
      declared: declared.columns[column],
      ...(observed.columns[column] === undefined ? {} : { observed: observed.columns[column] }),
    }));
}

function isAbsent(moment: Moment, id: string, role: string): boolean {
  return whyNotFound(moment, id, (slice) => moment.coverage(slice)?.role === role).state === 'absent';
}

function matches(item: ConfigurationItem, { kind, scope, name }: ItemFilter): boolean {
  return (
    (kind === undefined || item.kind === kind) &&
    (scope === undefined || item.scope === scope) &&
    (name === undefined || item.name === name)
  );
}
