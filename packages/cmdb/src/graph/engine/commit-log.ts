import { bytesOf, columnFrom, grown } from './column.ts';

/** How much of each table a moment knows. */
export interface Bounds {
  readonly items: number;
  readonly relations: number;
  readonly changes: number;
  readonly coverages: number;
}

/** For each commit its sequence, its recorded time and how far the tables reached after it. */
export class CommitLog {
  size = 0;
  #sequence = new Float64Array(64);
  #recordedMs = new Float64Array(64);
  #bounds = new Uint32Array(4 * 64);

  add(sequence: number, recordedMs: number, bounds: Bounds): void {
    const at = this.size++;
    this.#sequence = grown(this.#sequence, this.size);
    this.#recordedMs = grown(this.#recordedMs, this.size);
    this.#bounds = grown(this.#bounds, this.size * 4);
    this.#sequence[at] = sequence;
    this.#recordedMs[at] = recordedMs;
    this.#bounds.set([bounds.items, bounds.relations, bounds.changes, bounds.coverages], at * 4);
  }

  /** Sequence of the newest commit; 0 when there is none. */
  get newest(): number {
    return this.size === 0 ? 0 : (this.#sequence[this.size - 1] as number);
  }

  /** One commit, by its place. */
  at(index: number): { readonly sequence: number; readonly recordedMs: number; readonly bounds: Bounds } {
    const [items = 0, relations = 0, changes = 0, coverages = 0] = this.#bounds.subarray(index * 4, index * 4 + 4);
    const bounds = { items, relations, changes, coverages };
    return { sequence: this.#sequence[index] as number, recordedMs: this.#recordedMs[index] as number, bounds };
  }

  /** What was known at a recorded time: the bounds and the sequence. */
  knownAt(recordedMs: number): { readonly bounds: Bounds; readonly sequence: number } {
    const at = this.#last((index) => (this.#recordedMs[index] as number) <= recordedMs);
    if (at === -1) return { bounds: { items: 0, relations: 0, changes: 0, coverages: 0 }, sequence: 0 };
    const { bounds, sequence } = this.at(at);
    return { bounds, sequence };
  }

  /** When an item row was recorded, milliseconds since the epoch. */
  itemRecordedMs(row: number): number {
    const before = this.#last((index) => (this.#bounds[index * 4] as number) <= row);
    return this.#recordedMs[before + 1] as number;
  }

  fork(): CommitLog {
    const fork = new CommitLog();
    fork.size = this.size;
    fork.#sequence = this.#sequence.slice(0, this.size);
    fork.#recordedMs = this.#recordedMs.slice(0, this.size);
    fork.#bounds = this.#bounds.slice(0, this.size * 4);
    return fork;
  }

  blocks(): readonly Uint8Array[] {
    return [bytesOf(this.#sequence, this.size), bytesOf(this.#recordedMs, this.size), bytesOf(this.#bounds, this.size * 4)];
  }

  static from([sequence, recordedMs, bounds]: readonly Uint8Array[]): CommitLog {
    const log = new CommitLog();
    log.#sequence = columnFrom(Float64Array, sequence as Uint8Array);
    log.#recordedMs = columnFrom(Float64Array, recordedMs as Uint8Array);
    log.#bounds = columnFrom(Uint32Array, bounds as Uint8Array);
    log.size = log.#sequence.length;
    return log;
  }

  /** Last index for which the test holds; it holds for a first part of the log only. -1 where it holds for none. */
  #last(test: (index: number) => boolean): number {
    let low = -1;
    let high = this.size;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (test(middle)) low = middle;
      else high = middle;
    }
    return low;
  }
}
