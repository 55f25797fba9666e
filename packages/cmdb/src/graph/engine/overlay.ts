import { grown } from './column.ts';
import type { RelationEnds, RelationTable } from './relation-table.ts';
import { NONE } from './versions.ts';

/** What was recorded after an adjacency was built: relations it does not know, and nodes where its slots no longer tell the truth. */
export class Overlay {
  /** Keys below are in the adjacency. */
  readonly keyBase: number;
  /** 1 where a relation of the node changed since. */
  dirty = new Uint8Array(64);
  /** First fresh key of a node, from `keyBase`, plus one; 0 = none. */
  #firstOut = new Uint32Array(64);
  #firstIn = new Uint32Array(64);
  #nextOut = new Uint32Array(64);
  #nextIn = new Uint32Array(64);

  constructor(keyBase: number) {
    this.keyBase = keyBase;
  }

  /** The overlay of everything that an adjacency does not know. */
  static over(relations: RelationTable, { keys, rows }: { readonly keys: number; readonly rows: number }): Overlay {
    const overlay = new Overlay(keys);
    let next = keys;
    for (let row = rows; row < relations.versions.size; row++) {
      const key = relations.recentKey(row);
      // Keys are numbered in the order their first rows come.
      const isNewKey = key === next;
      if (isNewKey) next++;
      overlay.note(relations, key, isNewKey);
    }
    return overlay;
  }

  /** Notes that a row was added to a key; a key the adjacency does not know becomes reachable from both ends. */
  note(relations: RelationTable, key: number, isNewKey: boolean): void {
    const from = relations.from[key] as number;
    const to = relations.to[key] as number;
    this.dirty = grown(this.dirty, Math.max(from, to) + 1);
    this.dirty[from] = 1;
    this.dirty[to] = 1;
    if (!isNewKey) return;
    const index = key - this.keyBase;
    this.#firstOut = grown(this.#firstOut, from + 1);
    this.#firstIn = grown(this.#firstIn, to + 1);
    this.#nextOut = grown(this.#nextOut, index + 1);
    this.#nextIn = grown(this.#nextIn, index + 1);
    this.#nextOut[index] = this.#firstOut[from] as number;
    this.#nextIn[index] = this.#firstIn[to] as number;
    this.#firstOut[from] = index + 1;
    this.#firstIn[to] = index + 1;
  }

  /** First fresh key that goes out of a node; NONE where there is none. Newest first. */
  firstOut(node: number): number {
    return this.#keyOf(this.#firstOut[node]);
  }

  firstIn(node: number): number {
    return this.#keyOf(this.#firstIn[node]);
  }

  nextOut(key: number): number {
    return this.#keyOf(this.#nextOut[key - this.keyBase]);
  }

  nextIn(key: number): number {
    return this.#keyOf(this.#nextIn[key - this.keyBase]);
  }

  /** Fresh key of a relation; NONE where it is not there. Both ends are searched in step, so the one with fewer relations decides the cost. */
  find(relations: RelationTable, { from, type, to, slice }: RelationEnds): number {
    let out = this.firstOut(from);
    let into = this.firstIn(to);
    while (out !== NONE && into !== NONE) {
      if (relations.to[out] === to && relations.type[out] === type && relations.slice[out] === slice) return out;
      if (relations.from[into] === from && relations.type[into] === type && relations.slice[into] === slice) return into;
      out = this.nextOut(out);
      into = this.nextIn(into);
    }
    return NONE;
  }

  fork(): Overlay {
    const fork = new Overlay(this.keyBase);
    fork.dirty = this.dirty.slice();
    fork.#firstOut = this.#firstOut.slice();
    fork.#firstIn = this.#firstIn.slice();
    fork.#nextOut = this.#nextOut.slice();
    fork.#nextIn = this.#nextIn.slice();
    return fork;
  }

  #keyOf(stored: number | undefined): number {
    return stored === undefined || stored === 0 ? NONE : this.keyBase + stored - 1;
  }
}
