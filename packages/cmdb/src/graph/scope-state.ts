import type { Change, ConfigurationItem, Coverage, Inventory, Relation } from '@tier0/core';
import { compareText } from './compare-text.ts';

/** What is held to be true about one scope after some number of inventories. */
export interface ScopeState {
  readonly scope: string;
  readonly observedAt: string;
  readonly items: ReadonlyMap<string, ConfigurationItem>;
  readonly relations: readonly Relation[];
  readonly objects: ReadonlyMap<string, unknown>;
  readonly coverage: readonly Coverage[];
  readonly changes: readonly Change[];
}

/**
 * Adds an inventory to what is known about its scope. Failure is not absence: an item that was not seen again is dropped only
 * when the inventory is a snapshot and says that it read the item's kind completely.
 */
export function foldInventory(previous: ScopeState | undefined, inventory: Inventory): ScopeState {
  const seen = new Map(inventory.items.map((item) => [item.id, item]));
  const kept = [...(previous?.items.values() ?? [])].filter((item) => !seen.has(item.id) && !mayDelete(inventory, item));
  const keptIds = new Set(kept.map((item) => item.id));
  const items = [...seen.values(), ...kept].sort((a, b) => compareText(a.id, b.id));
  const keptRelations = (previous?.relations ?? []).filter((relation) => keptIds.has(relation.from) || keptIds.has(relation.to));
  const objects = new Map(inventory.objects);
  for (const id of keptIds) objects.set(id, previous?.objects.get(id));
  return {
    scope: inventory.scope,
    observedAt: inventory.observedAt,
    items: new Map(items.map((item) => [item.id, item])),
    relations: distinctRelations([...inventory.relations, ...keptRelations]),
    objects,
    coverage: inventory.coverage,
    changes: distinctChanges([...(previous?.changes ?? []), ...inventory.changes]),
  };
}

function mayDelete(inventory: Inventory, item: ConfigurationItem): boolean {
  return inventory.contract === 'snapshot' && isComplete(inventory.coverage, item.kind, namespaceOf(item));
}

/** Whether the rows say that everything of this kind was read, in this namespace. No row: not known. */
export function isComplete(coverage: readonly Coverage[], kind: string, namespace: string | undefined): boolean {
  const rows = coverageRows(coverage, kind, namespace);
  return rows.length > 0 && rows.every((row) => row.state === 'complete');
}

/** The rows that speak about a kind in a namespace; `*` speaks about every kind that no row of its own covers. */
export function coverageRows(coverage: readonly Coverage[], kind: string, namespace: string | undefined): readonly Coverage[] {
  const speaks = (row: Coverage) => row.namespace === undefined || namespace === undefined || row.namespace === namespace;
  const own = coverage.filter((row) => row.kind === kind && speaks(row));
  return own.length > 0 ? own : coverage.filter((row) => row.kind === '*' && speaks(row));
}

function namespaceOf(item: ConfigurationItem): string | undefined {
  return typeof item.columns.namespace === 'string' ? item.columns.namespace : undefined;
}

/** One relation for each pair and type, sorted; the first one stated wins. */
export function distinctRelations(relations: readonly Relation[]): readonly Relation[] {
  const byKey = new Map<string, Relation>();
  for (const relation of relations) {
    const key = `${relation.from}\n${relation.type}\n${relation.to}`;
    if (!byKey.has(key)) byKey.set(key, relation);
  }
  return [...byKey].sort(([a], [b]) => compareText(a, b)).map(([, relation]) => relation);
}

export function distinctChanges(changes: readonly Change[]): readonly Change[] {
  const byId = new Map(changes.map((change) => [change.id, change]));
  return [...byId.values()].sort((a, b) => compareText(a.at, b.at) || compareText(a.id, b.id));
}
