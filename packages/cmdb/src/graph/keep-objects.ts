import type { CallContext, CmdbFact, Inventory, ObjectStore, SourceSlice } from '@tier0/core';
import { NONE } from './engine/versions.ts';
import { newestMoment, type World } from './world.ts';

export interface ObjectsInput {
  readonly world: World;
  readonly slice: SourceSlice;
  readonly inventory: Inventory;
  /** What was recorded of the inventory. */
  readonly facts: readonly CmdbFact[];
  readonly objects?: ObjectStore | undefined;
}

/** Puts the raw objects of an inventory beside the rows that were recorded with them, and the changed ones into the object store. */
export async function keepObjects(input: ObjectsInput, context: CallContext): Promise<void> {
  const { world, inventory, facts, objects } = input;
  attachObjects(input);
  if (!objects) return;
  const changed = new Map<string, unknown>();
  for (const fact of facts) {
    if (fact.type === 'item-asserted' && inventory.objects.has(fact.item.id))
      changed.set(fact.item.id, inventory.objects.get(fact.item.id));
  }
  const moment = newestMoment(world);
  const gone = facts.flatMap((fact) => (fact.type === 'item-retracted' && !moment.hasItem(moment.node(fact.item)) ? [fact.item] : []));
  if (changed.size > 0) await objects.put(changed, context);
  if (gone.length > 0) await objects.remove(gone, context);
}

function attachObjects({ world, slice, inventory }: ObjectsInput): void {
  const { items, ids, slices } = world.graph;
  const { versions } = items;
  const number = slices.number(slice);
  const validAt = Date.parse(inventory.observedAt);
  for (const [id, object] of inventory.objects) {
    const node = ids.find(id);
    const key = node === -1 ? NONE : items.find(node, number);
    const row = key === NONE ? NONE : versions.holding(key, validAt, versions.size);
    if (row === NONE) continue;
    const overruled = versions.next(row);
    if (overruled !== NONE && world.objects.get(row) === undefined) world.objects.overrule(overruled);
    world.objects.set(row, object);
  }
}
