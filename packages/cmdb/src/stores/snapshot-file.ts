import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { type GraphSnapshot, type GraphSnapshots, Tier0Error } from '@tier0/core';
import type { FileLayer, OpenFile } from './file-layer.ts';

const MAGIC = 'TIER0GRF';
const VERSION = 1;
/** Magic, version, length of the header, checksum of the header. */
const PREFIX_BYTES = 20;
const HEADER_LIMIT = 2 ** 20;

export interface SnapshotFileOptions {
  readonly path: string;
  readonly files: FileLayer;
  /** Identity of the record the snapshot belongs to: a snapshot of another one is none. */
  readonly owner: () => string;
}

interface Header {
  readonly owner: string;
  readonly sequence: number;
  readonly layout: string;
  readonly blocks: readonly { readonly name: string; readonly bytes: number; readonly crc: number }[];
}

/**
 * A graph snapshot in one file: a header, then the blocks, each with a CRC-32. Written to a temporary name, synchronised, renamed, and
 * the folder synchronised, so that a reader finds the old one or the new one and never half of one.
 */
export function createSnapshotFile({ path, files, owner }: SnapshotFileOptions): GraphSnapshots {
  // Two writes at once would share the temporary name.
  let last: Promise<unknown> = Promise.resolve();
  return {
    async read() {
      const file = await files.open(path, 'read');
      if (!file) return undefined;
      try {
        return await readSnapshot(file, path, owner());
      } finally {
        await file.close();
      }
    },
    write(snapshot) {
      const write = () => writeParts({ path, files }, toParts(snapshot, owner()));
      const next = last.then(write, write);
      last = next.catch(() => undefined);
      return next;
    },
  };
}

async function writeParts({ path, files }: Pick<SnapshotFileOptions, 'path' | 'files'>, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await files.open(temporary, 'write');
  try {
    for (const part of parts) await file?.write(part);
    await file?.sync();
  } catch (error) {
    await file?.close();
    await files.remove(temporary);
    throw error;
  }
  await file?.close();
  await files.rename(temporary, path);
  await files.syncFolder(dirname(path));
}

function toParts({ sequence, layout, blocks }: GraphSnapshot, owner: string): readonly Uint8Array[] {
  const described = blocks.map(({ name, bytes }) => ({ name, bytes: bytes.length, crc: crc32(bytes) }));
  const header = Buffer.from(JSON.stringify({ owner, sequence, layout, blocks: described } satisfies Header));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.write(MAGIC, 'latin1');
  prefix.writeUInt32LE(VERSION, 8);
  prefix.writeUInt32LE(header.length, 12);
  prefix.writeUInt32LE(crc32(header), 16);
  return [prefix, header, ...blocks.map(({ bytes }) => bytes)];
}

async function readSnapshot(file: OpenFile, path: string, owner: string): Promise<GraphSnapshot | undefined> {
  const prefix = Buffer.from(await file.read(PREFIX_BYTES, 0));
  if (prefix.length < PREFIX_BYTES || prefix.toString('latin1', 0, 8) !== MAGIC) throw damaged(path, 'it does not begin as one');
  const version = prefix.readUInt32LE(8);
  if (version > VERSION) throw newer(path, version);
  const length = prefix.readUInt32LE(12);
  const bytes = length <= HEADER_LIMIT ? Buffer.from(await file.read(length, PREFIX_BYTES)) : Buffer.alloc(0);
  if (bytes.length < length || crc32(bytes) !== prefix.readUInt32LE(16)) throw damaged(path, 'its header is not what was written');
  const header = JSON.parse(bytes.toString()) as Header;
  if (header.owner !== owner) return undefined;
  const blocks: { name: string; bytes: Uint8Array }[] = [];
  let position = PREFIX_BYTES + length;
  if ((await file.size()) < header.blocks.reduce((sum, block) => sum + block.bytes, position)) throw damaged(path, 'its end is missing');
  for (const block of header.blocks) {
    const content = await file.read(block.bytes, position);
    if (content.length < block.bytes || crc32(content) !== block.crc) throw damaged(path, `block "${block.name}" is not what was written`);
    blocks.push({ name: block.name, bytes: content });
    position += block.bytes;
  }
  return { sequence: header.sequence, layout: header.layout, blocks };
}

function damaged(path: string, why: string): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `The graph snapshot ${path} is damaged: ${why}.`,
    hint: 'Nothing is lost: the graph is built from the record, which takes longer, and a new snapshot is written.',
  });
}

function newer(path: string, version: number): Tier0Error {
  return new Tier0Error({
    code: 'UNSUPPORTED',
    message: `The graph snapshot ${path} has format ${version}, this version reads up to ${VERSION}.`,
    hint: 'Nothing is lost: the graph is built from the record, which takes longer, and a new snapshot is written.',
  });
}
