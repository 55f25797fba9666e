import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CallContext, Tier0Error } from '@tier0/core';
import { FILE_MODE, fileFailure, makeStateFolder, syncFolder, withFileLock } from '@tier0/core/files';
import { z } from 'zod';
import { appendRecords, scanSegment } from '../segments/segment-file.ts';
import { BLOCK_ROWS, type CosineKernel, createCosineKernel } from './cosine-kernel.ts';
import { createTopHits } from './top-hits.ts';
import { checkVector, setUnit, toUnit, type VectorHit, type VectorIndex, type VectorQuery, type VectorRecord } from './vector-index.ts';

/** Where vectors are kept. */
export interface FlatVectorsOptions {
  /** Folder of its own; made where it is missing. */
  readonly folder: string;
  readonly dimensions: number;
}

/** A flat index, with what a faster index over it needs to know. */
export interface FlatVectors extends VectorIndex {
  /** Rows ever written, the replaced and removed ones included. */
  rowCount(): number;
  /** The living record at a row. */
  recordAt(row: number): { readonly id: string; readonly metadata: NonNullable<VectorRecord['metadata']> } | undefined;
  /** Vectors of rows, one after the other, each of `dimensions` numbers. */
  vectorsOf(from: number, count: number): Promise<Float32Array>;
  /** Searches the rows from `from` on only. */
  searchFrom(from: number, query: VectorQuery): Promise<readonly VectorHit[]>;
  /** Every living record. */
  records(): Promise<Iterable<VectorRecord>>;
}

type Metadata = NonNullable<VectorRecord['metadata']>;

/** What happened to rows: a batch is there as a whole or not at all. */
const BatchSchema = z.union([
  z.object({ dimensions: z.number().int().positive() }),
  z.object({
    from: z.number().int().nonnegative(),
    ids: z.array(z.string()),
    metadata: z.array(z.record(z.string(), z.unknown())).optional(),
  }),
  z.object({ drop: z.array(z.string()) }),
]);

/** Records in one frame of the log; a batch of any size is written in pieces of this. */
const BATCH = 10_000;

/**
 * Vectors in one file of rows, with an append-only log that says whose they are. Exact: every search looks at every row. A row is synced before
 * the log names it, so a crash leaves rows that nobody owns, which the next write covers. One process writes at a time. Opening reads the log
 * only; rows are read when they are first looked at.
 */
export async function openFlatVectors({ folder, dimensions }: FlatVectorsOptions): Promise<FlatVectors> {
  await makeStateFolder(folder);
  const log = join(folder, 'rows.log');
  const file = join(folder, 'vectors.f32');
  const kernel = createCosineKernel(dimensions);
  let rows: ({ readonly id: string; readonly metadata: Metadata } | undefined)[] = [];
  const rowOf = new Map<string, number>();
  let logBytes = 0;
  /** Rows that the kernel holds: the first ones. */
  let loadedRows = 0;
  let loading: Promise<void> | undefined;

  const own = (id: string, row: number, metadata: Metadata) => {
    const before = rowOf.get(id);
    if (before !== undefined) rows[before] = undefined;
    rows[row] = { id, metadata };
    rowOf.set(id, row);
  };
  const disown = (id: string) => {
    const row = rowOf.get(id);
    if (row !== undefined) rows[row] = undefined;
    rowOf.delete(id);
  };
  /** Takes in rows that were not looked at yet. */
  const loaded = async (): Promise<void> => {
    while (loadedRows < rows.length) {
      loading ??= loadRows(file, kernel, { from: loadedRows, to: rows.length, dimensions })
        .then((to) => {
          loadedRows = to;
        })
        .finally(() => {
          loading = undefined;
        });
      await loading;
    }
  };
  const refresh = async () => {
    const { records, soundBytes } = await scanSegment(log, logBytes);
    if (records.length === 0 && logBytes > 0) return;
    for (const { payload } of records) {
      const batch = BatchSchema.parse(JSON.parse(payload.toString()));
      if ('dimensions' in batch) refuseOther(batch.dimensions, dimensions, folder);
      else if ('drop' in batch) batch.drop.forEach(disown);
      else {
        rows.length = Math.max(rows.length, batch.from + batch.ids.length);
        for (const [index, id] of batch.ids.entries()) own(id, batch.from + index, (batch.metadata?.[index] ?? {}) as Metadata);
      }
    }
    logBytes = soundBytes;
    await refuseShort(file, rows.length * dimensions * 4);
  };
  const locked = <T>({ signal }: CallContext, task: () => Promise<T>) =>
    withFileLock(join(folder, 'lock'), { purpose: 'vector index', signal }, task);
  const append = async (batches: readonly object[]) => {
    const places = await appendRecords(
      log,
      batches.map((batch) => Buffer.from(JSON.stringify(batch))),
      logBytes,
    );
    const end = places.at(-1);
    if (end) logBytes = end.offset + end.length;
  };
  const searchFrom = async (from: number, query: VectorQuery) => {
    checkVector(query.vector, dimensions, 'The query');
    await loaded();
    kernel.setQuery(toUnit(query.vector));
    const top = createTopHits(query.limit ?? 10);
    const filter = Object.entries(query.filter ?? {});
    for (let start = from; start < rows.length; start += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, rows.length - start);
      const scores = kernel.score(start, count);
      for (let at = 0; at < count; at++) {
        const score = scores[at] as number;
        if (score <= top.threshold()) continue;
        const row = rows[start + at];
        if (row && filter.every(([field, value]) => row.metadata[field] === value)) top.offer(start + at, score);
      }
    }
    return top.hits().map(({ row, score }) => ({ ...(rows[row] as { id: string; metadata: Metadata }), score }));
  };

  await refresh();
  if (logBytes === 0) await locked({ signal: new AbortController().signal, now: Date.now }, () => append([{ dimensions }]));
  return {
    name: 'flat',
    dimensions,
    rowCount: () => rows.length,
    recordAt: (row) => rows[row],
    async vectorsOf(from, count) {
      await loaded();
      return readRows(kernel, { from, count, dimensions });
    },
    searchFrom,
    async records() {
      await loaded();
      return living(rows, (row) => readRows(kernel, { from: row, count: 1, dimensions }));
    },
    async upsert(records, context) {
      for (const { id, vector } of records) checkVector(vector, dimensions, `The vector of "${id}"`);
      if (records.length === 0) return;
      await locked(context, async () => {
        await refresh();
        const from = rows.length;
        const added = new Float32Array(records.length * dimensions);
        for (const [index, { vector }] of records.entries()) setUnit(added, index * dimensions, vector);
        await writeRows(file, added, from * dimensions * 4);
        const batches = [];
        for (let start = 0; start < records.length; start += BATCH) {
          const some = records.slice(start, start + BATCH);
          const metadata = some.some((record) => record.metadata) ? { metadata: some.map((record) => record.metadata ?? {}) } : {};
          batches.push({ from: from + start, ids: some.map(({ id }) => id), ...metadata });
        }
        await append(batches);
        if (loadedRows === from) {
          kernel.makeRoom(from + records.length);
          setRows(kernel, added, { from, count: records.length, dimensions });
          loadedRows = from + records.length;
        }
        rows.length = from + records.length;
        for (const [index, { id, metadata }] of records.entries()) own(id, from + index, metadata ?? {});
      });
    },
    remove: (ids, context) =>
      locked(context, async () => {
        await refresh();
        const known = ids.filter((id) => rowOf.has(id));
        if (known.length === 0) return;
        await append([{ drop: known }]);
        known.forEach(disown);
      }),
    search: async (query) => searchFrom(0, query),
    count: async () => rowOf.size,
    async close() {
      rows = [];
      loadedRows = 0;
      rowOf.clear();
    },
  };
}

function* living(
  rows: readonly ({ readonly id: string; readonly metadata: Metadata } | undefined)[],
  vectorAt: (row: number) => Float32Array,
): Iterable<VectorRecord> {
  for (const [row, record] of rows.entries()) if (record) yield { ...record, vector: vectorAt(row) };
}

interface RowRange {
  readonly from: number;
  readonly count: number;
  readonly dimensions: number;
}

function readRows(kernel: CosineKernel, { from, count, dimensions }: RowRange): Float32Array {
  if (kernel.stride === dimensions) return kernel.rows(from, count);
  // Rows of the kernel are longer than the vectors.
  const out = new Float32Array(count * dimensions);
  for (let row = 0; row < count; row++) out.set(kernel.rows(from + row, 1).subarray(0, dimensions), row * dimensions);
  return out;
}

async function loadRows(
  file: string,
  kernel: CosineKernel,
  { from, to, dimensions }: { readonly from: number; readonly to: number; readonly dimensions: number },
): Promise<number> {
  kernel.makeRoom(to);
  const handle = await open(file, 'r').catch((error) => Promise.reject(fileFailure(`read ${file}`, error)));
  try {
    const isPacked = kernel.stride === dimensions;
    const target = isPacked ? kernel.rows(from, to - from) : new Float32Array((to - from) * dimensions);
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from * dimensions * 4);
    if (bytesRead < bytes.length) throw damaged(file);
    if (!isPacked) setRows(kernel, target, { from, count: to - from, dimensions });
    return to;
  } finally {
    await handle.close();
  }
}

function setRows(kernel: CosineKernel, vectors: Float32Array, { from, count, dimensions }: RowRange): void {
  if (kernel.stride === dimensions) {
    kernel.rows(from, count).set(vectors);
    return;
  }
  for (let row = 0; row < count; row++) {
    kernel
      .rows(from + row, 1)
      .fill(0)
      .set(vectors.subarray(row * dimensions, (row + 1) * dimensions));
  }
}

async function refuseShort(file: string, bytes: number): Promise<void> {
  if (bytes === 0) return;
  const found = await stat(file).catch((error) => Promise.reject(fileFailure(`read ${file}`, error)));
  if (found.size < bytes) throw damaged(file);
}

async function writeRows(file: string, rows: Float32Array, offset: number): Promise<void> {
  try {
    const handle = await open(file, 'r+').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return open(file, 'wx+', FILE_MODE);
      throw error;
    });
    try {
      const { bytesWritten } = await handle.write(
        new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength),
        0,
        rows.byteLength,
        offset,
      );
      if (bytesWritten < rows.byteLength) throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' });
      await handle.datasync();
    } finally {
      await handle.close();
    }
    if (offset === 0) await syncFolder(join(file, '..'));
  } catch (error) {
    throw fileFailure(`write ${file}`, error);
  }
}

function refuseOther(stored: number, wanted: number, folder: string): void {
  if (stored === wanted) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The vector index in ${folder} has ${stored} dimensions, not ${wanted}. Nothing was changed.`,
    hint: 'Use the embedding model that it was made with, or a new folder for the other one.',
  });
}

function damaged(file: string): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `The vector index is damaged: ${file} is shorter than its log says. Nothing was changed.`,
    hint: 'Restore the folder from a backup, or make the index again from the texts.',
  });
}
