import { expect, test } from 'vitest';
import { faultsIn, minutesAgo, object, ownedBy, type Part, pod } from '../../fixtures/made-cluster.ts';

const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const applied = (spec: Part) => ({ annotations: { [APPLIED]: JSON.stringify({ spec }) } });
const PROGRESSING = { type: 'Progressing', status: 'True', lastUpdateTime: minutesAgo(2) };

/** A Deployment in the middle of its rollout: one pod of two is of the present template. */
const rolling = (spec: Part, declared: Part = {}, status: Part = {}) =>
  object('Deployment', 'web', {
    apiVersion: 'apps/v1',
    metadata: applied(declared),
    spec: { replicas: 2, ...spec },
    status: { replicas: 3, readyReplicas: 3, updatedReplicas: 1, conditions: [PROGRESSING], ...status },
  });
const revision = (number: number, container: Part) =>
  object('ReplicaSet', `web-${number}`, {
    apiVersion: 'apps/v1',
    metadata: { ...ownedBy('Deployment', 'web'), annotations: { 'deployment.kubernetes.io/revision': `${number}` } },
    spec: { replicas: 1, template: { spec: { containers: [{ name: 'app', ...container }] } } },
    status: { replicas: 1, readyReplicas: 1, availableReplicas: 1 },
  });
const ready = (name: string, minutes: number) =>
  pod(name, {
    metadata: { ...ownedBy('ReplicaSet', 'web-2') },
    status: { ready: true, state: { running: { startedAt: minutesAgo(minutes) } } },
    podStatus: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: minutesAgo(minutes) }] },
  });
const TWO = [revision(1, {}), revision(2, {})];

test('ready pods that do not count for an hour are told, those of a sensible trial and of a finished rollout are not', async () => {
  expect(await faultsIn([rolling({ minReadySeconds: 3600, progressDeadlineSeconds: 7200 }), ...TWO, ready('a', 3)])).toEqual([
    'T0-ROLLOUT-004 Deployment ns/web',
  ]);
  expect(await faultsIn([rolling({ minReadySeconds: 120 }), ...TWO, ready('a', 1)])).toEqual([]);
  const declared = { minReadySeconds: 900 };
  expect(await faultsIn([rolling({ minReadySeconds: 900, progressDeadlineSeconds: 1800 }, declared), ...TWO, ready('a', 3)])).toEqual([]);
  const byHand = { minReadySeconds: 10 };
  expect(await faultsIn([rolling({ minReadySeconds: 900, progressDeadlineSeconds: 1800 }, byHand), ...TWO, ready('a', 3)])).toEqual([
    'T0-ROLLOUT-004 Deployment ns/web',
  ]);
  const done = { replicas: 2, updatedReplicas: 2, readyReplicas: 2 };
  expect(await faultsIn([rolling({ minReadySeconds: 3600, progressDeadlineSeconds: 7200 }, {}, done), ...TWO, ready('a', 3)])).toEqual([]);
});

const delayed = (seconds: number, minutes: number) =>
  pod('b', {
    metadata: { ...ownedBy('ReplicaSet', 'web-2') },
    container: { readinessProbe: { httpGet: { path: '/', port: 80 }, initialDelaySeconds: seconds } },
    status: { ready: false, started: true, state: { running: { startedAt: minutesAgo(minutes) } } },
  });
const probed = (seconds: number) => ({ readinessProbe: { httpGet: { path: '/', port: 80 }, initialDelaySeconds: seconds } });

test('a first look that comes after the rollout has to be over is told, and one that is far later than before', async () => {
  const late = (before: number, now: number, minutes: number) =>
    faultsIn([rolling({ progressDeadlineSeconds: 600 }), revision(1, probed(before)), revision(2, probed(now)), delayed(now, minutes)]);
  expect(await late(3, 3000, 2)).toEqual(['T0-POD-086 Deployment ns/web']);
  expect(await late(5, 400, 2)).toEqual(['T0-POD-086 Deployment ns/web']);
  // A program that warms up, and one that was always asked so late.
  expect(await late(5, 60, 0.8)).toEqual([]);
  expect(await late(300, 400, 2)).toEqual([]);
});

const SET = object('StatefulSet', 'ring', {
  apiVersion: 'apps/v1',
  spec: { replicas: 2, serviceName: 'ring', template: { metadata: { finalizers: ['ring.corp.example/drained'] }, spec: {} } },
  status: { replicas: 2, readyReplicas: 1 },
});
const member = (name: string, metadata: Part) =>
  pod(name, {
    metadata: { labels: { app: 'ring' }, ...ownedBy('StatefulSet', 'ring'), ...metadata },
    podStatus: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: minutesAgo(30) }] },
  });
const leaving = (minutes: number) =>
  member('ring-1', {
    deletionTimestamp: minutesAgo(minutes),
    deletionGracePeriodSeconds: 0,
    finalizers: ['ring.corp.example/drained'],
  });

test('a set whose own name stands in the finalizer of its pod is not the one who takes it away', async () => {
  expect(await faultsIn([SET, member('ring-0', {}), leaving(1)])).toContain('T0-POD-072 StatefulSet ns/ring');
  const controller = pod('ring-controller-7c', {
    metadata: { labels: { app: 'ring-controller' }, ownerReferences: [] },
    podStatus: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  expect(await faultsIn([SET, member('ring-0', {}), leaving(1), controller])).not.toContain('T0-POD-072 StatefulSet ns/ring');
  expect(await faultsIn([SET, member('ring-0', {}), leaving(0.2)])).not.toContain('T0-POD-072 StatefulSet ns/ring');
});
