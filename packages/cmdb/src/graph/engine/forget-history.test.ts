import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CmdbReader, CmdbStore, Gap } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { describe, expect, test } from 'vitest';
import { createSqliteCmdbStore } from '../../stores/sqlite.ts';
import { createObjectsSource } from '../../testing/objects-source.ts';
import { createCmdb } from '../cmdb.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A small cluster in which pods come, change and go for hours; the same for the same minute. */
function objectsAt(minute: number, pods: number): readonly unknown[] {
  const nodes = ['a', 'b', 'c'].map((name) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, uid: `node-${name}` } }));
  const there = Array.from({ length: pods }, (_, index) => index).filter((index) => (index + Math.floor(minute / 7)) % 3 !== 0);
  return [
    ...nodes,
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop', uid: 'web' }, spec: { selector: { app: 'web' } } },
    ...there.map((index) => {
      // Every few hours each pod is another one, as after a rollout.
      const generation = Math.floor((minute + index) / 240);
      const name = `web-${generation}-${index}`;
      return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'shop', uid: name, labels: { app: 'web' }, resourceVersion: String(minute) },
        spec: { nodeName: ['a', 'b', 'c'][(index + Math.floor(minute / 90)) % 3], containers: [{ name: 'c', image: `web:${minute}` }] },
        status: { phase: 'Running', containerStatuses: [{ name: 'c', ready: true, restartCount: minute % 5, image: 'web', state: {} }] },
      };
    }),
  ];
}

async function live(hours: number, options: { readonly historyMs?: number; readonly store?: CmdbStore }) {
  let minute = 0;
  const source = createObjectsSource({ cluster: 'test', objects: () => objectsAt(minute, 30) });
  const cmdb = createCmdb({
    sources: [source],
    historyMs: options.historyMs,
    deletionGuard: false,
    store: options.store,
    historyLimit: 100_000,
  });
  const failures: Gap[] = [];
  for (; minute < hours * 60; minute += 3) failures.push(...(await cmdb.refresh(testContext(START + minute * MINUTE))).failures);
  return { cmdb, failures };
}

/** Everything a reader says of what was there at a time. */
function told(reader: CmdbReader) {
  const { items } = reader.items({});
  return items.map((item) => [
    item,
    reader.relations(item.id, 'out'),
    reader.relations(item.id, 'in'),
    reader.object(item.id),
    reader.impact(item.id).items,
  ]);
}

describe('history that is given up', () => {
  test('changes no answer about the time that is kept, and what is before is said to be unknown', async () => {
    const [full, short] = [await live(12, {}), await live(12, { historyMs: 2 * HOUR })];
    expect(told(short.cmdb.reader())).toEqual(told(full.cmdb.reader()));
    for (const hoursAgo of [0.25, 0.5, 1.25, 1.9]) {
      const at = new Date(START + (12 - hoursAgo) * HOUR).toISOString();
      expect(told(short.cmdb.reader().asOf(at))).toEqual(told(full.cmdb.reader().asOf(at)));
      expect(told(short.cmdb.reader().asOf(at, at))).toEqual(told(full.cmdb.reader().asOf(at, at)));
    }
    const pod =
      full.cmdb
        .reader()
        .asOf(new Date(START + HOUR).toISOString())
        .items({ kind: 'Pod' }).items[0]?.id ?? '';
    expect(
      full.cmdb
        .reader()
        .asOf(new Date(START + HOUR).toISOString())
        .get(pod).state,
    ).toBe('found');
    expect(full.cmdb.reader().get(pod).state).toBe('absent');
    expect(
      short.cmdb
        .reader()
        .asOf(new Date(START + HOUR).toISOString())
        .get(pod).state,
    ).toBe('unknown');
  });

  test('is given up in the store too, and another process reads the same', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tier0-history-'));
    const file = createSqliteCmdbStore({ file: join(folder, 'cmdb.db') });
    let compacted: Promise<unknown> = Promise.resolve();
    const store: CmdbStore = { ...file, compact: (...asked) => (compacted = file.compact(...asked)) };
    const { cmdb, failures } = await live(12, { historyMs: 2 * HOUR, store });
    expect(failures).toEqual([]);
    await compacted;
    let facts = 0;
    for await (const commit of store.since(0, testContext())) facts += commit.facts.length;
    const full = createSqliteCmdbStore({ file: join(folder, 'full.db') });
    await live(12, { store: full });
    let all = 0;
    for await (const commit of full.since(0, testContext())) all += commit.facts.length;
    expect(facts).toBeLessThan(all * 0.6);
    const again = createCmdb({ sources: [], store });
    await again.catchUp(testContext());
    const held = (reader: CmdbReader) =>
      reader.items({}).items.map(({ id, columns, digest }) => ({ id, columns, digest, out: reader.relations(id, 'out') }));
    expect(held(again.reader())).toEqual(held(cmdb.reader()));
    await store.close?.();
    await full.close?.();
    await rm(folder, { recursive: true });
  });
});
