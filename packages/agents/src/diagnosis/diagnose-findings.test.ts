import { formatItemId } from '@tier0/core';
import { expect, test } from 'vitest';
import { CRASHING, FIXTURE_NOW, made, snapshotOf, workload } from '../fixtures/cluster-objects.ts';
import { examineCluster } from './examine.ts';

async function causes(kind: string): Promise<readonly string[]> {
  const [, ...pods] = workload('cellar', { kind, replicas: 3, ready: false, podStatus: CRASHING });
  const reader = await snapshotOf([made(kind, 'cellar'), ...pods, ...workload('till')]);
  const { causes: found } = await examineCluster(reader, {}, { signal: AbortSignal.timeout(20_000), now: () => Date.parse(FIXTURE_NOW) });
  return found.map(({ rootCause }) => `${formatItemId(rootCause.subject)}: ${rootCause.message}`);
}

test('pods that an operator made for one resource and that fail alike are one cause', async () => {
  const [cause, ...others] = await causes('Cellar');
  expect(cause).toMatch(/^Pod shop\/cellar-\d: .*\(pod cellar-\d, 3 pods in all\)$/);
  expect(others).toEqual([]);
});

test('pods that a node runs by itself are not one', async () => {
  expect(await causes('Node')).toHaveLength(3);
});
