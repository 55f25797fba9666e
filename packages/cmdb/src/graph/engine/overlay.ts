import { grown } from './column.ts';
import type { RelationEnds, RelationTable } from './relation-table.ts';
import { NONE } from './versions.ts';

/** Words of a link. */
const LINK = 4;

/** What was recorded after an adjacency was built: relations it does not know, and nodes where its slots no longer tell the truth. */
export class Overlay {
  /** Keys below are in the adjacency. */
  readonly keyBase: number;
  /** 1 where a relation of the node changed since. */
  dirty = new Uint8Array(64);
  /** For each node its first fresh key going out and coming in, from `keyBase`, plus one; 0 = none. */
  #first = new Uint32Array(128);
  /** For each fresh key, in one cache line: target and next key going out of its source, source and next key coming into its target. */
  #links = new Uint32Array(256);

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
    const highest = Math.max(from, to);
    if (highest >= this.dirty.length) this.dirty = grown(this.dirty, highest + 1);
    this.dirty[from] = 1;
    this.dirty[to] = 1;
    if (isNewKey) this.#link(key - this.keyBase, from, to);
  }

  #link(index: number, from: number, to: number): void {
    const highest = Math.max(from, to);
    if (highest * 2 + 2 > this.#first.length) this.#first = grown(this.#first, highest * 2 + 2);
    if (index * LINK + LINK > this.#links.length) this.#links = grown(this.#links, index * LINK + LINK);
    const [links, first] = [this.#links, this.#first];
    links[index * LINK] = to;
    links[index * LINK + 1] = first[from * 2] as number;
    links[index * LINK + 2] = from;
    links[index * LINK + 3] = first[to * 2 + 1] as number;
    first[from * 2] = index + 1;
    first[to * 2 + 1] = index + 1;
  }

  /** First fresh key that goes out of a node; NONE where there is none. Newest first. */
  firstOut(node: number): number {
    return this.#keyOf(this.#first[node * 2]);
  }

  firstIn(node: number): number {
    return this.#keyOf(this.#first[node * 2 + 1]);
  }

  nextOut(key: number): number {
    return this.#keyOf(this.#links[(key - this.keyBase) * LINK + 1]);
  }

  nextIn(key: number): number {
    return this.#keyOf(this.#links[(key - this.keyBase) * LINK + 3]);
  }

  /** Fresh key of a relation; NONE where it is not there. Both ends are searched in step, so the one with fewer relations decides the cost. */
  find(relations: RelationTable, { from, type, to, slice }: RelationEnds): number {
    const links = this.#links;
    let out = this.#first[from * 2] ?? 0;
    let into = this.#first[to * 2 + 1] ?? 0;
    while (out !== 0 && into !== 0) {
      const [outAt, inAt] = [(out - 1) * LINK, (into - 1) * LINK];
      if (links[outAt] === to && this.#is(relations, out, type, slice)) return this.#keyOf(out);
      if (links[inAt + 2] === from && this.#is(relations, into, type, slice)) return this.#keyOf(into);
      out = links[outAt + 1] as number;
      into = links[inAt + 3] as number;
    }
    return NONE;
  }

  #is(relations: RelationTable, stored: number, type: number, slice: number): boolean {
    const key = this.#keyOf(stored);
    return relations.type[key] === type && relations.slice[key] === slice;
  }

  fork(): Overlay {
    const fork = new Overlay(this.keyBase);
    fork.dirty = this.dirty.slice();
    fork.#first = this.#first.slice();
    fork.#links = this.#links.slice();
    return fork;
  }

  #keyOf(stored: number | undefined): number {
    return stored === undefined || stored === 0 ? NONE : this.keyBase + stored - 1;
  }
}
