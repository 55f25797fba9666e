import { bytesOf, columnFrom, grown } from './column.ts';
import { SparseColumn } from './sparse-column.ts';

/** No row. */
export const NONE = 0xffffffff;

/** What a row's second word half holds: milliseconds of the second, whether it asserts, whether its instant is in the side table. */
const MS_MASK = 1023;
const ALIVE = 1024;
const FAR = 2048;

/**
 * Versions of many keys (an item as one slice states it, a relation as one slice states it), as rows in the order they were recorded.
 * Each key has a chain of its rows, the one that overrules the others first: newest valid time, of equal ones last recorded. Rows are
 * never changed and never move, so a reader that knows a number of rows and a valid time sees the same for ever; chains only gain rows,
 * and a reader steps over those it does not know. Six bytes a row, four more where rows overrule others.
 */
export class Versions {
  /** Number of rows. */
  size = 0;
  /** First row of each key's chain. */
  head = new Uint32Array(64);
  /** Valid time in whole seconds since the epoch. */
  #seconds = new Uint32Array(64);
  #rest = new Uint16Array(64);
  /** Valid times outside the years 1970 to 2106, milliseconds since the epoch. */
  #far = new Map<number, number>();
  /** Next row of the chain, overruled by this one. */
  #next = new SparseColumn(NONE);
  #isShared = false;

  /** Adds a row; keys are numbered from 0 without gaps. */
  add(key: number, validFrom: number, isAlive: boolean, isNewKey: boolean): number {
    this.#unshare();
    const row = this.size++;
    if (row >= this.#rest.length) this.#reserve();
    const second = Math.floor(validFrom / 1000);
    const isNear = second >= 0 && second < NONE;
    this.#seconds[row] = isNear ? second : 0;
    this.#rest[row] = (isNear ? validFrom - second * 1000 : FAR) | (isAlive ? ALIVE : 0);
    if (!isNear) this.#far.set(row, validFrom);
    if (isNewKey) {
      if (key >= this.head.length) this.head = grown(this.head, key + 1);
      this.head[key] = row;
    } else this.#link(key, row, validFrom);
    return row;
  }

  /** Since when a row holds, milliseconds since the epoch. */
  validFrom(row: number): number {
    const rest = this.#rest[row] as number;
    if ((rest & FAR) !== 0) return this.#far.get(row) as number;
    return (this.#seconds[row] as number) * 1000 + (rest & MS_MASK);
  }

  /** Whether a row asserts; otherwise it retracts. */
  isAlive(row: number): boolean {
    return ((this.#rest[row] as number) & ALIVE) !== 0;
  }

  /** Next row of the chain; NONE where a row overrules none. */
  next(row: number): number {
    return this.#next.get(row);
  }

  /** The row that holds for a reader who knows `bound` rows and asks about `validAt`; NONE where there is none. */
  winner(key: number, validAt: number, bound: number): number {
    let row = this.head[key] as number;
    while (row !== NONE && (row >= bound || this.validFrom(row) > validAt)) row = this.#next.get(row);
    return row;
  }

  /** The same where the row asserts; NONE where it retracts. */
  holding(key: number, validAt: number, bound: number): number {
    const row = this.winner(key, validAt, bound);
    return row !== NONE && this.isAlive(row) ? row : NONE;
  }

  /** When a row of a key ceases to hold as far as the reader knows, milliseconds since the epoch; undefined where no end is known. */
  endOf(key: number, row: number, bound: number): number | undefined {
    let end: number | undefined;
    for (let other = this.head[key] as number; other !== row && other !== NONE; other = this.#next.get(other)) {
      if (other < bound) end = this.validFrom(other);
    }
    return end;
  }

  fork(): Versions {
    const fork = new Versions();
    fork.size = this.size;
    fork.#seconds = this.#seconds;
    fork.#rest = this.#rest;
    fork.#far = new Map(this.#far);
    // Chains gain rows in place, so a fork needs its own from the start.
    fork.#next = this.#next.fork();
    fork.head = this.head.slice();
    fork.#isShared = true;
    return fork;
  }

  blocks(keys: number): readonly Uint8Array[] {
    const { size } = this;
    const far = Float64Array.from([...this.#far].flat());
    return [
      bytesOf(this.#seconds, size),
      bytesOf(this.#rest, size),
      bytesOf(far, far.length),
      // Chains gain rows in place.
      bytesOf(this.head.slice(0, keys), keys),
      ...this.#next.blocks(),
    ];
  }

  static from([seconds, rest, far, head, ...next]: readonly Uint8Array[]): Versions {
    const versions = new Versions();
    versions.#seconds = columnFrom(Uint32Array, seconds as Uint8Array);
    versions.#rest = columnFrom(Uint16Array, rest as Uint8Array);
    const pairs = columnFrom(Float64Array, far as Uint8Array);
    for (let at = 0; at + 1 < pairs.length; at += 2) versions.#far.set(pairs[at] as number, pairs[at + 1] as number);
    versions.head = columnFrom(Uint32Array, head as Uint8Array);
    versions.#next = SparseColumn.from(NONE, next);
    versions.size = versions.#rest.length;
    return versions;
  }

  #reserve(): void {
    this.#seconds = grown(this.#seconds, this.size);
    this.#rest = grown(this.#rest, this.size);
  }

  #unshare(): void {
    if (!this.#isShared) return;
    this.#isShared = false;
    this.#seconds = this.#seconds.slice(0, this.size);
    this.#rest = this.#rest.slice(0, this.size);
  }

  #link(key: number, row: number, validFrom: number): void {
    let before = NONE;
    let after = this.head[key] as number;
    while (after !== NONE && this.validFrom(after) > validFrom) {
      before = after;
      after = this.#next.get(after);
    }
    this.#next.set(row, after);
    if (before === NONE) this.head[key] = row;
    else this.#next.set(before, row);
  }
}
