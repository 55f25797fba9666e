import {
  type Change,
  type CmdbFact,
  type ConfigurationItem,
  type Coverage,
  canonicalJson,
  type Inventory,
  MAX_FACT_BYTES,
  type Relation,
  type SourceSlice,
} from '@tier0/core';
import { deriveChanges } from './derive-changes.ts';
import { Moment } from './engine/moment.ts';
import { TYPE_NAMES, typeNumber } from './engine/relation-table.ts';
import { NONE } from './engine/versions.ts';
import { isComplete } from './scope-coverage.ts';
import { StatedRelations } from './stated-relations.ts';
import type { World } from './world.ts';

/** An inventory as the facts that differ from what its slice said before. */
export interface InventoryFacts {
  /** Assertions first, retractions after them, coverage last: a crash in between deletes nothing. Empty when there is no news. */
  readonly facts: readonly CmdbFact[];
  /** Items left out, one sentence each. */
  readonly refused: readonly string[];
}

/**
 * Compares an inventory with what is held. Failure is not absence: an item that was not seen again is given up only when the inventory is
 * a snapshot and says that it read the item's kind completely.
 */
export function inventoryFacts(world: World, inventory: Inventory, source: string): InventoryFacts {
  const { graph } = world;
  const slice: SourceSlice = { scope: inventory.scope, source };
  const moment = new Moment(graph, {
    validAt: Date.parse(inventory.observedAt),
    bounds: graph.bounds,
    sequence: graph.commits.newest,
  });
  const number = graph.slices.number(slice);
  const refused = inventory.items.filter(isTooLarge);
  const accepted = refused.length === 0 ? inventory : withoutItems(inventory, refused);
  const input: Comparison = { world, moment, slice, number, inventory: accepted };
  const items = itemFacts(input);
  const facts = [...items.asserted, ...relationFacts(input, items.kept), ...items.retracted, ...changeFacts(input, items)];
  const covered = coverageFact(input);
  return {
    facts: covered ? [...facts, covered] : facts,
    refused: refused.map(
      ({ id }) => `"${id}" is larger than ${MAX_FACT_BYTES} bytes and was left out: keep large values in the raw object`,
    ),
  };
}

interface Comparison {
  readonly world: World;
  /** What was held at the instant of the inventory. */
  readonly moment: Moment;
  readonly slice: SourceSlice;
  /** Number of the slice. */
  readonly number: number;
  readonly inventory: Inventory;
}

interface ItemFacts {
  readonly asserted: readonly CmdbFact[];
  readonly retracted: readonly CmdbFact[];
  /** Nodes that were not seen and yet are not given up. */
  readonly kept: ReadonlySet<number>;
  readonly touched: readonly TouchedItem[];
}

/** One item whose statement is not the same any more, before and after. */
export interface TouchedItem {
  readonly id: string;
  readonly before?: ItemState | undefined;
  readonly after?: ItemState | undefined;
}

export interface ItemState {
  readonly item: ConfigurationItem;
  /** Raw object; undefined where none was kept. */
  readonly object: unknown;
}

function itemFacts({ world, moment, slice, number, inventory }: Comparison): ItemFacts {
  const { items, ids, texts } = world.graph;
  const validFrom = inventory.observedAt;
  const [asserted, retracted, touched]: [CmdbFact[], CmdbFact[], TouchedItem[]] = [[], [], []];
  const seen = new Set<number>();
  const before = (row: number, node: number) => ({ item: moment.statedItem(node, { row, slice: number }), object: world.objects.get(row) });
  const isFirst = items.keys === 0;
  for (const item of inventory.items) {
    const node = isFirst ? -1 : ids.find(item.id);
    const key = node === -1 ? NONE : items.find(node, number);
    const row = key === NONE ? NONE : items.versions.holding(key, moment.validAt, moment.bounds.items);
    if (node !== -1) seen.add(node);
    if (row !== NONE && items.states(row, item, slice.source, texts)) continue;
    asserted.push({ type: 'item-asserted', slice, validFrom, item });
    const after = { item, object: inventory.objects.get(item.id) };
    touched.push({ id: item.id, after, ...(row === NONE ? {} : { before: before(row, node) }) });
  }
  const kept = new Set<number>();
  for (let key = 0; key < items.keys; key++) {
    const node = items.node[key] as number;
    if (items.slice[key] !== number || seen.has(node)) continue;
    const row = items.versions.holding(key, moment.validAt, moment.bounds.items);
    if (row === NONE) continue;
    const held = before(row, node);
    if (!mayDelete(inventory, held.item)) kept.add(node);
    else {
      retracted.push({ type: 'item-retracted', slice, validFrom, item: held.item.id, reason: 'not in the complete inventory' });
      touched.push({ id: held.item.id, before: held });
    }
  }
  return { asserted, retracted, kept, touched };
}

function mayDelete(inventory: Inventory, item: ConfigurationItem): boolean {
  const { namespace } = item.columns;
  const isRead = isComplete(inventory.coverage, item.kind, typeof namespace === 'string' ? namespace : undefined);
  return inventory.contract === 'snapshot' && isRead;
}

/** A relation that is not stated any more is given up, unless one of its ends was not read. */
function relationFacts({ world, moment, slice, number, inventory }: Comparison, kept: ReadonlySet<number>): readonly CmdbFact[] {
  const { relations, ids } = world.graph;
  const validFrom = inventory.observedAt;
  const [asserted, retracted]: [CmdbFact[], CmdbFact[]] = [[], []];
  const seen = new Set<number>();
  const stated = new StatedRelations();
  const isFirst = relations.keys === 0;
  for (const relation of inventory.relations) {
    if (!stated.add(relation)) continue;
    // Nothing can be known of it yet.
    if (isFirst) {
      asserted.push({ type: 'relation-asserted', slice, validFrom: relation.validFrom ?? validFrom, relation });
      continue;
    }
    const [from, to] = [ids.find(relation.from), ids.find(relation.to)];
    const isKnown = from !== -1 && to !== -1;
    const key = isKnown ? world.graph.relationKey({ from, type: typeNumber(relation.type), to, slice: number }) : NONE;
    const row = key === NONE ? NONE : relations.versions.holding(key, moment.validAt, moment.bounds.relations);
    if (key !== NONE) seen.add(key);
    if (row !== NONE && relations.states(row, relation, slice.source)) continue;
    // A relation that comes back holds from now on: its old beginning would lie behind the end that was recorded.
    const since = key === NONE ? (relation.validFrom ?? validFrom) : validFrom;
    asserted.push({ type: 'relation-asserted', slice, validFrom: since, relation });
  }
  for (let key = 0; key < relations.keys; key++) {
    const [from, to] = [relations.from[key] as number, relations.to[key] as number];
    if (relations.slice[key] !== number || seen.has(key) || kept.has(from) || kept.has(to)) continue;
    if (relations.versions.holding(key, moment.validAt, moment.bounds.relations) === NONE) continue;
    const relation = { from: ids.text(from), type: TYPE_NAMES[relations.type[key] as number] as Relation['type'], to: ids.text(to) };
    retracted.push({ type: 'relation-retracted', slice, validFrom, relation });
  }
  return [...asserted, ...retracted];
}

/** Changes the source proves, and what is different where it does not say so itself. */
function changeFacts({ world, moment, slice, number, inventory }: Comparison, { touched }: ItemFacts): readonly CmdbFact[] {
  const lastRead = moment.coverage(number);
  const since = lastRead && new Date(lastRead.confirmedMs).toISOString();
  const derived = since === undefined ? [] : deriveChanges(touched, { since, at: inventory.observedAt, told: inventory.changes });
  const fresh = [...inventory.changes, ...derived].filter((change: Change) => !world.graph.changes.has(change.id));
  return fresh.map((change) => ({ type: 'change-observed', slice, validFrom: change.at, change }));
}

/** Undefined when the slice said just this before. */
function coverageFact({ moment, number, slice, inventory }: Comparison): CmdbFact | undefined {
  const { contract, coverage, role = 'observed' } = inventory;
  const last = moment.coverage(number);
  const isSame = last && last.contract === contract && last.role === role && canonicalJson(last.coverage) === canonicalJson(coverage);
  return isSame ? undefined : { type: 'scope-covered', slice, validFrom: inventory.observedAt, contract, role, coverage };
}

function isTooLarge(item: ConfigurationItem): boolean {
  const size = Object.values(item.columns).reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
  return size * 6 > MAX_FACT_BYTES && Buffer.byteLength(JSON.stringify(item)) + 4096 > MAX_FACT_BYTES;
}

/** What is left out was read and is not absent: its kind is not complete any more. */
function withoutItems(inventory: Inventory, refused: readonly ConfigurationItem[]): Inventory {
  const ids = new Set(refused.map(({ id }) => id));
  const kinds = new Set(refused.map(({ kind }) => kind));
  const gaps = [...kinds].map((kind): Coverage => ({ kind, state: 'failed', reason: 'an item is larger than the graph keeps' }));
  return { ...inventory, items: inventory.items.filter(({ id }) => !ids.has(id)), coverage: [...inventory.coverage, ...gaps] };
}
