import { type Cmdb, type CmdbFact, type ColumnValue, digestOf, type JsonValue, type RelationType, type SourceRole } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { createCmdb } from './cmdb.ts';

const START = Date.parse('2026-11-22T12:00:00.000Z');
const CLUSTER = { scope: 'kubernetes:p', source: 'kubernetes' };
const GIT = { scope: 'git:p', source: 'git' };
const at = (minute: number) => new Date(START + minute * 60_000).toISOString();
const idOf = (name: string) => `kubernetes:p/shop/Deployment/${name}`;

function item(name: string, columns: Readonly<Record<string, ColumnValue>> = {}, slice = CLUSTER, minute = 0): CmdbFact {
  const observedAt = at(minute);
  const sources = [{ name: slice.source, observedAt }];
  const stated = {
    id: idOf(name),
    kind: 'Deployment',
    name,
    scope: 'p/shop',
    columns,
    digest: digestOf([name, columns]),
    identifiers: [],
    sources,
    observedAt,
  };
  return { type: 'item-asserted', slice, validFrom: observedAt, item: stated };
}

function relation(
  from: string,
  type: RelationType,
  to: string,
  properties: Readonly<Record<string, JsonValue>> = {},
  confidence = 1,
): CmdbFact {
  const stated = { from: idOf(from), type, to: idOf(to), confidence, properties, source: 'kubernetes' };
  return { type: 'relation-asserted', slice: CLUSTER, validFrom: at(0), relation: stated };
}

function covered(slice = CLUSTER, role: SourceRole = 'observed', minute = 0, state: 'complete' | 'failed' = 'complete'): CmdbFact {
  return { type: 'scope-covered', slice, validFrom: at(minute), contract: 'snapshot', role, coverage: [{ kind: '*', state }] };
}

async function cmdbOf(...facts: readonly CmdbFact[]): Promise<Cmdb> {
  const cmdb = createCmdb({ sources: [] });
  await cmdb.record(facts, testContext(START + 60_000));
  return cmdb;
}

const redundant = { group: 'databases', minAvailable: 2 };

test('an item with redundancy fails only when too few of a group remain, and says why', async () => {
  const names = ['web', 'page', 'db-1', 'db-2', 'db-3'];
  const group = ['db-1', 'db-2', 'db-3'].map((db) => relation('web', 'dependsOn', db, redundant));
  const cmdb = await cmdbOf(
    ...names.map((name) => item(name, name === 'page' ? { criticality: 'high' } : {})),
    ...group,
    relation('page', 'dependsOn', 'web', {}, 0.5),
    covered(),
  );
  const reader = cmdb.reader();
  expect(reader.impact(idOf('db-1')).items.map((found) => found.item)).toEqual([idOf('web'), idOf('page')]);
  expect(reader.impact(idOf('db-1'), { mode: 'redundancy' }).items).toEqual([]);
  const radius = reader.impact(idOf('db-1'), { mode: 'redundancy', alsoFailed: [idOf('db-2')] });
  expect(radius.items.map((found) => found.item)).toEqual([idOf('web'), idOf('page')]);
  expect(radius.items[1]).toMatchObject({
    probability: 0.5,
    criticality: 0.75,
    reason: 'Deployment shop/page dependsOn Deployment shop/web',
  });
  expect(() => reader.impact(idOf('web'), { mode: 'redundancy', direction: 'upstream' })).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT' }),
  );
});

test.each([
  ['50%', 1, 0],
  ['50%', 2, 1],
  ['100%', 1, 1],
  [1, 3, 1],
  [0, 3, 0],
])('with minAvailable %s and %i of three failed, %i item fails', async (minAvailable, failed, expected) => {
  const members = ['a', 'b', 'c'];
  const relations = members.map((member) => relation('web', 'dependsOn', member, { group: 'g', minAvailable }));
  const reader = (await cmdbOf(item('web'), ...members.map((member) => item(member)), ...relations, covered())).reader();
  const [first, ...others] = members.slice(0, failed).map(idOf) as [string, ...string[]];
  expect(reader.impact(first, { mode: 'redundancy', alsoFailed: others }).items.length).toBe(expected);
});

test('health travels along what is needed, with the way it took; a weakened group only degrades', async () => {
  const group = ['db-1', 'db-2'].map((db) => relation('web', 'dependsOn', db, { group: 'databases' }));
  const facts = [
    item('page'),
    item('web', { health: 'Healthy' }),
    item('db-1', { health: 'Missing' }),
    item('db-2', { health: 'Healthy' }),
    item('cache'),
  ];
  const reader = (
    await cmdbOf(...facts, ...group, relation('page', 'dependsOn', 'web'), relation('page', 'dependsOn', 'cache'), covered())
  ).reader();
  expect(reader.health(idOf('web'))).toMatchObject({ state: 'degraded', own: 'healthy', path: [idOf('db-1'), idOf('web')] });
  expect(reader.health(idOf('page')).state).toBe('degraded');
  expect(reader.health(idOf('db-2'))).toEqual({ state: 'healthy', own: 'healthy', reasons: [], path: [], truncated: false });
  const failed = reader.health(idOf('page'), { observed: new Map([[idOf('db-2'), 'failed']]) });
  expect(failed).toMatchObject({ state: 'failed', own: 'unknown', path: [idOf('db-2'), idOf('web'), idOf('page')] });
  expect(failed.reasons).toEqual([
    'Deployment shop/db-2 has failed',
    'Deployment shop/web dependsOn Deployment shop/db-2',
    'Deployment shop/page dependsOn Deployment shop/web',
  ]);
  expect(reader.health(idOf('cache')).state).toBe('unknown');
});

test('drift is what was declared and is not so; what could not be read is none', async () => {
  const declared = [item('same', { image: 'a:1' }, GIT), item('older', { image: 'b:2' }, GIT), item('gone', {}, GIT)];
  const observed = [item('same', { image: 'a:1', phase: 'x' }), item('older', { image: 'b:1' }), item('by-hand')];
  // Git speaks about the cluster's objects too: it stated one of them.
  const cmdb = await cmdbOf(...declared, ...observed, covered(), covered(GIT, 'declared'));
  expect(cmdb.reader().drift()).toEqual([
    { item: idOf('by-hand'), state: 'unmanaged', columns: [], observedBy: CLUSTER },
    { item: idOf('gone'), state: 'missing', columns: [], declaredBy: GIT },
    {
      item: idOf('older'),
      state: 'differs',
      columns: [{ column: 'image', declared: 'b:2', observed: 'b:1' }],
      declaredBy: GIT,
      observedBy: CLUSTER,
    },
  ]);
  await cmdb.record([covered(CLUSTER, 'observed', 1, 'failed'), covered(GIT, 'declared', 1, 'failed')], testContext(START + 120_000));
  expect(
    cmdb
      .reader()
      .drift()
      .map((drift) => drift.item),
  ).toEqual([idOf('older')]);
});

test('a late fact takes its place in the past, and what was known before it stays as it was known', async () => {
  const cmdb = await cmdbOf(item('web', { image: 'v1' }, CLUSTER, 0), item('web', { image: 'v3' }, CLUSTER, 1), covered());
  const before = cmdb.reader();
  await cmdb.record([item('web', { image: 'v2' }, CLUSTER, 0.5)], testContext(START + 600_000));
  const image = (validAt: string, recordedAt?: string) => {
    const found = cmdb.reader().asOf(validAt, recordedAt).get(idOf('web'));
    return found.state === 'found' ? found.item.columns.image : found.state;
  };
  expect([image(at(0)), image(at(0.7)), image(at(1))]).toEqual(['v1', 'v2', 'v3']);
  expect(image(at(0.7), at(5))).toBe('v1');
  expect(before.asOf(at(0.7)).get(idOf('web'))).toMatchObject({ item: { columns: { image: 'v1' } } });
  expect(image(at(0.7), at(0))).not.toBe('v1');
  expect(cmdb.reader().facts(idOf('web'))[0]).toMatchObject({ validFrom: at(1), recordedAt: at(1), slice: CLUSTER });
});

test('the difference of two moments names items and relations, and can be kept to a scope', async () => {
  const cmdb = await cmdbOf(item('web'), item('db'), relation('web', 'dependsOn', 'db'), covered());
  const key = { from: idOf('web'), type: 'dependsOn' as const, to: idOf('db') };
  await cmdb.record(
    [
      item('new', {}, CLUSTER, 5),
      item('web', { image: 'v2' }, CLUSTER, 5),
      { type: 'item-retracted', slice: CLUSTER, validFrom: at(5), item: idOf('db') },
      { type: 'relation-retracted', slice: CLUSTER, validFrom: at(5), relation: key },
    ],
    testContext(START + 600_000),
  );
  const reader = cmdb.reader();
  const diff = { added: [idOf('new')], removed: [idOf('db')], changed: [idOf('web')], relations: { added: [], removed: [key] } };
  expect(reader.diff(reader.asOf(at(1)))).toEqual(diff);
  expect(reader.diff(reader.asOf(at(1)), 'p')).toEqual(diff);
  expect(reader.diff(reader.asOf(at(1)), 'p/sho')).toEqual({ added: [], removed: [], changed: [], relations: { added: [], removed: [] } });
});

test('ownership prefers own relations to the namespace, the repository and the cluster, and a loop of owners ends', async () => {
  const team = (name: string) => `backstage:group:default/${name}`;
  const shared = (kind: string, scope: string, label: string): CmdbFact => {
    const fact = item(kind, { 'label:team': label }) as Extract<CmdbFact, { type: 'item-asserted' }>;
    return { ...fact, item: { ...fact.item, id: `kubernetes:p/-/${kind}/${scope}`, kind } };
  };
  const owned = (from: string, to: string): CmdbFact => {
    const fact = relation(from, 'ownedBy', to) as Extract<CmdbFact, { type: 'relation-asserted' }>;
    return { ...fact, relation: { ...fact.relation, to: team(to) } };
  };
  const facts = [
    item('web'),
    item('repository'),
    relation('web', 'declaredIn', 'repository'),
    shared('Cluster', 'p', 'platform'),
    covered(),
  ];
  const ownerWith = async (...more: readonly CmdbFact[]) => (await cmdbOf(...facts, ...more)).reader().owner(idOf('web'));
  expect(await ownerWith()).toMatchObject({ team: team('platform'), confidence: 0.3 });
  expect(await ownerWith(owned('repository', 'writers'))).toMatchObject({ team: team('writers'), confidence: 0.5 });
  const namespace = shared('Namespace', 'shop', 'shop');
  expect(await ownerWith(owned('repository', 'writers'), namespace)).toMatchObject({ team: team('shop'), confidence: 0.6 });
  expect(await ownerWith(namespace, owned('web', 'payments'))).toMatchObject({ team: team('payments'), confidence: 1 });
  const loop = await cmdbOf(
    item('a'),
    item('b'),
    relation('a', 'partOf', 'b'),
    relation('b', 'partOf', 'a'),
    relation('a', 'ownedBy', 'a'),
    covered(),
  );
  expect(loop.reader().owner(idOf('b'))).toBeUndefined();
  expect(loop.reader().reach(idOf('a')).size).toBe(1);
});
