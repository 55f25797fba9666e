import type { CallContext, CmdbCommit, CmdbStore } from '@tier0/core';
import { describe, expect, test } from 'vitest';
import { createChangeFeed } from '../stores/feed.ts';
import { createMemoryFeedCursor } from '../stores/feed-cursor.ts';
import { crashFacts } from './crash-facts.ts';
import { START } from './fact-maker.ts';

/** What the change feed promises on every store. `make` gives an empty one. */
export function describeChangeFeed(name: string, make: () => CmdbStore): void {
  describe(`the change feed on ${name}`, () => {
    test('a consumer that dies at any commit and resumes has seen every commit, in order, and only its last ones twice', async () => {
      const store = make();
      const context = contextOf();
      const total = 40;
      for (let seed = 1; seed <= total; seed++) await store.append(crashFacts(seed), context);
      const cursor = createMemoryFeedCursor();
      const seen: CmdbCommit[] = [];
      for (let deaths = 0; seen.at(-1)?.sequence !== total; deaths++) {
        const read = createChangeFeed({ store, cursor, keepEvery: 3 }).read(context);
        const before = seen.length;
        const consume = async () => {
          for await (const commit of read) {
            seen.push(commit);
            if (seen.length === before + 7 || commit.sequence === total) throw new Error('died');
          }
        };
        await expect(consume()).rejects.toThrow('died');
        // The commit at which it died was not done.
        expect(await cursor.read()).toBe((seen.at(-1)?.sequence ?? 0) - 1);
        expect(deaths).toBeLessThan(total);
      }
      const first = new Map<number, CmdbCommit>();
      for (const commit of seen) if (!first.has(commit.sequence)) first.set(commit.sequence, commit);
      expect([...first.keys()]).toEqual(Array.from({ length: total }, (_, index) => index + 1));
      expect([...first.values()].map(({ facts }) => facts)).toEqual([...first.keys()].map(crashFacts));
      expect(seen.length).toBeGreaterThan(total);
    });

    test('it waits for what comes, gives what the filter asks for, and its cursor passes what the filter leaves out', async () => {
      const store = make();
      const abort = new AbortController();
      const context = contextOf(abort.signal);
      const cursor = createMemoryFeedCursor();
      const kept: number[] = [];
      const counting = { read: cursor.read, write: (sequence: number) => cursor.write(sequence).then(() => void kept.push(sequence)) };
      const fact = (scope: string) =>
        ({ type: 'item-retracted', slice: { scope, source: 'test' }, validFrom: at(0), item: scope }) as const;
      await store.append([fact('other')], context);
      const feed = createChangeFeed({ store, cursor: counting, filter: { scopes: ['mine'] } });
      const seen: number[] = [];
      const consumer = (async () => {
        for await (const { sequence, facts } of feed.read(context)) {
          expect(facts).toEqual([fact('mine')]);
          seen.push(sequence);
          if (sequence === 4) abort.abort();
        }
      })();
      await store.append([fact('mine'), fact('other')], context);
      await store.append([fact('other')], context);
      await store.append([fact('mine')], context);
      await consumer;
      expect(seen).toEqual([2, 4]);
      expect(kept.at(-1)).toBe(4);
      expect([...kept].sort((a, b) => a - b)).toEqual(kept);
    });

    test('a slow consumer makes the store read no further than a page ahead', async () => {
      const store = make();
      const context = contextOf();
      for (let seed = 1; seed <= 3; seed++) await store.append(crashFacts(seed), context);
      let pulled = 0;
      const watched: CmdbStore = {
        ...store,
        async *since(...request) {
          for await (const commit of store.since(...request)) {
            pulled++;
            yield commit;
          }
        },
      };
      for await (const { sequence } of createChangeFeed({ store: watched }).read(context)) {
        await new Promise(setImmediate);
        expect(pulled).toBe(sequence);
        if (sequence === 3) break;
      }
    });

    test('a cursor beyond the end of the record is told, not waited for', async () => {
      const store = make();
      await store.append(crashFacts(1), contextOf());
      const reading = createChangeFeed({ store, cursor: 2 }).read(contextOf())[Symbol.asyncIterator]().next();
      await expect(reading).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('ends with 1') });
    });
  });
}

function contextOf(signal = new AbortController().signal): CallContext {
  return { signal, now: () => START };
}

function at(second: number): string {
  return new Date(START + second * 1000).toISOString();
}
