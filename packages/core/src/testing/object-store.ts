import { describe, expect, test } from 'vitest';
import type { ObjectStore } from '../ports/object-store.ts';
import { testContext } from './call-context.ts';

/** The contract of every object store. `make` gives an empty one. */
export function describeObjectStore(name: string, make: () => ObjectStore | Promise<ObjectStore>): void {
  describe(`${name} is an object store`, () => {
    test('an object comes back as it was put, and the newest one counts', async () => {
      const store = await make();
      await store.put(new Map([['item', { version: 1 }]]), testContext());
      await store.put(new Map([['item', { version: 2, nested: ['ü'] }]]), testContext());
      expect(await store.get('item', testContext())).toEqual({ version: 2, nested: ['ü'] });
    });

    test('what was removed or never put is not there', async () => {
      const store = await make();
      await store.put(new Map([['item', {}]]), testContext());
      await store.remove(['item', 'never-put'], testContext());
      expect(await store.get('item', testContext())).toBeUndefined();
      expect(await store.get('never-put', testContext())).toBeUndefined();
    });
  });
}
