import type { ConfigurationItem, Inventory } from '@tier0/core';
import { CATALOG_KINDS, catalogRelations } from '../relations/catalog.ts';
import type { Moment } from './engine/moment.ts';
import { listItems } from './lookup.ts';
import { newestMoment, type World } from './world.ts';

const SCOPE = 'catalog';

/**
 * The relations that join items of several sources, as one more inventory: derived from what all sources say now. Undefined where there
 * are none and never were.
 */
export function catalogInventory(world: World): Inventory | undefined {
  if (world.graph.newestMs === Number.NEGATIVE_INFINITY) return undefined;
  const moment: Moment = newestMoment(world);
  const items = CATALOG_KINDS.flatMap((kind): readonly ConfigurationItem[] => listItems(moment, { kind }).items);
  const relations = catalogRelations(items);
  if (relations.length === 0 && !world.graph.slices.slices.some(({ slice }) => slice.scope === SCOPE)) return undefined;
  const observedAt = new Date(moment.validAt).toISOString();
  return { scope: SCOPE, contract: 'snapshot', items: [], relations, objects: new Map(), coverage: [], changes: [], observedAt };
}
