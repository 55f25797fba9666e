import type { CmdbFact, Relation } from '@tier0/core';
import type { Bounds } from './commit-log.ts';
import { FactGraph } from './fact-graph.ts';
import { TYPE_NAMES } from './relation-table.ts';
import { SliceTable } from './slice-table.ts';
import { NONE, type Versions } from './versions.ts';

/** A graph without the history that was given up, and where the item rows of the former one stand in it. */
export interface ShorterGraph {
  readonly graph: FactGraph;
  /** By former item row; NONE for one that was given up. */
  readonly itemRows: Uint32Array;
}

/** Milliseconds worked before others may go on. */
const SLICE_MS = 5;

/**
 * A new graph without what was overruled before an instant: it answers every question about times since then as the former one did. What
 * is recorded into the former graph meanwhile is taken over too; the new one may take its place at once when the promise is resolved.
 */
export async function forgetHistory(graph: FactGraph, beforeMs: number): Promise<ShorterGraph> {
  const copy = new HistoryCopy(graph, beforeMs);
  for (let until = performance.now() + SLICE_MS; copy.next(); ) {
    if (performance.now() < until) continue;
    await new Promise((resolve) => setImmediate(resolve));
    until = performance.now() + SLICE_MS;
  }
  await copy.graph.merge();
  copy.findRows();
  while (copy.next());
  return copy;
}

const NOTHING: Bounds = { items: 0, relations: 0, changes: 0, coverages: 0 };

/** Takes a graph over commit by commit, without what was overruled. */
class HistoryCopy implements ShorterGraph {
  readonly graph = new FactGraph();
  itemRows: Uint32Array = new Uint32Array(0);
  readonly #from: FactGraph;
  readonly #beforeMs: number;
  /** Commits up to here are past: of them only what still holds is of interest. */
  readonly #past: Bounds;
  readonly #coverages: ReadonlySet<unknown>;
  #itemKeys: Uint32Array = new Uint32Array(0);
  #relationKeys: Uint32Array = new Uint32Array(0);
  #commit = 0;
  #done = NOTHING;

  constructor(from: FactGraph, beforeMs: number) {
    this.#from = from;
    this.#beforeMs = beforeMs;
    this.#past = from.commits.knownAt(beforeMs).bounds;
    this.#coverages = new Set(from.slices.slices.map((_, slice) => from.slices.coverageAt(slice, beforeMs, this.#past.coverages)));
    // Numbers of slices stay, so that no row has to be told where it comes from.
    this.graph.slices = SliceTable.from({ ...from.slices.toJson(), coverages: [] });
    this.findRows();
  }

  /** Finds the rows that are kept, with their keys, among all there are now. */
  findRows(): void {
    const { items, relations } = this.#from;
    this.#itemKeys = keptRows(items.versions, items.keys, { past: this.#past.items, beforeMs: this.#beforeMs });
    this.#relationKeys = keptRows(relations.versions, relations.keys, { past: this.#past.relations, beforeMs: this.#beforeMs });
    const rows = new Uint32Array(items.versions.size).fill(NONE);
    rows.set(this.itemRows);
    this.itemRows = rows;
  }

  /** Takes over one commit; false: there is none left. */
  next(): boolean {
    const { commits } = this.#from;
    if (this.#commit >= commits.size) return false;
    const { sequence, recordedMs, bounds } = commits.at(this.#commit++);
    for (let row = this.#done.items; row < bounds.items; row++) this.#takeItem(row);
    for (let row = this.#done.relations; row < bounds.relations; row++) this.#takeRelation(row);
    for (const change of this.#from.changes.all.slice(this.#done.changes, bounds.changes))
      if (bounds.changes > this.#past.changes || Date.parse(change.at) >= this.#beforeMs) this.graph.changes.add(change);
    for (const entry of this.#from.slices.coverages.slice(this.#done.coverages, bounds.coverages)) {
      const isPast = bounds.coverages <= this.#past.coverages && entry.validFrom < this.#beforeMs;
      // From here on the graph knows; of times before, it says that it does not.
      if (!isPast) this.graph.slices.coverages.push({ ...entry });
      else if (this.#coverages.has(entry)) this.graph.slices.coverages.push({ ...entry, validFrom: this.#beforeMs });
    }
    this.graph.newestMs = this.#from.newestMs;
    this.#done = bounds;
    const isPast = this.#commit < commits.size && commits.at(this.#commit).recordedMs <= this.#beforeMs;
    // Of the past only the last commit is still a time that can be asked about.
    if (!isPast) this.graph.commits.add(sequence, recordedMs, this.graph.bounds);
    return true;
  }

  #takeItem(row: number): void {
    const key = this.#itemKeys[row] as number;
    if (key === NONE) return;
    const { items, ids, texts, slices } = this.#from;
    const { slice } = slices.slices[items.slice[key] as number] as { readonly slice: CmdbFact['slice'] };
    const id = ids.text(items.node[key] as number);
    const validFrom = new Date(items.versions.validFrom(row)).toISOString();
    this.itemRows[row] = this.graph.items.versions.size;
    if (items.versions.isAlive(row))
      this.graph.suppose({ type: 'item-asserted', slice, validFrom, item: items.item(row, id, texts, slice.source) });
    else this.graph.suppose({ type: 'item-retracted', slice, validFrom, item: id });
  }

  #takeRelation(row: number): void {
    const key = this.#relationKeys[row] as number;
    if (key === NONE) return;
    const { relations, ids, slices } = this.#from;
    const { slice } = slices.slices[relations.slice[key] as number] as { readonly slice: CmdbFact['slice'] };
    const validFrom = new Date(relations.versions.validFrom(row)).toISOString();
    const ends = {
      from: ids.text(relations.from[key] as number),
      type: TYPE_NAMES[relations.type[key] as number] as Relation['type'],
      to: ids.text(relations.to[key] as number),
    };
    if (relations.versions.isAlive(row)) {
      const relation: Relation = { ...ends, validFrom, ...relations.statement(row, slice.source) };
      this.graph.suppose({ type: 'relation-asserted', slice, validFrom, relation });
    } else this.graph.suppose({ type: 'relation-retracted', slice, validFrom, relation: ends });
  }
}

/**
 * The key of each row that is kept, NONE for the others. Of each key that row is the first one kept which was recorded and valid before the
 * instant and overrules all behind it; where it retracts, nothing of it is left.
 */
function keptRows(versions: Versions, keys: number, { past, beforeMs }: { readonly past: number; readonly beforeMs: number }): Uint32Array {
  const kept = new Uint32Array(versions.size).fill(NONE);
  for (let key = 0; key < keys; key++) {
    for (let row = versions.head[key] as number; row !== NONE; row = versions.next(row)) {
      const isPast = row < past && versions.validFrom(row) < beforeMs;
      if (!isPast || versions.isAlive(row)) kept[row] = key;
      if (isPast) break;
    }
  }
  return kept;
}
