import { expect, test } from 'vitest';
import { event, faultsIn, minutesAgo, node, type Part, pod, web } from '../../fixtures/made-cluster.ts';

const READY = { ready: true, started: true, state: { running: { startedAt: minutesAgo(0.3) } } };
const young = (name: string, more: Part = {}) =>
  pod(name, {
    status: { ...READY, ...more },
    metadata: { creationTimestamp: minutesAgo(0.3) },
    podStatus: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
const made = (count: number, reason = 'SuccessfulCreate') => ({
  ...event('web-1', reason, 'Created pod', 'ReplicaSet'),
  type: 'Normal',
  count,
  firstTimestamp: minutesAgo(3),
  lastTimestamp: minutesAgo(0.3),
});
const churned = async (...objects: readonly Part[]) =>
  (await faultsIn([node('node-a'), ...web(), ...objects])).filter((line) => /REPLICASET-012/.test(line));

test('pods that are well and never grow old, made again and again, are deleted by somebody', async () => {
  expect(await churned(young('a'), made(6))).toEqual(['T0-REPLICASET-012 Deployment ns/web']);
});

test('a few that a person deleted, those that a controller took away, crash or are old are no such case', async () => {
  expect(await churned(young('a'), made(3))).toEqual([]);
  expect(await churned(young('a'), made(6), made(5, 'SuccessfulDelete'))).toEqual([]);
  expect(await churned(young('a', { restartCount: 2 }), made(6))).toEqual([]);
  const old = pod('a', { status: READY, podStatus: { conditions: [{ type: 'Ready', status: 'True' }] } });
  expect(await churned(old, made(6))).toEqual([]);
  expect(await churned(young('a'), made(6), event('a', 'Evicted', 'The node was low on resource: memory.'))).toEqual([]);
});
