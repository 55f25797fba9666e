import { bytesOf, columnFrom, grown } from './column.ts';

/** No row. */
export const NONE = 0xffffffff;

/**
 * Versions of many keys (an item as one slice states it, a relation as one slice states it), as rows in the order they were recorded.
 * Each key has a chain of its rows, the one that overrules the others first: newest valid time, of equal ones last recorded. Rows are
 * never changed and never move, so a reader that knows a number of rows and a valid time sees the same for ever; chains only gain rows,
 * and a reader steps over those it does not know.
 */
export class Versions {
  /** Number of rows. */
  size = 0;
  /** Milliseconds since the epoch. */
  validFrom = new Float64Array(64);
  /** 1 = asserted, 0 = retracted. */
  alive = new Uint8Array(64);
  /** Next row of the chain, overruled by this one. */
  next = new Uint32Array(64);
  /** First row of each key's chain. */
  head = new Uint32Array(64);
  #isShared = false;

  /** Adds a row; keys are numbered from 0 without gaps. */
  add(key: number, validFrom: number, isAlive: boolean, isNewKey: boolean): number {
    this.#unshare();
    const row = this.size++;
    this.#reserve();
    this.validFrom[row] = validFrom;
    this.alive[row] = isAlive ? 1 : 0;
    if (isNewKey) {
      this.head = grown(this.head, key + 1);
      this.head[key] = NONE;
    }
    this.#link(key, row, validFrom);
    return row;
  }

  /** The row that holds for a reader who knows `bound` rows and asks about `validAt`; NONE where there is none. */
  winner(key: number, validAt: number, bound: number): number {
    let row = this.head[key] as number;
    while (row !== NONE && (row >= bound || (this.validFrom[row] as number) > validAt)) row = this.next[row] as number;
    return row;
  }

  /** The same where the row asserts; NONE where it retracts. */
  holding(key: number, validAt: number, bound: number): number {
    const row = this.winner(key, validAt, bound);
    return row !== NONE && this.alive[row] === 1 ? row : NONE;
  }

  /** When a row of a key ceases to hold as far as the reader knows, milliseconds since the epoch; undefined where no end is known. */
  endOf(key: number, row: number, bound: number): number | undefined {
    let end: number | undefined;
    for (let other = this.head[key] as number; other !== row && other !== NONE; other = this.next[other] as number) {
      if (other < bound) end = this.validFrom[other];
    }
    return end;
  }

  fork(): Versions {
    const fork = new Versions();
    Object.assign(fork, { size: this.size, validFrom: this.validFrom, alive: this.alive });
    // Chains gain rows in place, so a fork needs its own from the start.
    fork.next = this.next.slice(0, Math.max(64, this.size));
    fork.head = this.head.slice();
    fork.#isShared = true;
    return fork;
  }

  blocks(keys: number): readonly Uint8Array[] {
    const { size } = this;
    return [
      bytesOf(this.validFrom, size),
      bytesOf(this.alive, size),
      // Chains gain rows in place.
      bytesOf(this.next.slice(0, size), size),
      bytesOf(this.head.slice(0, keys), keys),
    ];
  }

  static from([validFrom, alive, next, head]: readonly Uint8Array[]): Versions {
    const versions = new Versions();
    versions.validFrom = columnFrom(Float64Array, validFrom as Uint8Array);
    versions.alive = columnFrom(Uint8Array, alive as Uint8Array);
    versions.next = columnFrom(Uint32Array, next as Uint8Array);
    versions.head = columnFrom(Uint32Array, head as Uint8Array);
    versions.size = versions.validFrom.length;
    return versions;
  }

  #reserve(): void {
    this.validFrom = grown(this.validFrom, this.size);
    this.alive = grown(this.alive, this.size);
    this.next = grown(this.next, this.size);
  }

  #unshare(): void {
    if (!this.#isShared) return;
    this.#isShared = false;
    this.validFrom = this.validFrom.slice(0, this.size);
    this.alive = this.alive.slice(0, this.size);
  }

  #link(key: number, row: number, validFrom: number): void {
    let before = NONE;
    let after = this.head[key] as number;
    while (after !== NONE && (this.validFrom[after] as number) > validFrom) {
      before = after;
      after = this.next[after] as number;
    }
    this.next[row] = after;
    if (before === NONE) this.head[key] = row;
    else this.next[before] = row;
  }
}
