import { expect, test } from 'vitest';
import { CRASHING, made, service, snapshotOf, told, warning, workload } from '../../fixtures/cluster-objects.ts';
import { MATTERS } from '../matters.ts';
import { makersOf } from './makers.ts';
import { revisionsOf } from './revisions.ts';
import { workloadOf } from './workload.ts';
import { workloadsIn } from './workload-index.ts';

const rules = MATTERS.flatMap((matter) => matter.rules);
const say = async (name: string, objects: readonly unknown[]) => {
  const found = await Promise.all(rules.filter((rule) => rule.name === name).map((rule) => told(rule, objects)));
  return found.flat();
};

/** Pods of a controller that is not there as an object. */
const podsOnly = (name: string, kind: string, input = {}) => workload(name, { kind, ...input }).slice(1);
const owned = (kind: string, name: string, owner: string, fields = {}) =>
  made(kind, name, { ...fields, metadata: { ownerReferences: [{ kind: owner, name: 'till', controller: true }], ...annotated(fields) } });
const annotated = (fields: { readonly metadata?: object }) => fields.metadata ?? {};

test.each([
  ['Deployment', 'ReplicaSet', 'deployment.kubernetes.io/revision'],
  ['Rollout', 'ReplicaSet', 'rollout.argoproj.io/revision'],
  ['DeploymentConfig', 'ReplicationController', 'openshift.io/deployment-config.latest-version'],
])('a pod of a %s leads over its %s to it, and its revisions are counted', async (kind, set, annotation) => {
  const sets = [2, 10].map((number) => owned(set, `till-${number}`, kind, { metadata: { annotations: { [annotation]: String(number) } } }));
  const pod = made('Pod', 'till-10-x', { metadata: { ownerReferences: [{ kind: set, name: 'till-10', controller: true }] } });
  const reader = await snapshotOf([made(kind, 'till', { spec: {} }), ...sets, pod]);
  expect(workloadOf(reader, 'kubernetes:c/shop/Pod/till-10-x')).toBe(`kubernetes:c/shop/${kind}/till`);
  expect(revisionsOf(reader, `kubernetes:c/shop/${kind}/till`).map(({ number }) => number)).toEqual([2, 10]);
});

test('sets and pods of nobody keep pods running themselves; of pods that one resource of an operator has, one stands for all', async () => {
  const reader = await snapshotOf([
    ...workload('alone', { kind: 'ReplicaSet' }),
    ...podsOnly('cellar', 'Cellar', { replicas: 3 }),
    made('Pod', 'over', { status: { phase: 'Succeeded' } }),
    owned('ReplicaSet', 'till-1', 'Deployment'),
    ...workload('till'),
  ]);
  expect(workloadsIn(reader, 'shop').map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'Deployment till',
    'ReplicaSet alone',
    'Pod cellar-0',
  ]);
});

test.each([
  ['Deployment', 'Deployment till'],
  ['DeploymentConfig', 'DeploymentConfig till'],
  ['ReplicaSet', 'ReplicaSet till'],
])('a selector that misses the pods of a %s is told', async (kind) => {
  const objects = [...workload('till', { kind, labels: { app: 'tills' } }), service('till')];
  expect(await say('service', objects)).toContain('T0-SERVICE-001 Service shop/till');
});

test('a selector that misses the pods of an operator is told', async () => {
  const objects = [...podsOnly('till', 'Cellar', { labels: { app: 'tills' } }), service('till')];
  expect(await say('service', objects)).toContain('T0-SERVICE-001 Service shop/till');
});

test('of a DeploymentConfig and its set the one that people write is short of replicas', async () => {
  const late = { ...CRASHING, conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-05-04T11:00:00Z' }] };
  const [set, ...pods] = workload('till-1', { kind: 'ReplicationController', ready: false, podStatus: late });
  const objects = [
    made('DeploymentConfig', 'till', { spec: { replicas: 1 }, status: { replicas: 1, readyReplicas: 0 } }),
    { ...set, metadata: { ...(set?.metadata as object), ownerReferences: [{ kind: 'DeploymentConfig', name: 'till', controller: true }] } },
    ...pods,
  ];
  expect(await say('controller-replicas', objects)).toEqual(['T0-REPLICASET-009 DeploymentConfig shop/till']);
});

test.each([
  ['StatefulSet', { replicas: 0, availableReplicas: 0 }],
  ['DaemonSet', { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 }],
  ['ReplicaSet', { replicas: 0 }],
])('a %s that has only the numbers the server writes was taken up by nobody', async (kind, status) => {
  const idle = made(kind, 'till', { spec: { replicas: 1 }, status });
  const pods = workload('cart');
  expect(await say('not-taken-up', [idle, ...pods])).toEqual([`T0-ROLLOUT-003 ${kind} shop/till`]);
  expect(await say('not-taken-up', [{ ...idle, status: { ...status, observedGeneration: 1 } }, ...pods])).toEqual([]);
  expect(await say('not-taken-up', [idle, ...pods, warning(kind, 'till', 'FailedCreate', 'exceeded quota')])).toEqual([]);
});

test.each(['Deployment', 'DeploymentConfig', 'Rollout', 'DaemonSet'])(
  'a %s whose pods must bake for an hour stands still',
  async (kind) => {
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-05-04T11:50:00Z' }];
    const [owner, ...pods] = workload('till', { kind, replicas: 2, podStatus: { conditions } });
    const status = { replicas: 3, updatedReplicas: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 1, currentNumberScheduled: 2 };
    const slow = { ...owner, spec: { ...(owner?.spec as object), minReadySeconds: 3600 }, status };
    expect(await say('stands-still', [slow, ...pods])).toEqual([`T0-ROLLOUT-004 ${kind} shop/till`]);
  },
);

test('a Rollout uses the ConfigMap it names, and does not make it', async () => {
  const env = [{ name: 'RATE', valueFrom: { configMapKeyRef: { name: 'settings', key: 'rate' } } }];
  const [owner] = workload('till', { kind: 'Rollout', env });
  const reader = await snapshotOf([{ ...owner, apiVersion: 'argoproj.io/v1alpha1' }, made('ConfigMap', 'settings', { data: {} })]);
  expect(makersOf(reader, 'kubernetes:c/shop/ConfigMap/settings')).toEqual([]);
});
