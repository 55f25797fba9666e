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

    test('every object that is there can be listed, whatever its id', async () => {
      const store = await make();
      const objects = new Map<string, unknown>([
        ['ü/💥', { version: 1 }],
        ['gone', {}],
        ['list', [1, null, 'x']],
      ]);
      await store.put(objects, testContext());
      await store.remove(['gone'], testContext());
      const listed = new Map<string, unknown>();
      for await (const [item, object] of store.entries(testContext())) listed.set(item, object);
      objects.delete('gone');
      expect(listed).toEqual(objects);
    });
  });
}
