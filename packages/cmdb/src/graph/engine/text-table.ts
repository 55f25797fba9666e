import { bytesOf, columnFrom, grown, tableFull } from './column.ts';

const MAX_BYTES = 2 ** 32 - 1;
/** First byte of a stored text: one byte a code unit, or two. */
const NARROW = 0;
const WIDE = 1;

/**
 * Texts interned as small numbers, in the order they came, in one run of bytes with a hash table in typed arrays: about 14 bytes a text
 * beside its own. Any JavaScript string is kept exactly, unpaired surrogates included.
 */
export class TextTable {
  size = 0;
  #bytes: Buffer = Buffer.alloc(1024);
  #offsets = new Uint32Array(64);
  /** Number of the text plus one, at the place its hash points to; 0 = free. */
  #slots = new Uint32Array(64);
  #isShared = false;

  /** Number of a text; -1 where it was never interned. */
  find(text: string): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashText(text) & mask; ; slot = (slot + 1) & mask) {
      const found = this.#slots[slot] as number;
      if (found === 0) return -1;
      if (found <= this.size && this.#isText(found - 1, text)) return found - 1;
    }
  }

  /** Number of a text, a new one where it was not there. */
  intern(text: string): number {
    const found = this.find(text);
    return found === -1 ? this.#add(text) : found;
  }

  /** The text of a number. */
  text(index: number): string {
    const start = (this.#offsets[index] as number) + 1;
    const end = this.#offsets[index + 1] as number;
    return this.#bytes[start - 1] === NARROW ? this.#bytes.toString('latin1', start, end) : this.#bytes.toString('utf16le', start, end);
  }

  /** A copy that may go its own way; nothing is copied before it does. */
  fork(): TextTable {
    const fork = new TextTable();
    fork.size = this.size;
    fork.#bytes = this.#bytes;
    fork.#offsets = this.#offsets;
    fork.#slots = this.#slots;
    fork.#isShared = true;
    return fork;
  }

  /** The table as it is now. What only grows is not copied; the slots are, because new texts fall between the old ones. */
  blocks(): readonly Uint8Array[] {
    const used = this.#offsets[this.size] ?? 0;
    return [bytesOf(this.#offsets, this.size + 1), this.#bytes.subarray(0, used), bytesOf(this.#slots.slice(), this.#slots.length)];
  }

  static from([offsets, bytes, slots]: readonly Uint8Array[]): TextTable {
    const table = new TextTable();
    table.#offsets = columnFrom(Uint32Array, offsets as Uint8Array);
    table.#bytes = Buffer.from(
      (bytes as Uint8Array).buffer as ArrayBuffer,
      (bytes as Uint8Array).byteOffset,
      (bytes as Uint8Array).byteLength,
    );
    table.#slots = columnFrom(Uint32Array, slots as Uint8Array);
    table.size = table.#offsets.length - 1;
    return table;
  }

  #add(text: string): number {
    this.#unshare();
    if ((this.size + 1) * 2 > this.#slots.length) this.#rehash(this.#slots.length * 2);
    const isWide = hasWide(text);
    const start = this.#offsets[this.size] as number;
    const end = start + 1 + (isWide ? text.length * 2 : text.length);
    if (end > MAX_BYTES) throw tableFull('bytes of text', MAX_BYTES);
    this.#reserve(end);
    this.#bytes[start] = isWide ? WIDE : NARROW;
    this.#bytes.write(text, start + 1, isWide ? 'utf16le' : 'latin1');
    this.#offsets = grown(this.#offsets, this.size + 2);
    this.#offsets[this.size + 1] = end;
    this.#place(hashText(text), this.size);
    return this.size++;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.min(MAX_BYTES, Math.max(bytes, Math.ceil(this.#bytes.length * 1.5))));
    this.#bytes.copy(larger, 0, 0, this.#offsets[this.size] as number);
    this.#bytes = larger;
  }

  #unshare(): void {
    if (!this.#isShared) return;
    this.#isShared = false;
    this.#bytes = Buffer.from(this.#bytes.subarray(0, this.#offsets[this.size]));
    this.#offsets = this.#offsets.slice(0, this.size + 1);
    this.#rehash(this.#slots.length);
  }

  #rehash(length: number): void {
    this.#slots = new Uint32Array(length);
    for (let index = 0; index < this.size; index++) this.#place(this.#hashOf(index), index);
  }

  #place(hash: number, index: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = index + 1;
  }

  #isText(index: number, text: string): boolean {
    const start = (this.#offsets[index] as number) + 1;
    const length = (this.#offsets[index + 1] as number) - start;
    const bytes = this.#bytes;
    if (bytes[start - 1] === NARROW) {
      if (length !== text.length) return false;
      for (let at = 0; at < length; at++) if (bytes[start + at] !== text.charCodeAt(at)) return false;
      return true;
    }
    if (length !== text.length * 2) return false;
    for (let at = 0; at < text.length; at++) if (unitAt(bytes, start + at * 2) !== text.charCodeAt(at)) return false;
    return true;
  }

  #hashOf(index: number): number {
    const start = (this.#offsets[index] as number) + 1;
    const end = this.#offsets[index + 1] as number;
    const isNarrow = this.#bytes[start - 1] === NARROW;
    let hash = FNV_OFFSET;
    for (let at = start; at < end; at += isNarrow ? 1 : 2) {
      hash = Math.imul(hash ^ (isNarrow ? (this.#bytes[at] as number) : unitAt(this.#bytes, at)), FNV_PRIME);
    }
    return spread(hash);
  }
}

/** FNV-1a over code units (Fowler, Noll, Vo), its bits spread as MurmurHash3 ends (Appleby). */
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

function hashText(text: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  return spread(hash);
}

function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

function unitAt(bytes: Buffer, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

function hasWide(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0xff) return true;
  return false;
}
