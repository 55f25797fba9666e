import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type CmdbFact, type ConfigurationItem, type InventorySource, sha256 } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { afterAll, expect, test } from 'vitest';
import { createSqliteCmdbStore, createSqliteObjectStore } from '../stores/sqlite.ts';
import { createObjectsSource, SHOP_NOW, shopObjects } from '../testing/index.ts';
import { createCmdb } from './cmdb.ts';

const folder = mkdtempSync(join(tmpdir(), 'tier0-bad-input-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const PAYMENT = 'kubernetes:production/shop/Deployment/payment';
const SLICE = { scope: 'kubernetes:production', source: 'feed' };
const NOW = new Date(SHOP_NOW).toISOString();

function itemOf(id: string, columns: ConfigurationItem['columns'] = {}, observedAt = NOW): ConfigurationItem {
  const sources = [{ name: 'feed', observedAt }];
  return { id, kind: 'Deployment', name: 'x', scope: 'production/shop', columns, digest: sha256(id), identifiers: [], sources, observedAt };
}

function asserted(id: string, columns: ConfigurationItem['columns'] = {}, validFrom = NOW): CmdbFact {
  return { type: 'item-asserted', slice: SLICE, validFrom, item: itemOf(id, columns, validFrom) };
}

const source = () => createObjectsSource({ cluster: 'production', objects: () => shopObjects() });

/** A store with the shop in it, closed again. */
async function shopFile(name: string): Promise<string> {
  const file = join(folder, name);
  const store = createSqliteCmdbStore({ file });
  await createCmdb({ sources: [source()], store }).refresh(testContext(SHOP_NOW));
  await store.close?.();
  return file;
}

test('ten megabytes of attributes are refused by name; in an inventory the rest is kept and the item is unknown, not absent', async () => {
  const big = { text: 'x'.repeat(10 * 2 ** 20) };
  const inner = source();
  let isBig = false;
  const wrapped: InventorySource = {
    ...inner,
    async discover(context) {
      const inventory = await inner.discover(context);
      const id = 'kubernetes:production/shop/Deployment/huge';
      return isBig ? { ...inventory, items: [...inventory.items, itemOf(id, big)] } : inventory;
    },
  };
  const cmdb = createCmdb({ sources: [wrapped], store: createSqliteCmdbStore({ file: join(folder, 'big.db') }) });
  await cmdb.refresh(testContext(SHOP_NOW));
  await expect(cmdb.record([asserted('ok'), asserted('huge', big)], testContext(SHOP_NOW))).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('"huge"'),
  });
  expect(cmdb.reader().get('ok').state).not.toBe('found');
  isBig = true;
  const { failures } = await cmdb.refresh(testContext(SHOP_NOW + 1000));
  expect(failures.map(({ message }) => message).join()).toContain('Deployment/huge" is larger than');
  expect(cmdb.reader().get(PAYMENT).state).toBe('found');
  expect(cmdb.reader().get('kubernetes:production/shop/Deployment/huge').state).toBe('unknown');
});

test('a fact that cannot be true is refused, and nothing of its commit is written', async () => {
  const cmdb = createCmdb({ sources: [source()] });
  await cmdb.refresh(testContext(SHOP_NOW));
  const broken: readonly (readonly [string, CmdbFact])[] = [
    ['INVALID_INPUT', asserted('a', {}, 'yesterday')],
    ['INVALID_INPUT', { ...asserted('a'), item: { ...itemOf('a'), digest: 'none' } } as CmdbFact],
    ['INVALID_INPUT', asserted('')],
    [
      'UNSUPPORTED',
      { type: 'relation-retracted', slice: SLICE, validFrom: NOW, relation: { from: 'a', to: 'b', type: 'likes' as 'uses' } },
    ],
  ];
  const { sequence } = cmdb.reader();
  for (const [code, fact] of broken)
    await expect(cmdb.record([asserted('fine'), fact], testContext(SHOP_NOW))).rejects.toMatchObject({ code });
  expect(cmdb.reader().sequence).toBe(sequence);
  expect(cmdb.reader().facts('fine')).toEqual([]);
});

test('ids and values with any Unicode survive a restart, and do not run into each other', async () => {
  const file = join(folder, 'unicode.db');
  const ids = ['\ud800', '\udfff', '\ufffd', 'é', 'e\u0301', '💥', '\u0000', ' ', '__proto__', 'a\nb', '日本'].map(
    (name) => `kubernetes:production/${name}`,
  );
  const store = createSqliteCmdbStore({ file });
  await createCmdb({ sources: [], store }).record(
    ids.map((id) => asserted(id, { [id]: id })),
    testContext(SHOP_NOW),
  );
  await store.close?.();
  const reopened = createSqliteCmdbStore({ file });
  const cmdb = createCmdb({ sources: [], store: reopened });
  await cmdb.catchUp(testContext(SHOP_NOW));
  for (const id of ids) expect(cmdb.reader().get(id)).toEqual({ state: 'found', item: itemOf(id, { [id]: id }) });
  expect(cmdb.reader().items({}).items.length).toBe(ids.length);
  await reopened.close?.();
});

test('a source whose clock is ahead does not carry everybody with it, and nothing it said is lost', async () => {
  const cmdb = createCmdb({ sources: [source()] });
  await cmdb.refresh(testContext(SHOP_NOW));
  const future = new Date(SHOP_NOW + 3_600_000).toISOString();
  await cmdb.record([asserted('kubernetes:production/shop/Deployment/early', {}, future)], testContext(SHOP_NOW));
  expect(cmdb.reader().at).toBe(NOW);
  expect(cmdb.reader().get('kubernetes:production/shop/Deployment/early').state).not.toBe('found');
  expect(cmdb.reader().asOf(future).get('kubernetes:production/shop/Deployment/early').state).toBe('found');
});

test('a clock that goes back does not reorder what was recorded', async () => {
  const cmdb = createCmdb({ sources: [] });
  const first = await cmdb.record([asserted('a:1', { v: 1 })], testContext(SHOP_NOW));
  const second = await cmdb.record([asserted('a:1', { v: 2 })], testContext(SHOP_NOW - 60_000));
  expect(second).toEqual({ sequence: first.sequence + 1, recordedAt: first.recordedAt });
  expect(cmdb.reader().get('a:1')).toMatchObject({ item: { columns: { v: 2 } } });
});

test('a database that was cut short, overwritten, or belongs to another program is named, and left as it is', async () => {
  const whole = await shopFile('whole.db');
  const broken = (name: string, change: (file: string) => void) => {
    const file = join(folder, name);
    copyFileSync(whole, file);
    change(file);
    return file;
  };
  const cut = broken('cut.db', (file) => truncateSync(file, Math.floor(statSync(file).size / 8192) * 4096));
  const noise = broken('noise.db', (file) => writeFileSync(file, Buffer.alloc(8192, 7)));
  const foreign = join(folder, 'foreign.db');
  const other = new DatabaseSync(foreign);
  other.prepare('CREATE TABLE mine (x)').run();
  other.close();
  const newer = broken('newer.db', (file) => {
    const database = new DatabaseSync(file);
    database.prepare('PRAGMA user_version = 99').run();
    database.close();
  });
  const expected = { [cut]: 'MALFORMED_RESPONSE', [noise]: 'MALFORMED_RESPONSE', [foreign]: 'INVALID_INPUT', [newer]: 'UNSUPPORTED' };
  for (const [file, code] of Object.entries(expected)) {
    const before = readFileSync(file);
    const store = createSqliteCmdbStore({ file });
    const cmdb = createCmdb({ sources: [source()], store });
    await expect(cmdb.refresh(testContext(SHOP_NOW + 1000)), file).rejects.toMatchObject({ code, message: expect.stringContaining(file) });
    await expect(cmdb.record([asserted('a')], testContext()), file).rejects.toMatchObject({ code });
    expect(readFileSync(file).equals(before), file).toBe(true);
    await store.close?.();
  }
});

test('a snapshot from a newer version is said and left aside, and the graph is built from the record', async () => {
  const file = await shopFile('snapshot.db');
  const store = createSqliteCmdbStore({ file });
  await store.snapshots?.write({ sequence: 1, layout: 'tier0-graph/99 little-endian', blocks: [] }, testContext());
  const cmdb = createCmdb({ sources: [], store });
  const { failures } = await cmdb.refresh(testContext(SHOP_NOW + 1000));
  expect(failures).toEqual([{ source: 'store', code: 'failed', message: expect.stringContaining('tier0-graph/99') }]);
  expect(cmdb.reader().get(PAYMENT).state).toBe('found');
  writeFileSync(`${file}-graph`, 'not a snapshot');
  const again = createCmdb({ sources: [], store });
  expect((await again.refresh(testContext(SHOP_NOW + 1000))).failures).toMatchObject([
    { source: 'store', message: expect.stringContaining('damaged') },
  ]);
  expect(again.reader().get(PAYMENT).state).toBe('found');
  await store.close?.();
});

test('a process that starts again knows items, relations, history and raw objects, and a refresh without news writes nothing', async () => {
  const file = join(folder, 'restart.db');
  const objects = createSqliteObjectStore({ file });
  const store = createSqliteCmdbStore({ file });
  const first = createCmdb({ sources: [source()], store, objects });
  await first.refresh(testContext(SHOP_NOW));
  const written = await store.latest(testContext());
  await first.refresh(testContext(SHOP_NOW + 60_000));
  expect(await store.latest(testContext())).toBe(written);
  const second = createCmdb({ sources: [source()], store, objects });
  await second.catchUp(testContext(SHOP_NOW));
  const [before, after] = [first.reader().asOf(NOW), second.reader()];
  expect(after.items({})).toEqual(before.items({}));
  expect(after.relations(PAYMENT, 'in')).toEqual(before.relations(PAYMENT, 'in'));
  expect(after.object(PAYMENT)).toEqual(before.object(PAYMENT));
  await second.refresh(testContext(SHOP_NOW + 120_000));
  expect(await store.latest(testContext())).toBe(written);
  await Promise.all([store.close?.(), objects.close?.()]);
});

test('two processes on one store see what the other wrote, in the order of the record', async () => {
  const file = join(folder, 'shared.db');
  const [mine, theirs] = [createSqliteCmdbStore({ file, pollMs: 10 }), createSqliteCmdbStore({ file })];
  const [here, there] = [createCmdb({ sources: [], store: mine }), createCmdb({ sources: [], store: theirs })];
  await here.record([asserted('a:1', { v: 1 })], testContext(SHOP_NOW));
  const waiting = mine.wait(1, testContext());
  await there.record([asserted('a:1', { v: 2 })], testContext(SHOP_NOW));
  expect(await waiting).toBe(2);
  await here.record([asserted('b:1')], testContext(SHOP_NOW));
  expect(here.reader().get('a:1')).toMatchObject({ item: { columns: { v: 2 } } });
  await there.catchUp(testContext(SHOP_NOW));
  expect(there.reader().get('b:1').state).toBe('found');
  await expect(there.record([asserted('c:1')], testContext(SHOP_NOW), { expectSequence: 2 })).rejects.toMatchObject({ code: 'CONFLICT' });
  await Promise.all([mine.close?.(), theirs.close?.()]);
});
