import type { ConfigurationItem, Inventory } from '@tier0/core';
import { CATALOG_ENTITY, CATALOG_KINDS, catalogRelations } from '../relations/catalog.ts';
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
  const ofKind = (kind: string) => listItems(moment, { kind }).items;
  // Where there is no catalog, the workloads need not be looked at.
  const hasCatalog = ofKind(CATALOG_ENTITY).length > 0;
  const items = hasCatalog ? CATALOG_KINDS.flatMap((kind): readonly ConfigurationItem[] => ofKind(kind)) : [];
  const relations = catalogRelations(items);
  if (relations.length === 0 && !world.graph.slices.slices.some(({ slice }) => slice.scope === SCOPE)) return undefined;
  const observedAt = new Date(moment.validAt).toISOString();
  return { scope: SCOPE, contract: 'snapshot', items: [], relations, objects: new Map(), coverage: [], changes: [], observedAt };
}
