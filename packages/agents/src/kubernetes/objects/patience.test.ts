import { expect, test } from 'vitest';
import { made, snapshotOf } from '../../fixtures/cluster-objects.ts';
import { hasStood, PATIENCE, standingSinceMs } from './patience.ts';

const QUEUE = 'kubernetes:c/shop/Queue/jobs';
const warning = (name: string, fields: Readonly<Record<string, unknown>>) =>
  made('Event', name, { type: 'Warning', reason: 'Failed', count: 5, involvedObject: { uid: 'uid-Queue-jobs', kind: 'Queue' }, ...fields });
const MOVED = Date.parse('2026-05-04T11:59:58Z');

test('a condition that moves at every try is as old as the warnings that go on', async () => {
  const reader = await snapshotOf([
    made('Queue', 'jobs'),
    warning('e', { firstTimestamp: '2026-05-04T11:30:00Z', lastTimestamp: '2026-05-04T11:59:58Z' }),
  ]);
  const [id = QUEUE] = reader.items({ kind: 'Queue' }).items.map((item) => item.id);
  expect(standingSinceMs(reader, id, MOVED)).toBe(Date.parse('2026-05-04T11:30:00Z'));
  expect(hasStood(reader, id, { kind: 'delivery-retry', toldMs: MOVED })).toBe(true);
});

test('warnings of an hour ago belong to another trouble', async () => {
  const reader = await snapshotOf([
    made('Queue', 'jobs'),
    warning('e', { firstTimestamp: '2026-05-04T09:00:00Z', lastTimestamp: '2026-05-04T10:00:00Z' }),
  ]);
  const [id = QUEUE] = reader.items({ kind: 'Queue' }).items.map((item) => item.id);
  expect(hasStood(reader, id, { kind: 'delivery-retry', toldMs: MOVED })).toBe(false);
});

test('every wait says what it protects and what ends it', () => {
  for (const [kind, { ms, protects, endedBy }] of Object.entries(PATIENCE)) {
    expect(ms, kind).toBeGreaterThan(0);
    expect(protects.length, kind).toBeGreaterThan(10);
    expect(endedBy.length, kind).toBeGreaterThan(5);
  }
});
