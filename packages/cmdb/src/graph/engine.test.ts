import type { CmdbReader } from '@tier0/core';
import { describe, expect, test } from 'vitest';
import { idsOf, makeCommits, SLICES, START, seededRandom, TYPES } from '../testing/fact-maker.ts';
import { oracleAt, oracleReach } from '../testing/fact-oracle.ts';
import { FactGraph } from './engine/fact-graph.ts';
import { Moment } from './engine/moment.ts';
import { TextTable } from './engine/text-table.ts';
import { fromSnapshot, toSnapshot } from './graph-snapshot.ts';
import { createReader } from './reader.ts';
import { newestMoment, ObjectVersions, type World } from './world.ts';

type Commits = ReturnType<typeof makeCommits>;

function worldOf(graph: FactGraph): World {
  return { graph, objects: new ObjectVersions(10), trust: (slice) => slice };
}

function readerAt(graph: FactGraph, validMs: number, recordedMs: number): CmdbReader {
  const world = worldOf(graph);
  const known = graph.commits.knownAt(recordedMs);
  return createReader(world, new Moment(graph, { validAt: validMs, ...known }));
}

/** Everything a reader says about some items agrees with the oracle's reading of the same facts. */
function compare(
  reader: CmdbReader,
  commits: Commits,
  asked: { readonly validMs: number; readonly recordedMs: number },
  random: () => number,
): number {
  const oracle = oracleAt(commits, asked.validMs, asked.recordedMs);
  const ids = idsOf(40);
  for (const id of ids) {
    const facts = reader.facts(id);
    expect(new Map(facts.map((fact) => [fact.slice.source, fact.item.digest])), `${id} at ${reader.at}`).toEqual(
      oracle.items.get(id) ?? new Map(),
    );
    const out = oracle.graph.hasNode(id) ? oracle.graph.mapOutEdges(id, (_, { type }, __, to) => `${type} ${to}`) : [];
    expect(reader.relations(id, 'out').map(({ type, to }) => `${type} ${to}`)).toEqual([...new Set(out)].sort());
  }
  let reached = 0;
  for (const direction of ['downstream', 'upstream'] as const) {
    for (const hops of [1, 3, Number.POSITIVE_INFINITY]) {
      const types = random() < 0.5 ? undefined : TYPES.filter(() => random() < 0.6);
      const start = ids[Math.floor(random() ** 3 * ids.length)] as string;
      const expected = oracleReach(oracle, start, { direction, hops, types });
      const reach = reader.reach(start, { direction, hops, relationTypes: types });
      expect([...reach.ids()].sort(), `${direction} of ${start}, ${hops} hops, at ${reader.at}`).toEqual([...expected.keys()].sort());
      const impact = reader.impact(start, { direction, hops, relationTypes: types, limit: 1e6 });
      expect(new Map(impact.items.map((item) => [item.item, item.distance]))).toEqual(expected);
      reached += expected.size;
    }
  }
  return reached;
}

describe('the graph agrees with graphology and the plain rule of facts', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('seed %i: now, in the past, as it was known then, merged, reopened', async (seed) => {
    const random = seededRandom(seed);
    const commits = makeCommits({ random, ids: idsOf(40), commits: 60, factsPerCommit: 14 });
    const last = START + 60 * 10_000;
    let graph = new FactGraph();
    const kept: { readonly reader: CmdbReader; readonly asked: { validMs: number; recordedMs: number } }[] = [];
    let reached = 0;
    for (const [index, commit] of commits.entries()) {
      graph.apply(commit);
      const what = random();
      if (what < 0.15) await graph.merge();
      else if (what < 0.25) graph = fromSnapshot(toSnapshot(graph));
      if (index % 12 === 5) {
        const asked = { validMs: START + index * 10_000, recordedMs: Date.parse(commit.recordedAt) };
        kept.push({ reader: readerAt(graph, asked.validMs, asked.recordedMs), asked });
      }
      if (index % 6 !== 0) continue;
      const recordedMs = Date.parse(commit.recordedAt);
      const moments = [recordedMs, START + random() * index * 10_000, last, START - 1000];
      for (const validMs of moments) {
        for (const knownMs of [recordedMs, START + random() * index * 10_000]) {
          const reader = readerAt(graph, Math.floor(validMs), Math.floor(knownMs));
          reached += compare(
            reader,
            commits.slice(0, index + 1),
            { validMs: Math.floor(validMs), recordedMs: Math.floor(knownMs) },
            random,
          );
        }
      }
    }
    // Readers that were handed out earlier still answer as they did, whatever was written and merged since.
    for (const { reader, asked } of kept) reached += compare(reader, commits, asked, random);
    expect(reached).toBeGreaterThan(1000);
  });
});

test('within the second in which a relation begins or ends, the millisecond decides, merged or not', async () => {
  const at = (ms: number) => new Date(Date.parse('2026-11-22T12:00:00.000Z') + ms).toISOString();
  const [slice] = SLICES as readonly [(typeof SLICES)[0], ...unknown[]];
  const ended = { from: 'a:1', type: 'dependsOn', to: 'a:2' } as const;
  const lasting = { from: 'a:3', type: 'dependsOn', to: 'a:2' } as const;
  const beside = { confidence: 1, properties: {}, source: slice.source };
  const graph = new FactGraph();
  graph.apply({
    sequence: 1,
    recordedAt: at(60_000),
    facts: [
      { type: 'relation-asserted', slice, validFrom: at(10_500), relation: { ...ended, ...beside } },
      { type: 'relation-retracted', slice, validFrom: at(20_500), relation: ended },
      { type: 'relation-asserted', slice, validFrom: at(15_500), relation: { ...lasting, ...beside } },
    ],
  });
  const expected = [
    [9_999, ''],
    [10_499, ''],
    [10_500, 'a:1'],
    [15_499, 'a:1'],
    [15_500, 'a:1 a:3'],
    [20_499, 'a:1 a:3'],
    [20_500, 'a:3'],
    [21_000, 'a:3'],
    [60_000, 'a:3'],
  ] as const;
  for (const one of [graph, fromSnapshot(toSnapshot(graph))]) {
    for (const isMerged of [false, true]) {
      if (isMerged) await one.merge();
      for (const [ms, ids] of expected) {
        const reader = readerAt(one, Date.parse(at(ms)), Number.MAX_SAFE_INTEGER);
        expect([...reader.reach('a:2').ids()].sort().join(' '), `${ms} ms, ${isMerged ? 'merged' : 'fresh'}`).toBe(ids);
      }
    }
  }
});

test('readers keep their moment while a merge is under way and writers go on', async () => {
  const random = seededRandom(99);
  const ids = idsOf(40);
  const commits = makeCommits({ random, ids, commits: 200, factsPerCommit: 40 });
  const graph = new FactGraph();
  for (const commit of commits.slice(0, 150)) graph.apply(commit);
  const before = createReader(worldOf(graph), newestMoment(worldOf(graph)));
  const answer = ids.map((id) => [...before.reach(id).ids()]);
  const merging = graph.merge();
  for (const commit of commits.slice(150)) {
    graph.apply(commit);
    await Promise.resolve();
  }
  await merging;
  expect(ids.map((id) => [...before.reach(id).ids()])).toEqual(answer);
  const after = newestMoment(worldOf(graph));
  compare(createReader(worldOf(graph), after), commits, { validMs: after.validAt, recordedMs: Number.POSITIVE_INFINITY }, random);
});

test('a snapshot stays as it was taken, whatever the graph takes in while it is written', async () => {
  for (const seed of [3, 4, 5]) {
    const random = seededRandom(seed);
    const ids = idsOf(200);
    const commits = makeCommits({ random, ids, commits: 60, factsPerCommit: 20 });
    const graph = new FactGraph();
    for (const commit of commits.slice(0, 30)) graph.apply(commit);
    const taken = toSnapshot(graph).blocks;
    const copies = taken.map((block) => Buffer.from(block.bytes));
    for (const commit of commits.slice(30)) graph.apply(commit);
    await graph.merge();
    expect(taken.filter((block, index) => !copies[index]?.equals(block.bytes)).map((block) => block.name)).toEqual([]);
  }
});

test('a fork may go its own way: neither sees what the other takes in', () => {
  const random = seededRandom(7);
  const commits = makeCommits({ random, ids: idsOf(40), commits: 40, factsPerCommit: 20 });
  const graph = new FactGraph();
  for (const commit of commits.slice(0, 20)) graph.apply(commit);
  const fork = graph.fork();
  const other = makeCommits({ random, ids: idsOf(40), commits: 20, factsPerCommit: 20 }).map((commit) => ({
    ...commit,
    sequence: commit.sequence + 20,
    recordedAt: new Date(Date.parse(commit.recordedAt) + 200_000).toISOString(),
  }));
  for (let index = 0; index < 20; index++) {
    graph.apply(commits[20 + index] as Commits[number]);
    fork.apply(other[index] as Commits[number]);
  }
  const asked = { validMs: START + 500_000, recordedMs: Number.MAX_SAFE_INTEGER };
  compare(readerAt(graph, asked.validMs, asked.recordedMs), commits, asked, random);
  compare(readerAt(fork, asked.validMs, asked.recordedMs), [...commits.slice(0, 20), ...other], asked, random);
});

test('any JavaScript string is kept exactly and found again', () => {
  const random = seededRandom(3);
  const table = new TextTable();
  const texts = Array.from({ length: 5000 }, (_, index) =>
    String.fromCharCode(...Array.from({ length: Math.floor(random() * 12) }, () => Math.floor(random() ** 4 * 0x10000)), index % 256),
  );
  const numbers = texts.map((text) => table.intern(text));
  const reopened = TextTable.from(table.blocks());
  for (const [index, text] of texts.entries()) {
    expect(table.text(numbers[index] as number)).toBe(text);
    expect(reopened.find(text)).toBe(numbers[index]);
  }
  expect(new Set(numbers).size).toBe(new Set(texts).size);
  expect(table.find('never interned')).toBe(-1);
});

test('items come back as they were stated, whatever is in their columns', () => {
  const graph = new FactGraph();
  const at = '2026-11-22T12:00:00.123Z';
  const columns = {
    '': '',
    __proto__x: 1,
    big: 2 ** 60,
    minus: -0.5,
    yes: true,
    no: false,
    long: 'ü💥\ud800'.repeat(200),
    zero: 0,
    tiny: 5e-324,
  };
  const item = {
    id: 'x:\ud800/💥',
    kind: 'Käse',
    name: 'other name',
    scope: '',
    columns,
    digest: 'ab'.repeat(32),
    identifiers: [{ scheme: 'uid', value: '日本' }],
    sources: [
      { name: 'first', observedAt: at },
      { name: 'second', observedAt: '2020-01-01T00:00:00.000Z' },
    ],
    observedAt: '2026-11-22T11:59:59.999Z',
  };
  graph.apply({
    sequence: 1,
    recordedAt: at,
    facts: [{ type: 'item-asserted', slice: SLICES[0] as (typeof SLICES)[0], validFrom: at, item }],
  });
  const reopened = fromSnapshot(toSnapshot(graph));
  for (const one of [graph, reopened]) {
    const reader = createReader(worldOf(one), newestMoment(worldOf(one)));
    expect(reader.get(item.id)).toEqual({ state: 'found', item });
  }
});
