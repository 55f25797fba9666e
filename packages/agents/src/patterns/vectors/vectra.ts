import { Tier0Error } from '@tier0/core';
import { checkVector, type VectorIndex, type VectorRecord } from './vector-index.ts';

/** What is used of the package `vectra`. */
interface VectraItem {
  readonly id: string;
  readonly vector: number[];
  readonly metadata: Record<string, string | number | boolean>;
}

interface VectraIndex {
  isIndexCreated(): Promise<boolean>;
  createIndex(options: { version: number }): Promise<void>;
  beginUpdate(): Promise<void>;
  endUpdate(): Promise<void>;
  cancelUpdate(): void;
  upsertItem(item: VectraItem): Promise<unknown>;
  insertItem(item: VectraItem): Promise<unknown>;
  deleteItem(id: string): Promise<void>;
  listItems(): Promise<VectraItem[]>;
  queryItems(vector: number[], query: string, limit: number, filter?: object): Promise<{ item: VectraItem; score: number }[]>;
}

interface Vectra {
  readonly LocalIndex: new (folder: string) => VectraIndex;
}

/** A folder that vectra reads and writes. */
export interface VectraVectorsOptions {
  readonly folder: string;
  readonly dimensions: number;
  /** Loads `vectra`. Default: `import('vectra')`. */
  readonly load?: (() => Promise<unknown>) | undefined;
}

/** vectra looks through all its items for each one it adds, and rewrites one JSON file: beyond this it is no longer of use. */
export const VECTRA_LIMIT = 20_000;

/**
 * A folder in vectra's own format, for teams that have one. Needs the optional package `vectra`. Its limits: the whole index is one JSON file
 * that is rewritten at every change and held in memory; adding takes time with the square of the number; above 512 MB the file cannot be
 * opened again. More than VECTRA_LIMIT records are refused.
 */
export async function openVectraVectors(options: VectraVectorsOptions): Promise<VectorIndex> {
  const { folder, dimensions } = options;
  const { LocalIndex } = await loadVectra(options.load);
  const index = new LocalIndex(folder);
  if (!(await index.isIndexCreated())) await index.createIndex({ version: 1 });
  const inOneUpdate = async (work: () => Promise<void>) => {
    await index.beginUpdate();
    try {
      await work();
    } catch (error) {
      index.cancelUpdate();
      throw error;
    }
    await index.endUpdate();
  };
  return {
    name: 'vectra',
    dimensions,
    async upsert(records) {
      for (const { id, vector } of records) checkVector(vector, dimensions, `The vector of "${id}"`);
      const known = new Set((await index.listItems()).map(({ id }) => id));
      refuseTooMany(new Set([...known, ...records.map(({ id }) => id)]).size);
      await inOneUpdate(async () => {
        for (const record of new Map(records.map((one) => [one.id, one])).values()) {
          if (known.has(record.id)) await index.deleteItem(record.id);
          await index.insertItem(toItem(record));
        }
      });
    },
    remove: async (ids) => {
      const known = new Set((await index.listItems()).map(({ id }) => id));
      const there = ids.filter((id) => known.has(id));
      if (there.length === 0) return;
      await inOneUpdate(async () => {
        for (const id of there) await index.deleteItem(id);
      });
    },
    async search({ vector, limit = 10, filter }) {
      checkVector(vector, dimensions, 'The query');
      const hits = await index.queryItems([...vector], '', limit, filter && Object.keys(filter).length > 0 ? { ...filter } : undefined);
      return hits.map(({ item, score }) => ({ id: item.id, score, metadata: item.metadata }));
    },
    count: async () => (await index.listItems()).length,
  };
}

/** Reads every record of a folder that vectra wrote. Throws NOT_FOUND where there is none. */
export async function importFromVectra(folder: string, load?: VectraVectorsOptions['load']): Promise<readonly VectorRecord[]> {
  const { LocalIndex } = await loadVectra(load);
  const index = new LocalIndex(folder);
  if (!(await index.isIndexCreated())) {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no vectra index in "${folder}".`,
      hint: 'Name the folder that holds index.json.',
    });
  }
  return (await index.listItems()).map(({ id, vector, metadata }) => ({ id, vector: Float32Array.from(vector), metadata }));
}

/** Writes records into a folder for vectra, beside what is there. Returns how many. Throws INVALID_INPUT beyond VECTRA_LIMIT. */
export async function exportToVectra(records: Iterable<VectorRecord>, options: VectraVectorsOptions): Promise<number> {
  const all = [...records].map((record) => ({ ...record, vector: Float32Array.from(record.vector) }));
  const target = await openVectraVectors(options);
  await target.upsert(all, { signal: new AbortController().signal, now: Date.now });
  return all.length;
}

function toItem({ id, vector, metadata = {} }: VectorRecord): VectraItem {
  return { id, vector: [...vector], metadata: { ...metadata } };
}

function refuseTooMany(count: number): void {
  if (count <= VECTRA_LIMIT) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `A vectra index of ${count} records would be too slow to write and too large to open again; at most ${VECTRA_LIMIT} are put in one.`,
    hint: 'Keep them in the flat index, or spread them over several folders.',
  });
}

async function loadVectra(load: VectraVectorsOptions['load']): Promise<Vectra> {
  try {
    return (load ? await load() : await import('vectra' as string)) as Vectra;
  } catch (cause) {
    throw new Tier0Error({
      code: 'MISSING_DEPENDENCY',
      message: 'The package "vectra" is not installed.',
      hint: 'Run "npm install vectra" (Node 22 or newer); the flat index needs nothing.',
      cause,
    });
  }
}
