import type { CmdbFact, CmdbReader, SourceSlice } from '@tier0/core';

/** An item that a slice gave up. */
export interface Tombstone {
  /** Item id. */
  readonly item: string;
  readonly slice: SourceSlice;
  /** Last instant the slice is known to have confirmed it. ISO 8601, UTC. */
  readonly lastSeenAt: string;
}

/** What existed at `since` and does not exist at the reader's moment, with the slices that stated it. Throws INVALID_INPUT as `asOf` does. */
export function tombstonesSince(reader: CmdbReader, since: string): readonly Tombstone[] {
  const before = reader.asOf(since);
  return reader
    .diff(before)
    .removed.flatMap((item) => before.facts(item).map(({ slice, observedAt }) => ({ item, slice, lastSeenAt: observedAt })));
}

/** What is brought back, and as it was when. */
export interface Undo {
  /** Item ids. */
  readonly items: readonly string[];
  /** An instant at which they still existed. ISO 8601, UTC. */
  readonly since: string;
  /** From when on they exist again. ISO 8601, UTC. */
  readonly at: string;
}

/**
 * Facts that bring deleted items back, each slice's statement as it was, with their relations to what exists. Give them to `Cmdb.record`.
 * A source that reads its scope completely and still does not know an item will take it away again.
 */
export function undoDeletion(reader: CmdbReader, { items, since, at }: Undo): readonly CmdbFact[] {
  const before = reader.asOf(since);
  const wanted = new Set(items);
  const exists = (id: string) => wanted.has(id) || reader.get(id).state === 'found';
  return items.flatMap((id): readonly CmdbFact[] => {
    const stated = before.facts(id);
    const asserted = stated.map(({ slice, item }): CmdbFact => ({ type: 'item-asserted', slice, validFrom: at, item }));
    const sliceOf = (source: string) => stated.find(({ slice }) => slice.source === source)?.slice;
    const related = [...before.relations(id, 'out'), ...before.relations(id, 'in')].flatMap((relation): readonly CmdbFact[] => {
      const slice = sliceOf(relation.source);
      const { validFrom: _from, validTo: _to, ...rest } = relation;
      return slice && exists(relation.from) && exists(relation.to)
        ? [{ type: 'relation-asserted', slice, validFrom: at, relation: rest }]
        : [];
    });
    return [...asserted, ...related];
  });
}
