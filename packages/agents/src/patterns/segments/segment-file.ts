import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { Tier0Error } from '@tier0/core';
import { fileFailure, makeFolderOf, openToWrite, type PlacedFile, syncFolder } from '@tier0/core/files';

/** A record in a segment: where its bytes stand. */
export interface RecordPlace {
  readonly offset: number;
  /** Bytes without the frame. */
  readonly length: number;
}

/** Records found in a segment, and where the last whole one ends. */
export interface ScannedSegment {
  readonly records: readonly { readonly place: RecordPlace; readonly payload: Buffer }[];
  readonly soundBytes: number;
}

/** Length and CRC-32 of the payload, four bytes each, little-endian. */
const FRAME = 8;
/** No record is larger; a length beyond it is damage. */
const LARGEST_RECORD = 256 * 1024 * 1024;

/** A payload in its frame. */
export function framed(payload: Uint8Array): Buffer {
  const head = Buffer.alloc(FRAME);
  head.writeUInt32LE(payload.length, 0);
  head.writeUInt32LE(crc32(payload), 4);
  return Buffer.concat([head, payload]);
}

/**
 * Appends records at `offset`, which is the end of the last whole one, and syncs them. What a crash left behind it is cut off. All are durable
 * when it returns; after a crash in between, some may be there and none is half there.
 */
export async function appendRecords(file: string, payloads: readonly Uint8Array[], offset: number): Promise<readonly RecordPlace[]> {
  await makeFolderOf(file);
  const bytes = Buffer.concat(payloads.map(framed));
  const handle = await openToWrite(file);
  try {
    await handle.truncate(offset);
    await writeAll(handle, bytes, offset);
    await handle.datasync();
    if (offset === 0) await syncFolder(dirname(file));
  } catch (error) {
    await handle.truncate(offset).catch(() => undefined);
    throw fileFailure(`write to ${file}`, error);
  } finally {
    await handle.close();
  }
  let at = offset;
  return payloads.map(({ length }) => {
    const place = { offset: at + FRAME, length };
    at += FRAME + length;
    return place;
  });
}

async function writeAll(handle: PlacedFile, bytes: Buffer, offset: number): Promise<void> {
  const { bytesWritten } = await handle.write(bytes, 0, bytes.length, offset);
  if (bytesWritten < bytes.length) throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' });
}

/** Reads records, in the order asked for. Throws MALFORMED_RESPONSE where the bytes of one are not those that were written. */
export async function readRecords(file: string, places: readonly RecordPlace[]): Promise<readonly Buffer[]> {
  const handle = await open(file, 'r').catch((error) => Promise.reject(fileFailure(`read ${file}`, error)));
  try {
    const records: Buffer[] = [];
    for (let from = 0; from < places.length; from += AT_ONCE) {
      records.push(...(await Promise.all(places.slice(from, from + AT_ONCE).map((place) => readRecord(handle, file, place)))));
    }
    return records;
  } finally {
    await handle.close();
  }
}

/** Reads under way at once. */
const AT_ONCE = 64;

async function readRecord(handle: FileHandle, file: string, { offset, length }: RecordPlace): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(FRAME + length);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset - FRAME);
  const payload = bytes.subarray(FRAME);
  if (bytesRead < bytes.length || bytes.readUInt32LE(4) !== crc32(payload)) throw damaged(file, offset);
  return payload;
}

/**
 * Reads the records from `from` on. A last one that is not whole was being written when a crash came, and nobody was told that it was
 * written: it is passed over. Throws MALFORMED_RESPONSE where a broken one stands before others.
 */
export async function scanSegment(file: string, from = 0): Promise<ScannedSegment> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw fileFailure(`read ${file}`, error);
  });
  if (!handle) return { records: [], soundBytes: 0 };
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.max(0, size - from));
    await handle.read(bytes, 0, bytes.length, from);
    return scanBytes(file, bytes, from);
  } finally {
    await handle.close();
  }
}

function scanBytes(file: string, bytes: Buffer, from: number): ScannedSegment {
  const records: { readonly place: RecordPlace; readonly payload: Buffer }[] = [];
  let at = 0;
  while (at + FRAME <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    const end = at + FRAME + length;
    const payload = bytes.subarray(at + FRAME, end);
    const isWhole = length > 0 && end <= bytes.length && bytes.readUInt32LE(at + 4) === crc32(payload);
    if (!isWhole) {
      if (isTorn(bytes, at, end, length)) break;
      throw damaged(file, from + at);
    }
    records.push({ place: { offset: from + at + FRAME, length }, payload });
    at = end;
  }
  return { records, soundBytes: from + at };
}

/** A crash leaves a beginning of the last record, or room that was never written. */
function isTorn(bytes: Buffer, at: number, end: number, length: number): boolean {
  return (length <= LARGEST_RECORD && end >= bytes.length) || bytes.subarray(at).every((byte) => byte === 0);
}

function damaged(file: string, offset: number): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `The knowledge index is damaged: a record at byte ${offset} of ${file} does not match its checksum. Nothing was changed.`,
    hint: 'Restore the folder from a backup, or move it away and ingest the sources again.',
  });
}
