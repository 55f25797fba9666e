import type { ConfigurationItem } from '@tier0/core';
import { ByteWriter } from './byte-writer.ts';
import { bytesOf, columnFrom, grown, tableFull } from './column.ts';
import { readBody, writeBody } from './item-codec.ts';
import { KindIndex } from './kind-index.ts';
import { SparseColumn } from './sparse-column.ts';
import type { TextTable } from './text-table.ts';
import { NONE, Versions } from './versions.ts';

const MAX_BYTES = 2 ** 32 - 1;
const DIGEST_BYTES = 32;
/** Delay between validity and observation that does not fit the column; the exact value is in the side table. */
const FAR = 0xffffffff;

/** Where and when something is stated about an item. Instants in milliseconds since the epoch. */
export interface ItemPlace {
  readonly node: number;
  readonly slice: number;
  readonly validFrom: number;
  readonly observedAt: number;
}

/** Versions of items, one key for each item and slice that states it. */
export class ItemTable {
  versions = new Versions();
  kinds = new KindIndex();
  /** Number of keys. */
  keys = 0;
  /** Node of each key. */
  node = new Uint32Array(64);
  slice = new Uint16Array(64);
  /** Kind a key was last seen with, as a number of `texts`. */
  kind = new Uint32Array(64);
  /** Next key of the same node. */
  nextKey = new Uint32Array(64);
  /** First key of each node, plus one; 0 = none. */
  firstKey = new Uint32Array(64);
  /** Milliseconds from `validFrom` to the observation; mostly none. */
  #observedAfter = new SparseColumn(0);
  #farObservations = new Map<number, number>();
  #digest: Buffer = Buffer.alloc(64 * DIGEST_BYTES);
  #bodyAt = new Uint32Array(64);
  #bodies: Buffer = Buffer.alloc(1024);
  #bodyBytes = 0;
  #isShared = false;
  #writer = new ByteWriter();

  /** The key of a node and slice; NONE where the slice never stated it. */
  find(node: number, slice: number): number {
    for (let key = this.keysFrom(node); key !== NONE; key = this.nextKey[key] as number) if (this.slice[key] === slice) return key;
    return NONE;
  }

  /** First key of a node. */
  keysFrom(node: number): number {
    const first = this.firstKey[node];
    return first === undefined || first === 0 ? NONE : first - 1;
  }

  /** Adds a version; without an item it is a retraction. Gives the row. */
  add(place: ItemPlace, statement: { readonly item: ConfigurationItem; readonly source: string } | undefined, texts: TextTable): number {
    this.#unshare();
    const found = this.find(place.node, place.slice);
    const key = found === NONE ? this.#addKey(place.node, place.slice) : found;
    const row = this.versions.add(key, place.validFrom, statement !== undefined, found === NONE);
    if (row >= this.#bodyAt.length) this.#reserve(row + 1);
    this.#bodyAt[row] = this.#bodyBytes;
    if (!statement) return row;
    const kind = texts.intern(statement.item.kind);
    if (this.kind[key] !== kind) this.kinds.moved(key, kind, place.node);
    this.kind[key] = kind;
    this.#digest.write(statement.item.digest, row * DIGEST_BYTES, DIGEST_BYTES, 'hex');
    this.#observe(row, place.observedAt - place.validFrom);
    this.#writer.length = 0;
    writeBody(this.#writer, texts, statement.item, statement);
    this.#appendBody();
    return row;
  }

  /** When the row's statement was observed, milliseconds since the epoch. */
  observedMs(row: number): number {
    const after = this.#observedAfter.get(row);
    return this.versions.validFrom(row) + (after === FAR ? (this.#farObservations.get(row) ?? 0) : after);
  }

  digest(row: number): string {
    return this.#digest.toString('hex', row * DIGEST_BYTES, (row + 1) * DIGEST_BYTES);
  }

  /** Whether the row says the same, observation times apart, so that nothing new needs to be recorded. */
  states(row: number, item: ConfigurationItem, source: string, texts: TextTable): boolean {
    if (!this.versions.isAlive(row) || this.digest(row) !== item.digest) return false;
    this.#writer.length = 0;
    writeBody(this.#writer, texts, item, { source });
    const at = this.#bodyAt[row] as number;
    const end = row + 1 < this.versions.size ? (this.#bodyAt[row + 1] as number) : this.#bodyBytes;
    return this.#writer.buffer.subarray(0, this.#writer.length).equals(this.#bodies.subarray(at, end));
  }

  /** The item as the row states it. */
  item(row: number, id: string, texts: TextTable, source: string): ConfigurationItem {
    const { sources, ...body } = readBody(this.#bodies, this.#bodyAt[row] as number, texts, id);
    const observedAt = new Date(this.observedMs(row)).toISOString();
    return { id, ...body, digest: this.digest(row), sources: sources ?? [{ name: source, observedAt }], observedAt };
  }

  fork(): ItemTable {
    const fork = new ItemTable();
    const { keys, slice, node } = this;
    Object.assign(fork, { keys, slice, node, versions: this.versions.fork() });
    fork.kind = this.kind.slice();
    fork.nextKey = this.nextKey.slice();
    fork.firstKey = this.firstKey.slice();
    fork.#observedAfter = this.#observedAfter.fork();
    fork.#farObservations = new Map(this.#farObservations);
    fork.#digest = this.#digest;
    fork.#bodyAt = this.#bodyAt;
    fork.#bodies = this.#bodies;
    fork.#bodyBytes = this.#bodyBytes;
    fork.#isShared = true;
    return fork;
  }

  blocks(): readonly Uint8Array[] {
    const rows = this.versions.size;
    const far = Float64Array.from([...this.#farObservations].flat());
    return [
      bytesOf(this.node, this.keys),
      bytesOf(this.slice, this.keys),
      bytesOf(this.kind.slice(0, this.keys), this.keys),
      bytesOf(this.nextKey, this.keys),
      bytesOf(this.firstKey.slice(), this.firstKey.length),
      ...this.#observedAfter.blocks(),
      bytesOf(far, far.length),
      bytesOf(this.#digest, rows * DIGEST_BYTES),
      bytesOf(this.#bodyAt, rows),
      this.#bodies.subarray(0, this.#bodyBytes),
      ...this.versions.blocks(this.keys),
    ];
  }

  static from(blocks: readonly Uint8Array[]): ItemTable {
    const table = new ItemTable();
    const [node, slice, kind, nextKey, firstKey, delayedPages, delays, far, digest, bodyAt, bodies, ...versions] = blocks as Uint8Array[];
    table.node = columnFrom(Uint32Array, node as Uint8Array);
    table.slice = columnFrom(Uint16Array, slice as Uint8Array);
    table.kind = columnFrom(Uint32Array, kind as Uint8Array);
    table.nextKey = columnFrom(Uint32Array, nextKey as Uint8Array);
    table.firstKey = columnFrom(Uint32Array, firstKey as Uint8Array);
    table.#observedAfter = SparseColumn.from(0, [delayedPages as Uint8Array, delays as Uint8Array]);
    const pairs = columnFrom(Float64Array, far as Uint8Array);
    for (let at = 0; at + 1 < pairs.length; at += 2) table.#farObservations.set(pairs[at] as number, pairs[at + 1] as number);
    table.#digest = bufferOver(digest as Uint8Array);
    table.#bodyAt = columnFrom(Uint32Array, bodyAt as Uint8Array);
    table.#bodies = bufferOver(bodies as Uint8Array);
    table.#bodyBytes = table.#bodies.length;
    table.versions = Versions.from(versions);
    table.keys = table.node.length;
    return table;
  }

  #addKey(node: number, slice: number): number {
    const key = this.keys++;
    // Each column by its own length: a trimmed graph leaves them with different room.
    this.#reserveKeys();
    if (node >= this.firstKey.length) this.firstKey = grown(this.firstKey, node + 1);
    this.node[key] = node;
    this.slice[key] = slice;
    this.nextKey[key] = this.keysFrom(node);
    this.firstKey[node] = key + 1;
    return key;
  }

  #reserveKeys(): void {
    this.node = grown(this.node, this.keys);
    this.slice = grown(this.slice, this.keys);
    this.kind = grown(this.kind, this.keys);
    this.nextKey = grown(this.nextKey, this.keys);
  }

  #reserve(rows: number): void {
    this.#bodyAt = grown(this.#bodyAt, rows);
    this.#digest = larger(this.#digest, (rows - 1) * DIGEST_BYTES, this.#bodyAt.length * DIGEST_BYTES);
  }

  #observe(row: number, after: number): void {
    const fits = Number.isInteger(after) && after >= 0 && after < FAR;
    this.#observedAfter.set(row, fits ? after : FAR);
    if (!fits) this.#farObservations.set(row, after);
  }

  #appendBody(): void {
    const end = this.#bodyBytes + this.#writer.length;
    if (end > MAX_BYTES) throw tableFull('bytes of attributes', MAX_BYTES);
    if (end > this.#bodies.length) this.#bodies = larger(this.#bodies, this.#bodyBytes, Math.min(MAX_BYTES, end));
    this.#writer.buffer.copy(this.#bodies, this.#bodyBytes, 0, this.#writer.length);
    this.#bodyBytes = end;
  }

  /** Rows are never changed, but two tables must not append to the same column. */
  #unshare(): void {
    if (!this.#isShared) return;
    this.#isShared = false;
    this.node = this.node.slice(0, this.keys);
    this.slice = this.slice.slice(0, this.keys);
    this.#digest = Buffer.from(this.#digest.subarray(0, this.versions.size * DIGEST_BYTES));
    this.#bodyAt = this.#bodyAt.slice(0, this.versions.size);
    this.#bodies = Buffer.from(this.#bodies.subarray(0, this.#bodyBytes));
  }
}

/** A copy with room for at least `needed` bytes. */
function larger(buffer: Buffer, used: number, needed: number): Buffer {
  const copy = Buffer.alloc(Math.min(MAX_BYTES, Math.max(needed, Math.ceil(buffer.length * 1.5))));
  buffer.copy(copy, 0, 0, used);
  return copy;
}

function bufferOver(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}
