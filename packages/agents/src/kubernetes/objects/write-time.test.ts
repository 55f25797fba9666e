import { expect, test } from 'vitest';
import { MADE_NOW, madeCluster, node, object, type Part } from '../../fixtures/made-cluster.ts';
import { earliestWriteMs } from './write-time.ts';

const at = (secondsAgo: number) => new Date(MADE_NOW - 1000 * secondsAgo).toISOString();

/** One event every ten seconds, each with the next hundred of versions. */
const events = (versionOf: (index: number) => number = (index) => 1000 + 100 * index) =>
  Array.from({ length: 30 }, (_, index) =>
    object('Event', `e-${index}`, {
      metadata: { resourceVersion: String(versionOf(index)), creationTimestamp: at(300 - 10 * index) },
      lastTimestamp: at(300 - 10 * index),
    }),
  );

async function secondsAgo(kind: string, version: number, others: readonly Part[] = events(), madeAgo = 400): Promise<number | undefined> {
  const written = object(kind, 'x', { metadata: { resourceVersion: String(version), creationTimestamp: at(madeAgo) } });
  const reader = await madeCluster([node('node-a'), written, ...others]);
  const item = reader.items({ kind }).items.find(({ name }) => name === 'x')?.id ?? '';
  const ms = earliestWriteMs(reader, item);
  return ms === undefined ? undefined : (MADE_NOW - ms) / 1000;
}

test('what has a later version than an event was written after it', async () => {
  expect(await secondsAgo('ConfigMap', 2050)).toBe(200);
  expect(await secondsAgo('NetworkPolicy', 3999)).toBe(10);
});

test('what was not written since it was made, and what has a status that others write, tells nothing', async () => {
  expect(await secondsAgo('ConfigMap', 2050, events(), 199)).toBeUndefined();
  expect(await secondsAgo('ConfigMap', 900)).toBeUndefined();
  expect(await secondsAgo('Deployment', 2050)).toBeUndefined();
});

test('versions that are in no order or too few are not believed, and those of a store of its own are left out', async () => {
  expect(
    await secondsAgo(
      'ConfigMap',
      2050,
      events((index) => 1000 + ((index * 7919) % 3000)),
    ),
  ).toBeUndefined();
  expect(await secondsAgo('ConfigMap', 2050, events().slice(0, 4))).toBeUndefined();
  // Objects made later have lower versions than the events before: the events are counted elsewhere, and only objects are compared.
  const young = object('ConfigMap', 'young', { metadata: { resourceVersion: '900', creationTimestamp: at(5) } });
  expect(await secondsAgo('ConfigMap', 950, [...events(), young], 1000)).toBe(5);
  expect(await secondsAgo('ConfigMap', 890, [...events(), young], 1000)).toBeUndefined();
});
