import type { CallContext, CmdbReader, ConfigurationItem, Gap, Inventory, InventorySource, ItemList, Relation } from '@tier0/core';
import { createCmdb } from '../../graph/cmdb.ts';
import { compareText } from '../../graph/compare-text.ts';
import { coverageRows } from '../../graph/scope-coverage.ts';
import type { Snapshot } from './read-snapshot.ts';
import { createSnapshotSource } from './source.ts';

/** What a recording is read with. */
export interface OpenSnapshotOptions {
  /** Name of the cluster in item ids. Default: the one in `meta.json`, else `cluster`. */
  readonly cluster?: string | undefined;
  /** Further sources, e.g. a catalog that knows owners. */
  readonly sources?: readonly InventorySource[] | undefined;
}

/** A recording as a graph, and what could not be read of it. */
export interface OpenedSnapshot {
  readonly reader: CmdbReader;
  /** What its sources could not read. */
  readonly failures: readonly Gap[];
}

/** Builds the graph of a recording at the recording's own moment, which need not lie in the past of this machine. */
export async function openSnapshot(snapshot: Snapshot, options: OpenSnapshotOptions, { signal }: CallContext): Promise<OpenedSnapshot> {
  const then: CallContext = { signal, now: () => Date.parse(snapshot.now) };
  const inventory = await createSnapshotSource({ snapshot, cluster: options.cluster }).discover(then);
  const cmdb = createCmdb({ sources: [{ name: 'snapshot', discover: async () => inventory }, ...(options.sources ?? [])] });
  const { failures } = await cmdb.refresh(then);
  const isAlone = (options.sources ?? []).length === 0;
  const reader = withItemsAtHand(cmdb.reader(), inventory);
  if (!isAlone) return { reader, failures };
  // What the graph left out is not known, though the inventory has it.
  const isWhole = failures.every(({ code }) => code !== 'held-back');
  const related = withRelationsAtHand(reader, inventory.relations);
  return { reader: isWhole ? withIdentitiesAtHand(related, inventory.items) : related, failures };
}

/** What is there is found without the graph; only it knows whether the rest is absent or unknown. */
function withIdentitiesAtHand(reader: CmdbReader, items: readonly ConfigurationItem[]): CmdbReader {
  const byId = new Map(items.map((item) => [item.id, item]));
  return {
    ...reader,
    get(id) {
      const item = byId.get(id);
      return item === undefined ? reader.get(id) : { state: 'found', item };
    },
  };
}

/** Lists of a kind come from the inventory itself: the graph would make each item anew from its columns. */
function withItemsAtHand(reader: CmdbReader, inventory: Inventory): CmdbReader {
  const byKind = Map.groupBy(inventory.items, (item) => item.kind);
  const lists = new Map<string, ItemList>();
  const sorted = (items: readonly ConfigurationItem[]) => [...items].sort((a, b) => compareText(a.id, b.id));
  const listOf = (kind: string, own: readonly ConfigurationItem[]): ItemList => {
    const held = lists.get(kind) ?? { items: sorted(own), coverage: coverageRows(inventory.coverage, kind, undefined) };
    lists.set(kind, held);
    return held;
  };
  return {
    ...reader,
    items(filter) {
      const { kind, scope, name } = filter;
      const own = scope === undefined && kind !== undefined ? byKind.get(kind) : undefined;
      if (own === undefined || kind === undefined) return reader.items(filter);
      const { items, coverage } = listOf(kind, own);
      return name === undefined ? listOf(kind, own) : { items: items.filter((item) => item.name === name), coverage };
    },
    object: (id) => inventory.objects.get(id) ?? reader.object(id),
  };
}

/** Relations come from the inventory itself where no other source knows more. */
function withRelationsAtHand(reader: CmdbReader, relations: readonly Relation[]): CmdbReader {
  const ends = {
    out: lazily(() => bySortedEnd(relations, 'from', 'to')),
    in: lazily(() => bySortedEnd(relations, 'to', 'from')),
  };
  return {
    ...reader,
    relations(id, direction, type) {
      const own = ends[direction]().get(id) ?? NO_RELATIONS;
      return type === undefined ? own : own.filter((relation) => relation.type === type);
    },
  };
}

const NO_RELATIONS: readonly Relation[] = [];

function bySortedEnd(relations: readonly Relation[], end: 'from' | 'to', other: 'from' | 'to'): ReadonlyMap<string, readonly Relation[]> {
  const groups = Map.groupBy(relations, (relation) => relation[end]);
  for (const group of groups.values()) {
    if (group.length > 1) group.sort((a, b) => compareText(a.type, b.type) || compareText(a[other], b[other]));
  }
  return groups;
}

function lazily<T>(build: () => T): () => T {
  let held: { readonly value: T } | undefined;
  return () => {
    held ??= { value: build() };
    return held.value;
  };
}
