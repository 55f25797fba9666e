import { describe, expect, test } from 'vitest';
import { ChangeSchema } from '../model/change.ts';
import { ConfigurationItemSchema } from '../model/configuration-item.ts';
import { RelationSchema } from '../model/relation.ts';
import type { InventorySource } from '../ports/inventory-source.ts';
import { testContext } from './call-context.ts';

/** The contract of every inventory source. `make` gives a source that can read at least one item. */
export function describeInventorySource(name: string, make: () => InventorySource | Promise<InventorySource>): void {
  describe(`${name} is an inventory source`, () => {
    test('what it returns is valid', async () => {
      const inventory = await (await make()).discover(testContext());
      expect(inventory.items.length).toBeGreaterThan(0);
      for (const item of inventory.items) expect(ConfigurationItemSchema.parse(item)).toEqual(item);
      for (const relation of inventory.relations) expect(RelationSchema.parse(relation)).toEqual(relation);
      for (const change of inventory.changes) expect(ChangeSchema.parse(change)).toEqual(change);
    });

    test('ids are unique, and each raw object belongs to an item', async () => {
      const inventory = await (await make()).discover(testContext());
      const ids = inventory.items.map((item) => item.id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const id of inventory.objects.keys()) expect(ids).toContain(id);
    });

    test('every kind it returns has coverage', async () => {
      const inventory = await (await make()).discover(testContext());
      const covered = new Set(inventory.coverage.map((row) => row.kind));
      for (const item of inventory.items) expect(covered).toContain(item.kind);
    });

    test('reading twice gives the same answer', async () => {
      const source = await make();
      const first = await source.discover(testContext());
      const second = await source.discover(testContext());
      expect(second).toEqual(first);
    });

    test('a secret value never appears', async () => {
      const inventory = await (await make()).discover(testContext());
      for (const [id, object] of inventory.objects) {
        if (!/\/Secret\//.test(id)) continue;
        const { data = {}, stringData } = object as { data?: Record<string, unknown>; stringData?: unknown };
        // Names of keys may be kept; each stands without its value.
        expect([stringData, ...Object.values(data).filter((value) => value !== null)]).toEqual([undefined]);
      }
    });
  });
}
