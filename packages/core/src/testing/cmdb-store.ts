import { describe, expect, test } from 'vitest';
import type { CmdbFact, SourceSlice } from '../ports/cmdb-fact.ts';
import { type CmdbCommit, type CmdbStore, MAX_FACT_BYTES, MAX_FACTS_PER_COMMIT } from '../ports/cmdb-store.ts';
import { testContext } from './call-context.ts';

const START = Date.parse('2026-11-22T12:00:00.000Z');
const SLICE: SourceSlice = { scope: 'kubernetes:production', source: 'kubernetes' };
const DIGEST = 'a'.repeat(64);

/** The contract of every CMDB store. `make` gives an empty one. */
export function describeCmdbStore(name: string, make: () => CmdbStore | Promise<CmdbStore>): void {
  describe(`${name} is a CMDB store`, () => {
    test('commits come back as they were appended, numbered from 1 without gaps', async () => {
      const store = await make();
      const appended = [[asserted('a'), covered()], [asserted('ü 💥 \u0000 \ud800')], [related('a', 'b')], [retracted('a')]];
      for (const facts of appended) await store.append(facts, testContext(START));
      const commits = await collect(store.load(testContext()));
      expect(commits.map((commit) => commit.sequence)).toEqual([1, 2, 3, 4]);
      expect(commits.map((commit) => commit.facts)).toEqual(appended);
      expect(await store.latest(testContext())).toBe(4);
    });

    test('an empty store is empty', async () => {
      const store = await make();
      expect(await collect(store.load(testContext()))).toEqual([]);
      expect(await store.latest(testContext())).toBe(0);
    });

    test('the receipt says when it was recorded, and recorded time never goes back when the clock does', async () => {
      const store = await make();
      const first = await store.append([asserted('a')], testContext(START));
      const second = await store.append([asserted('b')], testContext(START - 3_600_000));
      expect(first).toEqual({ sequence: 1, recordedAt: '2026-11-22T12:00:00.000Z' });
      expect(second).toEqual({ sequence: 2, recordedAt: first.recordedAt });
    });

    test('since gives what came after a commit, and ends', async () => {
      const store = await make();
      for (const id of ['a', 'b', 'c']) await store.append([asserted(id)], testContext());
      expect((await collect(store.since(2, testContext()))).map((commit) => commit.facts)).toEqual([[asserted('c')]]);
      expect(await collect(store.since(3, testContext()))).toEqual([]);
    });

    test('since with a filter gives the matching facts, and leaves out commits without any', async () => {
      const store = await make();
      const other = { scope: 'backstage:catalog', source: 'backstage' };
      await store.append([asserted('a'), asserted('a', other)], testContext());
      await store.append([covered()], testContext());
      await store.append([related('b', 'a')], testContext());
      const factsOf = async (filter: Parameters<CmdbStore['since']>[2]) =>
        (await collect(store.since(0, testContext(), filter))).map(({ sequence, facts }) => [sequence, ...facts]);
      expect(await factsOf({ scopes: [other.scope] })).toEqual([[1, asserted('a', other)]]);
      expect(await factsOf({ items: ['a'], types: ['relation-asserted'] })).toEqual([[3, related('b', 'a')]]);
      expect(await factsOf({ sources: ['nobody'] })).toEqual([]);
    });

    test('a writer that missed a commit is told so and writes nothing', async () => {
      const store = await make();
      await store.append([asserted('a')], testContext(), { expectSequence: 0 });
      await expect(store.append([asserted('b')], testContext(), { expectSequence: 0 })).rejects.toMatchObject({ code: 'CONFLICT' });
      expect((await collect(store.load(testContext()))).length).toBe(1);
    });

    test('many writers at once lose nothing, and each is told its own sequence', async () => {
      const store = await make();
      const ids = Array.from({ length: 64 }, (_, index) => `item-${index}`);
      const receipts = await Promise.all(ids.map((id) => store.append([asserted(id)], testContext())));
      const commits = await collect(store.load(testContext()));
      const bySequence = new Map(commits.map((commit) => [commit.sequence, commit.facts]));
      expect(commits.length).toBe(64);
      for (const [index, receipt] of receipts.entries()) expect(bySequence.get(receipt.sequence)).toEqual([asserted(ids[index] as string)]);
    });

    test('of several writers that expect the same sequence exactly one wins', async () => {
      const store = await make();
      const tries = await Promise.allSettled(
        ['a', 'b', 'c'].map((id) => store.append([asserted(id)], testContext(), { expectSequence: 0 })),
      );
      expect(tries.filter((outcome) => outcome.status === 'fulfilled').length).toBe(1);
      expect(await store.latest(testContext())).toBe(1);
    });

    test('no facts, too many and too large ones are refused, and nothing of them is written', async () => {
      const store = await make();
      const huge = asserted('huge', SLICE, { text: 'x'.repeat(MAX_FACT_BYTES) });
      const many = Array.from({ length: MAX_FACTS_PER_COMMIT + 1 }, () => covered());
      for (const facts of [[], [asserted('a'), huge], many])
        await expect(store.append(facts, testContext())).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      expect(await store.latest(testContext())).toBe(0);
    });

    test('waiting ends with the commit that comes, at once where it is there, and without one when nobody waits any more', async () => {
      const store = await make();
      const waiting = store.wait(0, testContext());
      await store.append([asserted('a')], testContext());
      expect(await waiting).toBe(1);
      expect(await store.wait(0, testContext())).toBe(1);
      const abort = new AbortController();
      const aborted = store.wait(1, { signal: abort.signal, now: () => START });
      abort.abort();
      expect(await aborted).toBe(1);
    });

    test('compaction gives up what was overruled before the bound, and never what holds at or after it', async () => {
      const store = await make();
      const at = (minute: number) => new Date(START + minute * 60_000).toISOString();
      const version = (id: string, minute: number) => ({ ...asserted(id, SLICE, { minute }), validFrom: at(minute) }) as CmdbFact;
      const append = (minute: number, ...facts: CmdbFact[]) => store.append(facts, testContext(START + minute * 60_000));
      await append(1, version('a', 1), version('only', 1));
      await append(2, version('a', 2), version('late', 2));
      await append(3, version('late', 1));
      await append(9, version('a', 9));
      const report = await store.compact({ before: at(5) }, testContext());
      const left = (await collect(store.load(testContext()))).flatMap(({ facts, sequence }) => facts.map((fact) => [sequence, fact]));
      expect(left).toEqual([
        [1, version('only', 1)],
        [2, version('a', 2)],
        [2, version('late', 2)],
        [4, version('a', 9)],
      ]);
      expect(report).toEqual({ removed: 2, kept: 4 });
      expect((await append(10, version('b', 10))).sequence).toBe(5);
    });

    test('a snapshot of the graph comes back byte for byte, and the newest one counts', async () => {
      const { snapshots } = await make();
      if (!snapshots) return;
      expect(await snapshots.read(testContext())).toBeUndefined();
      for (const sequence of [1, 2]) {
        const blocks = [
          { name: 'empty', bytes: new Uint8Array(0) },
          { name: 'numbers', bytes: new Uint8Array(new Float64Array([sequence, Number.NaN]).buffer) },
        ];
        await snapshots.write({ sequence, layout: 'test/1', blocks }, testContext());
        expect(await snapshots.read(testContext())).toMatchObject({ sequence, layout: 'test/1' });
        const read = (await snapshots.read(testContext()))?.blocks ?? [];
        expect(read.map(({ name, bytes }) => [name, [...bytes]])).toEqual(blocks.map(({ name, bytes }) => [name, [...bytes]]));
      }
    });
  });
}

function asserted(id: string, slice = SLICE, columns: Readonly<Record<string, string | number>> = {}): CmdbFact {
  const observedAt = '2026-11-22T12:00:00.000Z';
  const sources = [{ name: slice.source, observedAt }];
  const item = { id, kind: 'Deployment', name: id, scope: 'production', columns, digest: DIGEST, identifiers: [], sources, observedAt };
  return { type: 'item-asserted', slice, validFrom: observedAt, item };
}

function retracted(item: string): CmdbFact {
  return { type: 'item-retracted', slice: SLICE, validFrom: '2026-11-22T12:30:00.000Z', item };
}

function related(from: string, to: string): CmdbFact {
  const relation = { from, to, type: 'dependsOn' as const, confidence: 0.5, properties: { port: 8080 }, source: SLICE.source };
  return { type: 'relation-asserted', slice: SLICE, validFrom: '2026-11-22T12:00:00.000Z', relation };
}

function covered(): CmdbFact {
  const coverage = [{ kind: 'Deployment', state: 'complete' as const }];
  return {
    type: 'scope-covered',
    slice: SLICE,
    validFrom: '2026-11-22T12:00:00.000Z',
    contract: 'snapshot',
    role: 'observed',
    coverage,
  };
}

async function collect(commits: AsyncIterable<CmdbCommit>): Promise<CmdbCommit[]> {
  const all: CmdbCommit[] = [];
  for await (const commit of commits) all.push(commit);
  return all;
}
