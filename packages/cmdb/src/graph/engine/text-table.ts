import { bytesOf, columnFrom, grown, tableFull } from './column.ts';

const MAX_BYTES = 2 ** 32 - 4;
/** First byte of a stored text: its width in the lowest bit (one byte a code unit, or two), the bytes of padding in the next two. */
const WIDE = 1;
/** Texts no longer than this are looked up without encoding them, once they were seen. */
const REMEMBERED_LENGTH = 40;

/**
 * Texts interned as small numbers, in the order they came, in one run of words with a hash table in typed arrays: about 15 bytes a text
 * beside its own. Any JavaScript string is kept exactly, unpaired surrogates included. Texts are hashed and compared a word at a time.
 */
export class TextTable {
  size = 0;
  #words = new Uint32Array(256);
  /** First word of each text. */
  #offsets = new Uint32Array(64);
  /** Number of the text plus one, at the place its hash points to; 0 = free. */
  #slots = new Uint32Array(64);
  #isShared = false;
  /** Numbers of the first texts, for a table that is asked the same again and again. */
  readonly #remembered = new Map<string, number>();
  readonly #remembers: number;

  /** `remembers`: how many texts are kept as strings too. Default: none. */
  constructor(remembers = 0) {
    this.#remembers = remembers;
  }

  /** Number of a text; -1 where it was never interned. */
  find(text: string): number {
    const known = this.#recall(text);
    return known === undefined ? this.#look(encode(text)) : known;
  }

  /** Number of a text, a new one where it was not there. */
  intern(text: string): number {
    const known = this.#recall(text);
    if (known !== undefined) return known;
    const words = encode(text);
    const found = this.#look(words);
    const number = found === -1 ? this.#add(words) : found;
    if (this.#remembered.size < this.#remembers && text.length <= REMEMBERED_LENGTH) this.#remembered.set(text, number);
    return number;
  }

  /** The text of a number. */
  text(index: number): string {
    const start = (this.#offsets[index] as number) * 4;
    const end = (this.#offsets[index + 1] as number) * 4;
    const bytes = Buffer.from(this.#words.buffer as ArrayBuffer, this.#words.byteOffset + start, end - start);
    const head = bytes[0] as number;
    return bytes.toString((head & WIDE) === 0 ? 'latin1' : 'utf16le', 1, bytes.length - (head >>> 1));
  }

  /** A copy that may go its own way; nothing is copied before it does. */
  fork(): TextTable {
    const fork = new TextTable(this.#remembers);
    fork.size = this.size;
    fork.#words = this.#words;
    fork.#offsets = this.#offsets;
    fork.#slots = this.#slots;
    fork.#isShared = true;
    return fork;
  }

  /** The table as it is now. What only grows is not copied; the slots are, because new texts fall between the old ones. */
  blocks(): readonly Uint8Array[] {
    const used = this.#offsets[this.size] ?? 0;
    return [bytesOf(this.#offsets, this.size + 1), bytesOf(this.#words, used), bytesOf(this.#slots.slice(), this.#slots.length)];
  }

  static from([offsets, words, slots]: readonly Uint8Array[], remembers = 0): TextTable {
    const table = new TextTable(remembers);
    table.#offsets = columnFrom(Uint32Array, offsets as Uint8Array);
    table.#words = columnFrom(Uint32Array, words as Uint8Array);
    table.#slots = columnFrom(Uint32Array, slots as Uint8Array);
    table.size = table.#offsets.length - 1;
    return table;
  }

  #recall(text: string): number | undefined {
    return this.#remembers > 0 && text.length <= REMEMBERED_LENGTH ? this.#remembered.get(text) : undefined;
  }

  /** Number of the text that lies encoded in the first words of the desk; -1 where it was never interned. */
  #look(count: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashWords(desk, 0, count) & mask; ; slot = (slot + 1) & mask) {
      const found = this.#slots[slot] as number;
      if (found === 0) return -1;
      // A snapshot's slots may know texts that came after it was taken.
      if (found <= this.size && this.#isOnDesk(found - 1, count)) return found - 1;
    }
  }

  #isOnDesk(index: number, count: number): boolean {
    const start = this.#offsets[index] as number;
    if ((this.#offsets[index + 1] as number) - start !== count) return false;
    const words = this.#words;
    // Ids mostly differ in their end.
    for (let at = count - 1; at >= 0; at--) if (words[start + at] !== desk[at]) return false;
    return true;
  }

  #add(count: number): number {
    this.#unshare();
    if ((this.size + 1) * 2 > this.#slots.length) this.#rehash(this.#slots.length * 2);
    const start = this.#offsets[this.size] as number;
    const end = start + count;
    if (end * 4 > MAX_BYTES) throw tableFull('bytes of text', MAX_BYTES);
    this.#words = grown(this.#words, end);
    for (let at = 0; at < count; at++) this.#words[start + at] = desk[at] as number;
    this.#offsets = grown(this.#offsets, this.size + 2);
    this.#offsets[this.size + 1] = end;
    this.#place(this.size);
    return this.size++;
  }

  #unshare(): void {
    if (!this.#isShared) return;
    this.#isShared = false;
    this.#words = this.#words.slice(0, this.#offsets[this.size]);
    this.#offsets = this.#offsets.slice(0, this.size + 1);
    this.#rehash(this.#slots.length);
  }

  #rehash(length: number): void {
    this.#slots = new Uint32Array(length);
    for (let index = 0; index < this.size; index++) this.#place(index);
  }

  #place(index: number): void {
    const mask = this.#slots.length - 1;
    const start = this.#offsets[index] as number;
    let slot = hashWords(this.#words, start, (this.#offsets[index + 1] as number) - start) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = index + 1;
  }
}

/** Where the text at hand lies as it would be stored. Used between two calls only, so one is enough for all tables. */
let desk = new Uint32Array(1024);
let deskBytes = Buffer.from(desk.buffer);
let deskText = new Uint8Array(desk.buffer, 1);
const encoder = new TextEncoder();

/** Puts a text on the desk; gives the number of its words. */
function encode(text: string): number {
  const { length } = text;
  if (length * 3 + 8 > deskBytes.length) enlargeDesk(length * 3 + 8);
  // As many bytes as code units means that all are ASCII, and then they lie there as they should.
  const bytes = encoder.encodeInto(text, deskText).written;
  if (bytes === length) return seal(bytes, 0);
  const isWide = hasWide(text);
  return seal(deskBytes.write(text, 1, isWide ? 'utf16le' : 'latin1'), isWide ? WIDE : 0);
}

function seal(bytes: number, width: number): number {
  const words = (bytes + 4) >>> 2;
  const padding = words * 4 - bytes - 1;
  deskBytes[0] = width | (padding << 1);
  for (let at = bytes + 1; at < words * 4; at++) deskBytes[at] = 0;
  return words;
}

function enlargeDesk(bytes: number): void {
  desk = new Uint32Array((bytes * 2 + 4) >>> 2);
  deskBytes = Buffer.from(desk.buffer);
  deskText = new Uint8Array(desk.buffer, 1);
}

/** The inner loop and the end of MurmurHash3 for 32 bits (Appleby). */
function hashWords(words: Uint32Array, start: number, count: number): number {
  let hash = count;
  for (let at = start; at < start + count; at++) {
    let part = Math.imul(words[at] as number, 0xcc9e2d51);
    part = Math.imul((part << 15) | (part >>> 17), 0x1b873593);
    hash ^= part;
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function hasWide(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0xff) return true;
  return false;
}
