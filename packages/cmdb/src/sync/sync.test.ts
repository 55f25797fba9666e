import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { createCmdb } from '../graph/cmdb.ts';
import { createMemoryCmdbStore } from '../stores/memory.ts';
import { createToldSource } from '../testing/told-source.ts';
import type { DeletionLoss } from './deletion-guard.ts';
import { tombstonesSince, undoDeletion } from './tombstones.ts';

const at = (minutes: number) => new Date(Date.parse('2026-11-22T12:00:00.000Z') + minutes * 60_000).toISOString();
const servers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => ({ id: `x:${from + index}` }));

async function estate(count: number, options: Partial<Parameters<typeof createCmdb>[0]> = {}) {
  const told = createToldSource('register', servers(count));
  const cmdb = createCmdb({ sources: [told.source], ...options });
  await cmdb.refresh(testContext(at(0)));
  const size = () => cmdb.reader().items({ kind: 'Server' }).items.length;
  return { told, cmdb, size };
}

test.each([
  { held: 100, left: 89, kept: 100, why: 'more than a tenth' },
  { held: 1000, left: 949, kept: 1000, why: 'more than fifty' },
  { held: 100, left: 90, kept: 90, why: 'a tenth is believed' },
  { held: 9, left: 6, kept: 6, why: 'a few of a small scope are believed' },
])('the deletion guard: $held items, $left left: $why', async ({ held, left, kept }) => {
  const { told, cmdb, size } = await estate(held);
  told.tell(servers(left));
  const { failures } = await cmdb.refresh(testContext(at(1)));
  expect(size()).toBe(kept);
  expect(failures.some(({ code, message }) => code === 'held-back' && message.includes('deletion guard'))).toBe(kept === held);
});

test('what the guard keeps is not confirmed, and goes when somebody says that it is true', async () => {
  const asked: DeletionLoss[] = [];
  let answer = false;
  const { told, cmdb, size } = await estate(100, { deletionGuard: { allow: (loss) => asked.push(loss) > 0 && answer } });
  told.tell(servers(40));
  await cmdb.refresh(testContext(at(1)));
  expect(asked[0]).toMatchObject({ lost: 60, held: 100 });
  expect(cmdb.reader().facts('x:99')[0]?.observedAt).toBe(at(0));
  expect(cmdb.reader().items({ kind: 'Server' }).coverage).toMatchObject([
    { state: 'failed', reason: expect.stringContaining('deletion guard') },
  ]);
  answer = true;
  await cmdb.refresh(testContext(at(2)));
  expect(size()).toBe(40);
});

test('replaced items are no loss', async () => {
  const { told, cmdb, size } = await estate(100);
  told.tell(servers(100, 1000));
  expect((await cmdb.refresh(testContext(at(1)))).failures).toEqual([]);
  expect(size()).toBe(100);
});

test('a deletion is found as a tombstone and taken back', async () => {
  const { told, cmdb } = await estate(10);
  told.tell(servers(9));
  await cmdb.refresh(testContext(at(1)));
  expect(tombstonesSince(cmdb.reader(), at(0))).toEqual([
    { item: 'x:9', slice: { scope: 'register:all', source: 'register' }, lastSeenAt: at(0) },
  ]);
  await cmdb.record(undoDeletion(cmdb.reader(), { items: ['x:9'], since: at(0), at: at(2) }), testContext(at(2)));
  expect(cmdb.reader().get('x:9').state).toBe('found');
  expect(cmdb.reader().asOf(at(1.5)).get('x:9').state).toBe('absent');
});

test('repeated states expire with the readings of their source, not while it cannot be read', async () => {
  const { told, cmdb, size } = await estate(3);
  const states = { contract: 'repeated-states' as const, expiresAfterMs: 10 * 60_000 };
  told.tell(servers(3), states);
  await cmdb.refresh(testContext(at(1)));
  told.fail(new Error('down'));
  await cmdb.refresh(testContext(at(60)));
  expect(size()).toBe(3);
  told.tell(servers(2), states);
  await cmdb.refresh(testContext(at(5)));
  expect(size()).toBe(3);
  await cmdb.refresh(testContext(at(12)));
  expect(size()).toBe(2);
});

test('increments are taken in exactly once, in order, across a restart; a gap is named and nothing of it taken', async () => {
  const store = createMemoryCmdbStore();
  const { told, cmdb, size } = await estate(3, { store });
  const step = (from: string | undefined, to: string, removed: readonly string[] = []) => ({
    contract: 'increments' as const,
    checkpoint: { from, to },
    removed,
  });
  told.tell(servers(3), step(undefined, 'c1'));
  await cmdb.refresh(testContext(at(1)));
  told.tell([{ id: 'x:7' }], step('c1', 'c2', ['x:0']));
  await cmdb.refresh(testContext(at(2)));
  expect(size()).toBe(3);
  expect(cmdb.reader().get('x:0').state).not.toBe('found');

  const reopened = createCmdb({ sources: [told.source], store });
  const sequence = cmdb.reader().sequence;
  expect((await reopened.refresh(testContext(at(3)))).failures).toEqual([]);
  expect(reopened.reader().sequence).toBe(sequence);
  told.tell([{ id: 'x:8' }], step('c5', 'c6'));
  const { failures } = await reopened.refresh(testContext(at(4)));
  expect(failures[0]?.message).toContain('changes in between are missing');
  expect(reopened.reader().get('x:8').state).not.toBe('found');
  told.tell([{ id: 'x:8' }], { contract: 'increments' });
  expect((await reopened.refresh(testContext(at(5)))).failures[0]?.message).toContain('without its checkpoint');
});

test('a clock that is ahead or goes back is named; what the source says is neither lost nor ahead of everybody', async () => {
  const { told, cmdb } = await estate(1);
  told.tell([{ id: 'x:0', columns: { os: 'debian' } }], { observedAt: at(120) });
  const ahead = await cmdb.refresh(testContext(at(1)));
  expect(ahead.failures[0]?.message).toMatch(/clock of the source is ahead of ours by 1 h 59 min/);
  expect(cmdb.reader().at).toBe(at(1));
  told.tell([{ id: 'x:0', columns: { os: 'ubuntu' } }], { observedAt: at(-60) });
  const back = await cmdb.refresh(testContext(at(2)));
  expect(back.failures[0]?.message).toContain('went back');
  expect(cmdb.reader().get('x:0')).toMatchObject({ item: { columns: { os: 'ubuntu' } } });
});
