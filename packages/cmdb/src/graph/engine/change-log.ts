import type { Change } from '@tier0/core';

/** Changes in the order they were recorded, each once, found by item. */
export class ChangeLog {
  readonly all: Change[] = [];
  #numbers = new Map<string, number>();
  #byItem = new Map<string, number[]>();

  static from(changes: Iterable<Change>): ChangeLog {
    const log = new ChangeLog();
    for (const change of changes) log.add(change);
    return log;
  }

  get size(): number {
    return this.all.length;
  }

  has(id: string): boolean {
    return this.#numbers.has(id);
  }

  /** A change of an id that is known already is the same change, reported again. */
  add(change: Change): void {
    if (this.has(change.id)) return;
    this.#numbers.set(change.id, this.all.length);
    const numbers = this.#byItem.get(change.item);
    if (numbers) numbers.push(this.all.length);
    else this.#byItem.set(change.item, [this.all.length]);
    this.all.push(change);
  }

  /** Changes of an item among the first `bound`. */
  of(item: string, bound: number): readonly Change[] {
    return (this.#byItem.get(item) ?? []).filter((number) => number < bound).map((number) => this.all[number] as Change);
  }
}
