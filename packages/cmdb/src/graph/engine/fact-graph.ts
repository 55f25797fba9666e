import { type CmdbCommit, type CmdbFact, type Relation, type SourceSlice, Tier0Error } from '@tier0/core';
import { type Adjacency, buildAdjacency, EMPTY_ADJACENCY, findKey } from './adjacency.ts';
import { ChangeLog } from './change-log.ts';
import { type Bounds, CommitLog } from './commit-log.ts';
import { InstantReader } from './instant-reader.ts';
import { ItemTable } from './item-table.ts';
import { Overlay } from './overlay.ts';
import type { Scratch } from './reach.ts';
import { type RelationEnds, RelationTable, typeNumber } from './relation-table.ts';
import { SliceTable } from './slice-table.ts';
import { TextTable } from './text-table.ts';
import { NONE } from './versions.ts';

/** Rows outside the adjacency from which on a new one is worth building, and the share of all rows that they must be. */
const MERGE_ROWS = 4096;
const MERGE_SHARE = 1 / 16;
/** Kinds, column names and values mostly are of these; ids are all different, so none of them is remembered. */
export const TEXTS_REMEMBERED = 8192;
/** Milliseconds a merge works before it lets others go on. */
const MERGE_SLICE_MS = 5;

/** The fold of all facts: append-only tables, an adjacency over them, and an overlay of what came since. */
export class FactGraph {
  /** Item ids; a number is a node, whether or not an item of that id is known. */
  ids = new TextTable();
  texts = new TextTable(TEXTS_REMEMBERED);
  items = new ItemTable();
  relations = new RelationTable();
  slices = new SliceTable();
  changes = new ChangeLog();
  commits = new CommitLog();
  adjacency: Adjacency = EMPTY_ADJACENCY;
  overlay = new Overlay(0);
  /** Newest instant any slice was read, or a recorded fact became valid; milliseconds since the epoch. */
  newestMs = Number.NEGATIVE_INFINITY;
  /** Memory for walks, lent to one at a time. */
  readonly scratch: Scratch[] = [];
  #merging: Promise<void> | undefined;
  #instants = new InstantReader();
  #lastFrom: { readonly id: string | undefined; readonly node: number } = { id: undefined, node: -1 };

  /** What a reader handed out now knows. */
  get bounds(): Bounds {
    const { items, relations } = this;
    return {
      items: items.versions.size,
      relations: relations.versions.size,
      changes: this.changes.size,
      coverages: this.slices.coverages.length,
    };
  }

  /** Takes a commit in. Throws CONFLICT where one is missing in between: nothing may be skipped. */
  apply(commit: CmdbCommit): void {
    if (commit.sequence <= this.commits.newest) throw outOfOrder(commit.sequence, this.commits.newest);
    const recordedMs = this.#instants.parse(commit.recordedAt);
    for (const fact of commit.facts) {
      this.#take(fact);
      // A source whose clock is ahead must not carry everybody's "now" with it.
      if (fact.type !== 'scope-covered')
        this.newestMs = Math.max(this.newestMs, Math.min(this.#instants.parse(fact.validFrom), recordedMs));
    }
    this.commits.add(commit.sequence, recordedMs, this.bounds);
  }

  /** Takes a fact in that is part of no commit: in a copy, for rehearsals. */
  suppose(fact: CmdbFact): void {
    this.#take(fact);
  }

  /** Notes that a slice was read again at an instant and said the same. */
  confirm(slice: SourceSlice, observedMs: number): void {
    const number = this.slices.number(slice);
    const entry = this.slices.coverageAt(number, Number.POSITIVE_INFINITY, this.slices.coverages.length);
    if (entry) entry.confirmedMs = Math.max(entry.confirmedMs, observedMs);
    this.newestMs = Math.max(this.newestMs, observedMs);
  }

  /** The key of a relation; NONE where no slice of that number ever stated it. */
  relationKey(ends: RelationEnds): number {
    const found = findKey(this.adjacency, this.relations, ends);
    return found === NONE ? this.overlay.find(this.relations, ends) : found;
  }

  /** Whether so much is outside the adjacency that walks become slower. */
  get needsMerge(): boolean {
    const fresh = this.relations.versions.size - this.adjacency.rows;
    return fresh > MERGE_ROWS && fresh > this.adjacency.rows * MERGE_SHARE;
  }

  /** Builds a new adjacency in slices between other work; readers that are out keep the one they have. */
  merge(): Promise<void> {
    this.#merging ??= this.#merge().finally(() => {
      this.#merging = undefined;
    });
    return this.#merging;
  }

  /** A copy that may go its own way. */
  fork(): FactGraph {
    const fork = new FactGraph();
    fork.ids = this.ids.fork();
    fork.texts = this.texts.fork();
    fork.items = this.items.fork();
    fork.relations = this.relations.fork();
    fork.slices = this.slices.fork();
    fork.changes = ChangeLog.from(this.changes.all);
    fork.commits = this.commits.fork();
    fork.adjacency = this.adjacency;
    fork.overlay = this.overlay.fork();
    fork.newestMs = this.newestMs;
    return fork;
  }

  async #merge(): Promise<void> {
    const build = buildAdjacency(this.relations, this.ids.size, this.newestMs);
    let step = build.next();
    for (let until = performance.now() + MERGE_SLICE_MS; !step.done; step = build.next()) {
      if (performance.now() < until) continue;
      await new Promise((resolve) => setImmediate(resolve));
      until = performance.now() + MERGE_SLICE_MS;
    }
    const overlay = Overlay.over(this.relations, step.value);
    this.adjacency = step.value;
    this.overlay = overlay;
    this.relations.forgetKeys(step.value.rows);
  }

  #take(fact: CmdbFact): void {
    const slice = this.slices.number(fact.slice);
    const validFrom = this.#instants.parse(fact.validFrom);
    switch (fact.type) {
      case 'item-asserted':
        this.slices.speaksAbout(slice, fact.item.id);
        this.items.add(
          { node: this.ids.intern(fact.item.id), slice, validFrom, observedAt: this.#instants.parse(fact.item.observedAt) },
          { item: fact.item, source: fact.slice.source },
          this.texts,
        );
        break;
      case 'item-retracted':
        this.items.add({ node: this.ids.intern(fact.item), slice, validFrom, observedAt: validFrom }, undefined, this.texts);
        break;
      case 'relation-asserted':
        this.#relate(fact.relation, slice, validFrom, fact.relation);
        if (fact.relation.validTo !== undefined) this.#relate(fact.relation, slice, Date.parse(fact.relation.validTo), undefined);
        break;
      case 'relation-retracted':
        this.#relate(fact.relation, slice, validFrom, undefined);
        break;
      case 'change-observed':
        this.changes.add(fact.change);
        break;
      case 'scope-covered':
        this.slices.cover(fact);
        this.newestMs = Math.max(this.newestMs, validFrom);
        break;
    }
  }

  #relate(
    named: { readonly from: string; readonly type: Relation['type']; readonly to: string },
    slice: number,
    validFrom: number,
    relation: Relation | undefined,
  ): void {
    // A source mostly states one item's relations in a row, and what ends was mostly stated just before.
    if (named.from !== this.#lastFrom.id) this.#lastFrom = { id: named.from, node: this.ids.intern(named.from) };
    const ends = { from: this.#lastFrom.node, type: typeNumber(named.type), to: this.ids.intern(named.to), slice };
    const found = this.relationKey(ends);
    const isNewKey = found === NONE;
    const key = isNewKey ? this.relations.addKey(ends) : found;
    const source = this.slices.slices[slice]?.slice.source ?? '';
    this.relations.add({ key, validFrom, isNewKey }, relation && { relation, source });
    this.overlay.note(this.relations, key, isNewKey);
  }
}

function outOfOrder(sequence: number, newest: number): Tier0Error {
  return new Tier0Error({
    code: 'CONFLICT',
    message: `Commit ${sequence} cannot be taken in: the graph already holds ${newest}.`,
    hint: 'Read the commits after the newest one the graph holds.',
  });
}
