import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { LeaseStore } from '../ports/lease-store.ts';
import { testContext } from './call-context.ts';

/** What every `LeaseStore` must do. `make` returns an empty one. */
export function describeLeaseStore(name: string, make: () => Promise<LeaseStore>): void {
  describe(`LeaseStore contract: ${name}`, () => {
    const ask = (holder: string, ttlMs = 60_000) => ({ name: 'a', holder, ttlMs });

    test('one holder at a time; the holder keeps its token', async () => {
      const store = await make();
      const first = await store.acquire(ask('one'), testContext());
      expect(first).toMatchObject({ name: 'a', holder: 'one' });
      expect(await store.acquire(ask('two'), testContext())).toBeUndefined();
      expect(await store.acquire(ask('one'), testContext())).toEqual(first);
    });

    test('given back, it is the next one at once, with a greater token', async () => {
      const store = await make();
      const first = (await store.acquire(ask('one'), testContext()))!;
      await store.release(first, testContext());
      const second = (await store.acquire(ask('two'), testContext()))!;
      expect(second.token).toBeGreaterThan(first.token);
      await store.release(first, testContext());
      expect(await store.acquire(ask('three'), testContext())).toBeUndefined();
    });

    test('run out, it is taken over, and the late one learns that it lost it', async () => {
      const store = await make();
      const first = (await store.acquire(ask('one', 100), testContext()))!;
      await delay(250);
      const second = (await store.acquire(ask('two'), testContext()))!;
      expect(second.token).toBeGreaterThan(first.token);
      expect(await store.renew(first, 60_000, testContext())).toBe(false);
      expect(await store.renew(second, 60_000, testContext())).toBe(true);
    });

    test('of many that ask at once, one has it', async () => {
      const store = await make();
      const asked = await Promise.all(Array.from({ length: 20 }, (_, index) => store.acquire(ask(`h${index}`), testContext())));
      expect(asked.filter(Boolean)).toHaveLength(1);
    });
  });
}
