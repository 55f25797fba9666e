import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { type FlatVectorsOptions, openFlatVectors } from './flat.ts';
import { checkVector, toUnit, type VectorIndex } from './vector-index.ts';

/** What is used of the package `usearch`. */
interface UsearchIndex {
  add(keys: BigUint64Array, vectors: Float32Array, threads?: number): void;
  search(vector: Float32Array, limit: number, threads?: number): { readonly keys: BigUint64Array; readonly distances: Float32Array };
  save(file: string): void;
  view(file: string): void;
  size(): number;
}

interface Usearch {
  readonly Index: new (config: object) => UsearchIndex;
}

/** How a graph is built and searched. */
export interface UsearchVectorsOptions extends FlatVectorsOptions {
  /** Loads `usearch`. Default: `import('usearch')`. */
  readonly load?: (() => Promise<unknown>) | undefined;
  /** Neighbours of a vector in the graph. Default 16. */
  readonly connectivity?: number | undefined;
  /** Candidates looked at in a search; more find more and take longer. Default 64: 98 of the 100 nearest and more, at 100,000 vectors. */
  readonly expansion?: number | undefined;
}

/** A graph over the vectors of a flat index. */
export interface UsearchVectors extends VectorIndex {
  /** Takes all vectors into the graph. Until then, newer ones are searched exactly beside it. */
  build(): Promise<void>;
  /** Vectors that are not in the graph yet. */
  outside(): number;
}

/** Candidates looked at when a vector is added: the graph is built once and searched often. */
const BUILD_EXPANSION = 128;
/** A graph is asked for more than is wanted: replaced and removed vectors stay in it until the next build. */
const SPARE = 16;

/**
 * An approximate index (HNSW) for more vectors than can be looked at one by one, from about 20,000 on. The truth stays in the flat index: it
 * holds every record durably, and a search with a filter, which a graph cannot do well, is exact. Needs the optional package `usearch`.
 */
export async function openUsearchVectors(options: UsearchVectorsOptions): Promise<UsearchVectors> {
  const { Index } = await loadUsearch(options.load);
  const flat = await openFlatVectors(options);
  const { folder, dimensions, connectivity = 16, expansion = 64 } = options;
  const file = (rows: number) => join(folder, `graph-${rows}.usearch`);
  const make = () =>
    new Index({
      metric: 'cos',
      quantization: 'f32',
      dimensions,
      connectivity,
      expansion_add: BUILD_EXPANSION,
      expansion_search: expansion,
      multi: false,
    });
  let graph: { readonly index: UsearchIndex; readonly rows: number } | undefined;
  const current = join(folder, 'graph.usearch');
  if (await stat(current).catch(() => undefined)) {
    const index = make();
    index.view(current);
    // Rows are numbered in the order of writing: as many as it holds are its own.
    graph = { index, rows: index.size() };
    if (graph.rows > flat.rowCount()) graph = undefined;
  }
  return {
    ...flat,
    name: 'usearch',
    outside: () => flat.rowCount() - (graph?.rows ?? 0),
    async build() {
      const index = make();
      const rows = flat.rowCount();
      for (let from = 0; from < rows; from += 10_000) {
        const count = Math.min(10_000, rows - from);
        const keys = BigUint64Array.from({ length: count }, (_, row) => BigInt(from + row));
        index.add(keys, await flat.vectorsOf(from, count), 0);
      }
      index.save(file(rows));
      await rename(file(rows), current);
      await rm(file(rows), { force: true });
      graph = { index, rows };
    },
    async search(query, context) {
      if (!graph || graph.rows === 0 || query.filter) return flat.search(query, context);
      checkVector(query.vector, dimensions, 'The query');
      const limit = query.limit ?? 10;
      const { keys, distances } = graph.index.search(toUnit(query.vector), limit + SPARE, 1);
      const near = [...keys].flatMap((key, at) => {
        const record = flat.recordAt(Number(key));
        return record ? [{ ...record, score: 1 - (distances[at] as number) }] : [];
      });
      const later = graph.rows < flat.rowCount() ? await flat.searchFrom(graph.rows, query) : [];
      return [...near, ...later].sort((a, b) => b.score - a.score).slice(0, limit);
    },
  };
}

/** Rows that may be searched beside the graph before it is built anew: below this many a flat index is as good. */
const LATER_ROWS = 20_000;

/** Builds the graph by itself once so many vectors are outside of it that looking at each takes time. */
export function withGraph(index: UsearchVectors): VectorIndex {
  return {
    ...index,
    async upsert(records, context) {
      await index.upsert(records, context);
      if (index.outside() > LATER_ROWS) await index.build();
    },
  };
}

async function loadUsearch(load: UsearchVectorsOptions['load']): Promise<Usearch> {
  try {
    const module = (load ? await load() : await import('usearch' as string)) as Usearch & { readonly default?: Usearch };
    return module.Index ? module : (module.default as Usearch);
  } catch (cause) {
    throw new Tier0Error({
      code: 'MISSING_DEPENDENCY',
      message: 'The package "usearch" is not installed.',
      hint: 'Run "npm install usearch", or use the flat index, which needs nothing.',
      cause,
    });
  }
}
