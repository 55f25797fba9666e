import type { CmdbFact, Inventory, Relation, ScopeCovered, SourceSlice } from '@tier0/core';
import { Moment } from '../graph/engine/moment.ts';
import { TYPE_NAMES } from '../graph/engine/relation-table.ts';
import { NONE } from '../graph/engine/versions.ts';
import { inventoryFacts } from '../graph/inventory-facts.ts';
import type { World } from '../graph/world.ts';
import { judgeCheckpoint } from './checkpoint.ts';
import { settleClock } from './clock.ts';
import { type DeletionGuard, judgeDeletions, withoutDeletions } from './deletion-guard.ts';
import type { Repetitions } from './expiry.ts';

export interface SyncInput {
  readonly world: World;
  readonly inventory: Inventory;
  /** Adapter name. */
  readonly source: string;
  /** What the slice said last about its coverage. */
  readonly last: ScopeCovered | undefined;
  readonly nowMs: number;
  readonly repetitions: Repetitions;
  /** False: deletions are not judged. */
  readonly guard: DeletionGuard | false;
}

/** What is to be recorded of an inventory by its sync contract, and what a person should know. */
export interface SyncFacts {
  /** The inventory on our clock; undefined where nothing of it is taken in. */
  readonly inventory?: Inventory | undefined;
  readonly facts: readonly CmdbFact[];
  readonly notes: readonly string[];
}

/** Applies a source's contract: what may be taken in, what is gone, and whether so much can be gone. */
export function syncFacts(input: SyncInput): SyncFacts {
  const { world, source, last, nowMs } = input;
  const verdict = judgeCheckpoint(input.inventory, last?.checkpoint);
  if (!verdict.take) return { facts: [], notes: verdict.reason ? [verdict.reason] : [] };
  const lastMs = last && Date.parse(last.validFrom);
  const { inventory, note } = settleClock(input.inventory, { nowMs, lastMs });
  const slice: SourceSlice = { scope: inventory.scope, source };
  const { facts, refused } = inventoryFacts(world, inventory, source);
  // Only where something may go is it worth naming all that is held.
  const isAsked = inventory.contract !== 'snapshot' || facts.some(({ type }) => type === 'item-retracted');
  const held = isAsked ? heldItems(world, slice, inventory.observedAt) : new Map<string, string>();
  const gone = goneItems(input, inventory, held);
  const all = withCheckpoint([...facts, ...retractions(world, { slice, inventory, gone })], { slice, inventory, last });
  const notes = [...(note ? [note] : []), ...refused];
  if (input.guard === false) return { inventory, facts: all, notes };
  const kindOf = (id: string) => held.get(id) ?? '';
  const judged = judgeDeletions({ slice, held: held.size, facts: all, kindOf, isHeld: (id) => held.has(id) }, input.guard);
  if (!judged.stopped) return { inventory, facts: all, notes };
  const kept = withoutDeletions(withCoverage(all, { slice, inventory }), kindOf, judged.reason);
  return { inventory, facts: withoutSameCoverage(kept, last), notes: [...notes, judged.reason] };
}

/** Kind of each item the slice holds, by id. */
function heldItems(world: World, slice: SourceSlice, at: string): ReadonlyMap<string, string> {
  const { graph } = world;
  const { items } = graph;
  const number = graph.slices.number(slice);
  const moment = new Moment(graph, { validAt: Date.parse(at), bounds: graph.bounds, sequence: graph.commits.newest });
  const held = new Map<string, string>();
  for (let key = 0; key < items.keys; key++) {
    if (items.slice[key] !== number) continue;
    const row = items.versions.holding(key, moment.validAt, moment.bounds.items);
    if (row === NONE) continue;
    const node = items.node[key] as number;
    held.set(moment.id(node), graph.texts.text(items.kind[row] as number));
  }
  return held;
}

function goneItems({ source, repetitions }: SyncInput, inventory: Inventory, held: ReadonlyMap<string, string>): readonly string[] {
  if (inventory.contract === 'increments') return (inventory.removed ?? []).filter((id) => held.has(id));
  if (inventory.contract === 'repeated-states') return repetitions.expired(`${inventory.scope} ${source}`, inventory, held.keys());
  return [];
}

/** Items that are gone, and what the slice stated about their relations. */
function retractions(
  { graph }: World,
  { slice, inventory, gone }: { readonly slice: SourceSlice; readonly inventory: Inventory; readonly gone: readonly string[] },
): readonly CmdbFact[] {
  if (gone.length === 0) return [];
  const validFrom = inventory.observedAt;
  const reason = inventory.contract === 'increments' ? 'removed by the source' : 'not repeated in time';
  const nodes = new Set(gone.map((id) => graph.ids.find(id)));
  const { relations, ids } = graph;
  const number = graph.slices.number(slice);
  const ended: CmdbFact[] = [];
  for (let key = 0; key < relations.keys; key++) {
    const [from, to] = [relations.from[key] as number, relations.to[key] as number];
    if (relations.slice[key] !== number || !(nodes.has(from) || nodes.has(to))) continue;
    if (relations.versions.holding(key, Date.parse(validFrom), relations.versions.size) === NONE) continue;
    const relation = { from: ids.text(from), type: TYPE_NAMES[relations.type[key] as number] as Relation['type'], to: ids.text(to) };
    ended.push({ type: 'relation-retracted', slice, validFrom, relation });
  }
  return [...ended, ...gone.map((item): CmdbFact => ({ type: 'item-retracted', slice, validFrom, item, reason }))];
}

/** Coverage goes last, so that a crash before it repeats the increment instead of skipping it. */
function withCheckpoint(
  facts: readonly CmdbFact[],
  { slice, inventory, last }: { readonly slice: SourceSlice; readonly inventory: Inventory; readonly last: ScopeCovered | undefined },
): readonly CmdbFact[] {
  const checkpoint = inventory.checkpoint?.to;
  // What is said of the coverage stands at the end mostly.
  const at = facts.findIndex(({ type }) => type === 'scope-covered');
  if (checkpoint === undefined && (at === -1 || at === facts.length - 1)) return facts;
  const rest = facts.filter(({ type }) => type !== 'scope-covered');
  if (checkpoint === undefined)
    return rest.length === facts.length ? facts : [...rest, ...facts.filter(({ type }) => type === 'scope-covered')];
  if (checkpoint === last?.checkpoint && rest.length === facts.length) return facts;
  return [...rest, { ...covered(slice, inventory), checkpoint }];
}

function withCoverage(
  facts: readonly CmdbFact[],
  { slice, inventory }: { readonly slice: SourceSlice; readonly inventory: Inventory },
): readonly CmdbFact[] {
  return facts.some(({ type }) => type === 'scope-covered') ? facts : [...facts, covered(slice, inventory)];
}

function covered(slice: SourceSlice, { observedAt, contract, role = 'observed', coverage }: Inventory): ScopeCovered {
  return { type: 'scope-covered', slice, validFrom: observedAt, contract, role, coverage };
}

/** The guard stops again at each reading: saying so once is enough. */
function withoutSameCoverage(facts: readonly CmdbFact[], last: ScopeCovered | undefined): readonly CmdbFact[] {
  const isSame = (fact: CmdbFact) =>
    fact.type === 'scope-covered' && last && JSON.stringify(fact.coverage) === JSON.stringify(last.coverage);
  return facts.filter((fact) => !isSame(fact));
}
