import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallContext } from '@tier0/core';
import { makeStateFolder, withFileLock, writeAtomically } from '@tier0/core/files';
import { z } from 'zod';
import { appendRecords, type RecordPlace, readRecords, scanSegment } from '../segments/segment-file.ts';
import { type KnowledgeDocument, KnowledgeDocumentSchema } from './document.ts';
import { type DocumentHead, DocumentHeadSchema, headOf } from './document-head.ts';

/** What happens to documents, in the order of writing. */
type Entry =
  | { readonly put: DocumentHead; readonly place: RecordPlace; readonly drop?: undefined }
  | { readonly drop: string; readonly put?: undefined };

/** Documents in append-only segments. The newest word about an id counts. */
export interface DocumentStore {
  /** Heads of all documents, by id. */
  heads(): ReadonlyMap<string, DocumentHead>;
  /** The document with that id, unless there is none. */
  read(id: string): Promise<KnowledgeDocument | undefined>;
  /** Several at once, in the order asked for. */
  readMany(ids: readonly string[]): Promise<readonly (KnowledgeDocument | undefined)[]>;
  /** Adds or replaces documents and drops others. All of it is durable when it returns. */
  write(change: { readonly put?: readonly KnowledgeDocument[]; readonly drop?: readonly string[] }, context: CallContext): Promise<void>;
  /** Takes in what other processes wrote. */
  refresh(): Promise<void>;
  /** Rewrites everything into one segment, without what was replaced or dropped. */
  compact(context: CallContext): Promise<void>;
  /** Bytes on disk, and the share of them that is of no use any more. */
  usage(): Promise<{ readonly bytes: number; readonly segments: number; readonly deadRecords: number }>;
}

/** A segment that has grown to this many bytes is closed, and gets a table of contents so that it need not be read to be opened. */
const SEGMENT_BYTES = 8 * 1024 * 1024;
const SEGMENT = /^segment-(\d{6})\.log$/;

const RecordSchema = z.union([z.object({ put: KnowledgeDocumentSchema }), z.object({ drop: z.string() })]);
const ContentsSchema = z.object({
  version: z.literal(1),
  bytes: z.number(),
  entries: z.array(
    z.union([
      z.object({ put: DocumentHeadSchema, place: z.object({ offset: z.number(), length: z.number() }) }),
      z.object({ drop: z.string() }),
    ]),
  ),
});

interface Segment {
  readonly number: number;
  entries: Entry[];
  bytes: number;
}

/** Opens a folder of documents, or begins one. Closed segments are opened by their tables; only the last one is read. */
export async function openDocumentStore(folder: string): Promise<DocumentStore> {
  await makeStateFolder(folder);
  let segments: Segment[] = [];
  let living = new Map<string, { readonly head: DocumentHead; readonly segment: number; readonly place: RecordPlace }>();

  let shown: ReadonlyMap<string, DocumentHead> | undefined;

  /** The same map until something changes. */
  const heads = () => {
    shown ??= new Map([...living].map(([id, { head }]) => [id, head]));
    return shown;
  };
  const rebuild = () => {
    shown = undefined;
    living = new Map();
    for (const { number, entries } of segments) {
      for (const entry of entries) {
        if (entry.put) living.set(entry.put.id, { head: entry.put, segment: number, place: entry.place });
        else living.delete(entry.drop);
      }
    }
  };
  const refresh = async () => {
    const last = segments.at(-1);
    // Closed segments never change, and the last one only grows: if neither is new, nothing is.
    const [numbers, grown] = await Promise.all([
      segmentNumbers(folder),
      last && stat(segmentFile(folder, last.number)).catch(() => undefined),
    ]);
    if (grown?.size === last?.bytes && numbers.join() === segments.map(({ number }) => number).join()) return;
    const known = new Map(segments.map((segment) => [segment.number, segment]));
    const before = segments.map(({ number, bytes }) => `${number}:${bytes}`).join();
    segments = [];
    for (const [index, number] of numbers.entries()) {
      segments.push(await readSegment(folder, number, { known: known.get(number), isLast: index === numbers.length - 1 }));
    }
    if (before !== segments.map(({ number, bytes }) => `${number}:${bytes}`).join() || living.size === 0) rebuild();
  };
  const locked = <T>({ signal }: CallContext, task: () => Promise<T>) =>
    withFileLock(join(folder, 'lock'), { purpose: 'knowledge index', signal }, task);
  const append = async (payloads: readonly Buffer[]) => {
    const last = segments.at(-1);
    const isFull = last !== undefined && last.bytes >= SEGMENT_BYTES;
    if (last && isFull) await writeContents(folder, last);
    const segment = last && !isFull ? last : { number: (last?.number ?? 0) + 1, entries: [], bytes: 0 };
    if (segment !== last) segments.push(segment);
    const places = await appendRecords(segmentFile(folder, segment.number), payloads, segment.bytes);
    const end = places.at(-1);
    if (end) segment.bytes = end.offset + end.length;
    return { segment, places };
  };

  /** Each segment is opened once. The checksum says that a record is what was written, so it is not judged again. */
  const readMany = async (ids: readonly string[]) => {
    const found = ids.map((id) => living.get(id));
    const documents = new Map<string, KnowledgeDocument>();
    for (const [segment, records] of Map.groupBy(
      found.filter((one) => one !== undefined),
      (one) => one.segment,
    )) {
      const places = records.map(({ place }) => place);
      for (const bytes of await readRecords(segmentFile(folder, segment), places)) {
        const { put } = JSON.parse(bytes.toString()) as { readonly put: KnowledgeDocument };
        documents.set(put.id, put);
      }
    }
    return ids.map((id) => documents.get(id));
  };

  await refresh();
  return {
    heads,
    refresh,
    read: async (id) => (await readMany([id]))[0],
    readMany,
    write: ({ put = [], drop = [] }, context) =>
      locked(context, async () => {
        await refresh();
        const drops = drop.filter((id) => living.has(id));
        if (put.length + drops.length === 0) return;
        const payloads = [...put.map((document) => ({ put: document })), ...drops.map((id) => ({ drop: id }))].map(toBytes);
        const { segment, places } = await append(payloads);
        shown = undefined;
        for (const [index, document] of put.entries()) {
          const entry = { put: headOf(document), place: places[index] as RecordPlace };
          segment.entries.push(entry);
          living.set(document.id, { head: entry.put, segment: segment.number, place: entry.place });
        }
        for (const id of drops) {
          segment.entries.push({ drop: id });
          living.delete(id);
        }
      }),
    compact: (context) =>
      locked(context, async () => {
        await refresh();
        const old = segments.map(({ number }) => number);
        const fresh: Segment = { number: (old.at(-1) ?? 0) + 1, entries: [], bytes: 0 };
        const kept = [...living.values()];
        const payloads: Buffer[] = [];
        for (const { segment, place } of kept) payloads.push(...(await readRecords(segmentFile(folder, segment), [place])));
        // Every record is written again before any is removed: a crash in between leaves both, and the newer word counts.
        const places = await appendRecords(segmentFile(folder, fresh.number), payloads, 0);
        fresh.entries = kept.map(({ head }, index) => ({ put: head, place: places[index] as RecordPlace }));
        const end = places.at(-1);
        fresh.bytes = end ? end.offset + end.length : 0;
        for (const number of old) await removeSegment(folder, number);
        segments = [fresh];
        rebuild();
      }),
    async usage() {
      const records = segments.reduce((sum, { entries }) => sum + entries.length, 0);
      const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
      return { bytes, segments: segments.length, deadRecords: records - living.size };
    },
  };
}

async function segmentNumbers(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => (SEGMENT.test(name) ? [Number(SEGMENT.exec(name)?.[1])] : [])).sort((a, b) => a - b);
}

async function readSegment(
  folder: string,
  number: number,
  { known, isLast }: { readonly known: Segment | undefined; readonly isLast: boolean },
): Promise<Segment> {
  const file = segmentFile(folder, number);
  const { size } = await stat(file);
  if (known && known.bytes === size) return known;
  const contents = isLast || known ? undefined : await readContents(folder, number, size);
  if (contents) return contents;
  const { records, soundBytes } = await scanSegment(file, known?.bytes ?? 0);
  return { number, entries: [...(known?.entries ?? []), ...records.map(toEntry)], bytes: soundBytes };
}

function toEntry({ payload, place }: { readonly payload: Buffer; readonly place: RecordPlace }): Entry {
  const record = RecordSchema.parse(JSON.parse(payload.toString()));
  return 'put' in record ? { put: headOf(record.put as KnowledgeDocument), place } : { drop: record.drop };
}

/** A table that is missing, damaged or of another length of its segment is made again from the segment. */
async function readContents(folder: string, number: number, size: number): Promise<Segment | undefined> {
  try {
    const contents = ContentsSchema.parse(JSON.parse(await readFile(contentsFile(folder, number), 'utf8')));
    return contents.bytes === size ? { number, entries: contents.entries as Entry[], bytes: size } : undefined;
  } catch {
    return undefined;
  }
}

async function writeContents(folder: string, { number, entries, bytes }: Segment): Promise<void> {
  await writeAtomically(contentsFile(folder, number), JSON.stringify({ version: 1, bytes, entries }));
}

async function removeSegment(folder: string, number: number): Promise<void> {
  await rm(segmentFile(folder, number), { force: true });
  await rm(contentsFile(folder, number), { force: true });
}

function segmentFile(folder: string, number: number): string {
  return join(folder, `segment-${String(number).padStart(6, '0')}.log`);
}

function contentsFile(folder: string, number: number): string {
  return segmentFile(folder, number).replace(/log$/, 'toc');
}

function toBytes(record: object): Buffer {
  return Buffer.from(JSON.stringify(record));
}
