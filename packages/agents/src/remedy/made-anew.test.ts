import { expect, test } from 'vitest';
import { crashing, madeCluster, minutesAgo, object, ownedBy, type Part, pod } from '../fixtures/made-cluster.ts';
import { whatStays } from './made-anew.ts';

const READY = { conditions: [{ type: 'Ready', status: 'True' }] };
const RUNNING = { ready: true, restartCount: 0, state: { running: { startedAt: minutesAgo(9) } } };
const endedAt = (minutes: number) => ({
  ...RUNNING,
  restartCount: 3,
  lastState: { terminated: { exitCode: 1, startedAt: minutesAgo(minutes + 1), finishedAt: minutesAgo(minutes) } },
});

/** Why an edit of this field of a set would not reach its pod. */
async function stays(kind: string, spec: Part, status: Part, podStatus: Part = READY, field = 'template'): Promise<string | undefined> {
  const set = object(kind, 'db', { apiVersion: 'apps/v1', spec });
  const reader = await madeCluster([set, pod('db-0', { status, podStatus, metadata: ownedBy(kind, 'db') })]);
  const item = reader.items({ kind }).items[0]?.id ?? '';
  return whatStays(reader, [{ item, fieldPath: ['spec', field, 'x'], value: 'y' }]);
}

const KEPT = /keeps its pod db-0, .*delete the pod once the change is live/;

test('an ordered StatefulSet waits for a pod that is not ready, or ready between two crashes only', async () => {
  const unready = { conditions: [{ type: 'Ready', status: 'False' }] };
  expect(await stays('StatefulSet', {}, crashing(1), unready)).toMatch(KEPT);
  expect(await stays('StatefulSet', {}, { state: { waiting: { reason: 'ImagePullBackOff' } } }, unready)).toMatch(KEPT);
  expect(await stays('StatefulSet', {}, { ...RUNNING, ready: false }, unready)).toMatch(KEPT);
  expect(await stays('StatefulSet', {}, endedAt(0.2))).toMatch(KEPT);
  expect(await stays('StatefulSet', {}, endedAt(0.2), READY, 'updateStrategy')).toMatch(KEPT);
});

test('one that is well, one that goes in parallel and a DaemonSet replace their pods', async () => {
  expect(await stays('StatefulSet', {}, RUNNING)).toBeUndefined();
  expect(await stays('StatefulSet', {}, endedAt(300))).toBeUndefined();
  expect(await stays('StatefulSet', { podManagementPolicy: 'Parallel' }, endedAt(0.2))).toBeUndefined();
  expect(await stays('DaemonSet', {}, endedAt(0.2))).toBeUndefined();
  expect(await stays('StatefulSet', {}, endedAt(0.2), READY, 'replicas')).toBeUndefined();
});

test('with update strategy OnDelete an edit of the template reaches no pod, however well it is', async () => {
  const onDelete = { updateStrategy: { type: 'OnDelete' } };
  expect(await stays('StatefulSet', onDelete, RUNNING)).toMatch(KEPT);
  expect(await stays('DaemonSet', onDelete, RUNNING)).toMatch(KEPT);
});
