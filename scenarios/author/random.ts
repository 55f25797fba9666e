import { createHash } from 'node:crypto';

/** Letters that Kubernetes uses in generated names: no vowels, so that no word comes out. */
const SUFFIX = 'bcdfghjklmnpqrstvwxz2456789';

/** A seeded source of numbers: the same seed gives the same world on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least 0, below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** Whole number, both ends included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(values: readonly T[]): T {
    const value = values[Math.floor(this.next() * values.length)];
    if (value === undefined) throw new RangeError('Nothing to pick from.');
    return value;
  }

  shuffle<T>(values: readonly T[]): T[] {
    const rest = [...values];
    return values.map(() => rest.splice(Math.floor(this.next() * rest.length), 1)[0] as T);
  }

  suffix(length = 5): string {
    return Array.from({ length }, () => this.pick([...SUFFIX])).join('');
  }
}

/** Hex digits that depend on the words only, not on when they are asked for. */
export function hexOf(...words: readonly (string | number)[]): string {
  return createHash('sha256').update(words.join('\u0000')).digest('hex');
}

export function uidOf(...words: readonly (string | number)[]): string {
  const hex = hexOf('uid', ...words);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A whole number below `limit` that depends on the words only. */
export function numberOf(limit: number, ...words: readonly (string | number)[]): number {
  return Number.parseInt(hexOf(...words).slice(0, 12), 16) % limit;
}
