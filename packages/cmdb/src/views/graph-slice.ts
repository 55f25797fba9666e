import type { CmdbReader, ConfigurationItem, Relation } from '@tier0/core';

/** Which part of the graph is taken out. */
export interface SliceOptions {
  /** Item in the middle. Default: everything, up to `limit`. */
  readonly center?: string | undefined;
  /** Relations walked from it, in either direction. Default 2. */
  readonly hops?: number | undefined;
  /** Items at most. Default 1,000. */
  readonly limit?: number | undefined;
}

/** A part of the graph as plain data: what views draw and other tools read. */
export interface GraphSlice {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Sorted by id. An id that a relation names and no source states has no item. */
  readonly nodes: readonly { readonly id: string; readonly item?: ConfigurationItem | undefined }[];
  /** Relations between the nodes. */
  readonly relations: readonly Relation[];
  /** True when the limit cut something off. */
  readonly truncated: boolean;
}

/** Takes a part out of the graph, nearest items first. */
export function sliceGraph(reader: CmdbReader, { center, hops = 2, limit = 1000 }: SliceOptions = {}): GraphSlice {
  const all = center === undefined ? reader.items({}).items.map(({ id }) => id) : around(reader, center, { hops, limit });
  const ids = all.slice(0, limit).sort();
  const known = new Set(ids);
  return {
    at: reader.at,
    nodes: ids.map((id) => {
      const found = reader.get(id);
      return found.state === 'found' ? { id, item: found.item } : { id };
    }),
    relations: ids.flatMap((id) => reader.relations(id, 'out')).filter(({ to }) => known.has(to)),
    truncated: all.length > limit,
  };
}

/** One id more than the limit where there is one, so that the caller sees the cut. */
function around(reader: CmdbReader, center: string, { hops, limit }: { readonly hops: number; readonly limit: number }): string[] {
  const seen = new Set([center]);
  let frontier = [center];
  for (let hop = 0; hop < hops && seen.size <= limit; hop++) {
    const next = frontier.flatMap((id) => [
      ...reader.relations(id, 'out').map(({ to }) => to),
      ...reader.relations(id, 'in').map(({ from }) => from),
    ]);
    frontier = [...new Set(next)].filter((id) => !seen.has(id));
    for (const id of frontier) if (seen.size <= limit) seen.add(id);
  }
  return [...seen];
}
