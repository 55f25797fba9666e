import { describe, expect, test } from 'vitest';
import type { CmdbRecord, CmdbStore } from '../ports/cmdb-store.ts';
import type { Inventory } from '../ports/inventory-source.ts';
import { testContext } from './call-context.ts';

/** The contract of every CMDB store. `make` gives an empty one. */
export function describeCmdbStore(name: string, make: () => CmdbStore | Promise<CmdbStore>): void {
  describe(`${name} is a CMDB store`, () => {
    test('records come back in the order they were appended, numbered from 1 without gaps', async () => {
      const store = await make();
      for (const scope of ['a', 'b', 'c']) await store.append(emptyInventory(scope), testContext());
      const records = await collect(store.load(testContext()));
      expect(records.map((record) => [record.sequence, record.inventory.scope])).toEqual([
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ]);
    });

    test('since gives what came after a record, and ends', async () => {
      const store = await make();
      for (const scope of ['a', 'b', 'c']) await store.append(emptyInventory(scope), testContext());
      const records = await collect(store.since(2, testContext()));
      expect(records.map((record) => record.inventory.scope)).toEqual(['c']);
    });

    test('the record says when it was recorded', async () => {
      const record = await (await make()).append(emptyInventory('a'), testContext(1000));
      expect(record.recordedAt).toBe('1970-01-01T00:00:01.000Z');
    });
  });
}

function emptyInventory(scope: string): Inventory {
  const observedAt = '2026-11-22T12:00:00.000Z';
  return { scope, contract: 'snapshot', items: [], relations: [], objects: new Map(), coverage: [], changes: [], observedAt };
}

async function collect(records: AsyncIterable<CmdbRecord>): Promise<CmdbRecord[]> {
  const all: CmdbRecord[] = [];
  for await (const record of records) all.push(record);
  return all;
}
