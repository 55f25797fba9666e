import { describeReconciler } from '@tier0/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { anyContext, createTestRepository, type TestRepository } from '../testing/repository.ts';
import { createLocalReconciler, type ManifestTarget } from './local.ts';
import { rolloutOf } from './rollout.ts';

const context = anyContext();
const opened: TestRepository[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

function manifest(image: string): string {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: payment, namespace: shop}\nspec: {replicas: 2, template: {image: ${image}}}\n`;
}

/** Keeps what was applied, and answers like the deployment controller would. */
function fakeCluster() {
  let behaviour: 'finish' | 'hang' | 'fail' = 'finish';
  let generation = 0;
  let spec = '';
  const applied: string[] = [];
  const target: ManifestTarget = {
    async apply(object) {
      applied.push(`${object.kind}/${object.metadata.name}`);
      if (object.kind !== 'Deployment' || JSON.stringify(object.spec) === spec) return;
      spec = JSON.stringify(object.spec);
      generation += 1;
    },
    async get({ kind, name }) {
      if (kind !== 'Deployment' || name !== 'payment' || generation === 0) return undefined;
      const counts = { replicas: 2, updatedReplicas: behaviour === 'finish' ? 2 : 1, availableReplicas: 2 };
      const conditions =
        behaviour === 'fail'
          ? [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'has timed out' }]
          : [];
      return { kind, metadata: { generation }, spec: { replicas: 2 }, status: { observedGeneration: generation, ...counts, conditions } };
    },
  };
  const rollouts = (next: typeof behaviour) => {
    behaviour = next;
  };
  return { target, applied, rollouts };
}

async function setUp(files: Record<string, string> = { 'cluster/a.yaml': manifest('a:0') }) {
  const repository = await createTestRepository(files);
  opened.push(repository);
  const cluster = fakeCluster();
  const reconciler = createLocalReconciler({
    mirror: repository.newMirror(),
    branch: 'main',
    path: 'cluster',
    cluster: cluster.target,
    pollMs: 5,
  });
  return { repository, cluster, reconciler };
}

describeReconciler('local', async () => {
  const { repository, cluster, reconciler } = await setUp();
  let version = 0;
  return {
    reconciler,
    item: 'kubernetes:c/shop/Deployment/payment',
    commit: () => repository.commit('main', { 'cluster/a.yaml': manifest(`a:${++version}`) }),
    commitBroken: () => repository.commit('main', { 'cluster/a.yaml': 'kind: [\n' }),
    rollouts: cluster.rollouts,
  };
});

test('a syntax error in one manifest applies none of them, and names file and line', async () => {
  const { repository, cluster, reconciler } = await setUp();
  await repository.commit('main', { 'cluster/b.yaml': 'a: 1\nb: 2\n c: 3\n' });
  expect(await reconciler.sync(context)).toMatchObject({ phase: 'failed', message: expect.stringMatching(/cluster\/b\.yaml .*line [23]/) });
  expect(cluster.applied).toEqual([]);
});

test('what it cannot render it does not half apply', async () => {
  const { cluster, reconciler } = await setUp({
    'cluster/a.yaml': manifest('a:0'),
    'cluster/kustomization.yaml': 'resources: [a.yaml]\nimages: []\n',
  });
  expect(await reconciler.sync(context)).toMatchObject({ phase: 'failed', message: expect.stringContaining('images') });
  expect(cluster.applied).toEqual([]);
});

test('namespaces come before what lives in them', async () => {
  const { cluster, reconciler } = await setUp({
    'cluster/a.yaml': manifest('a:0'),
    'cluster/z.yaml':
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\n',
  });
  await reconciler.sync(context);
  expect(cluster.applied).toEqual(['Namespace/shop', 'ConfigMap/c', 'Deployment/payment']);
});

test('a cluster that is away is asked again; one that refuses is not', async () => {
  const { Tier0Error } = await import('@tier0/core');
  const { repository } = await setUp();
  const failures: Error[] = [new Tier0Error({ code: 'UNAVAILABLE', message: 'away', hint: 'wait' }), new Error('admission webhook denied')];
  const cluster: ManifestTarget = { apply: async () => Promise.reject(failures.shift()), get: async () => undefined };
  const reconciler = createLocalReconciler({ mirror: repository.newMirror(), branch: 'main', path: 'cluster', cluster, pollMs: 5 });
  expect(await reconciler.sync(context)).toMatchObject({ phase: 'retrying', message: expect.stringContaining('Deployment shop/payment') });
  expect(await reconciler.sync(context)).toMatchObject({ phase: 'failed', message: expect.stringContaining('admission webhook denied') });
});

test('what was applied before a refused object stays, what follows is not tried, and the synchronisation failed', async () => {
  const names = ['a', 'b', 'c'];
  const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: shop}\n`;
  const { repository, cluster } = await setUp(Object.fromEntries(names.map((name) => [`cluster/${name}.yaml`, configMap(name)])));
  const target: ManifestTarget = {
    ...cluster.target,
    apply: async (object, call) => {
      if (object.metadata.name === 'b') throw new Error('admission webhook denied');
      await cluster.target.apply(object, call);
    },
  };
  const reconciler = createLocalReconciler({ mirror: repository.newMirror(), branch: 'main', path: 'cluster', cluster: target, pollMs: 5 });
  expect(await reconciler.sync(context)).toMatchObject({ phase: 'failed', message: expect.stringContaining('ConfigMap shop/b') });
  expect(cluster.applied).toEqual(['ConfigMap/a']);
});

test('a cluster that stays away is no verdict about the change', async () => {
  const { Tier0Error } = await import('@tier0/core');
  const { repository } = await setUp();
  const away = new Tier0Error({ code: 'UNAVAILABLE', message: 'The API server is away.', hint: 'Start it.' });
  const cluster: ManifestTarget = { apply: async () => Promise.reject(away), get: async () => Promise.reject(away) };
  const reconciler = createLocalReconciler({ mirror: repository.newMirror(), branch: 'main', path: 'cluster', cluster, pollMs: 5 });
  const commit = await repository.commit('main', { 'cluster/a.yaml': manifest('a:1') });
  const seen: string[] = [];
  const watch = async () => {
    const request = { commit, items: ['kubernetes:c/shop/Deployment/payment'], holdMs: 0, timeoutMs: 0 };
    for await (const progress of reconciler.watch(request, context)) seen.push(progress.status);
  };
  await expect(watch()).rejects.toMatchObject({ code: 'UNAVAILABLE', hint: expect.stringContaining('resume') });
  expect(seen).not.toContain('timed-out');
});

test('a repository with a syntax error is said before anything is proposed, until it is mended', async () => {
  const { repository, reconciler } = await setUp();
  await repository.commit('main', { 'cluster/b.yaml': 'kind: [\n' });
  await reconciler.sync(context);
  expect(await reconciler.check?.(context)).toEqual([expect.stringMatching(/cluster\/b\.yaml .*line/)]);
  await repository.commit('main', { 'cluster/b.yaml': manifest('b:1') });
  await reconciler.sync(context);
  expect(await reconciler.check?.(context)).toEqual([]);
});

test('started, it follows the branch until it is stopped', async () => {
  const { repository, cluster, reconciler } = await setUp();
  reconciler.start(context);
  await repository.commit('main', { 'cluster/a.yaml': manifest('a:9') });
  await expect.poll(() => cluster.applied.length).toBeGreaterThan(0);
  await reconciler.stop();
  const after = cluster.applied.length;
  await repository.commit('main', { 'cluster/a.yaml': manifest('a:10') });
  expect(cluster.applied).toHaveLength(after);
});

test('taking a change back is live when it stands there, where the thing was faulty before the change', async () => {
  const { repository, cluster, reconciler } = await setUp();
  const item = 'kubernetes:c/shop/Deployment/payment';
  const commit = await repository.commit('main', { 'cluster/a.yaml': manifest('a:1') });
  cluster.rollouts('hang');
  const lastOf = async (faultyBefore: readonly string[]) => {
    const seen = [];
    for await (const progress of reconciler.watch({ commit, items: [item], faultyBefore, holdMs: 0, timeoutMs: 200 }, context))
      seen.push(progress.status);
    return seen.at(-1);
  };
  expect(await lastOf([])).toBe('timed-out');
  expect(await lastOf([item])).toBe('live');
});

describe('a rollout is not complete', () => {
  const status = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  const deployment = (change: object) => ({
    kind: 'Deployment',
    metadata: { generation: 2 },
    spec: { replicas: 2 },
    status: { ...status, ...change },
  });

  test.each([
    ['before the controller saw it', { observedGeneration: 1 }, 'not seen'],
    ['while replicas are old', { updatedReplicas: 1 }, '1 of 2 replicas are updated'],
    ['while old replicas are still there', { replicas: 3 }, '1 old replica is'],
    ['while new replicas are not available', { availableReplicas: 1 }, '1 of 2 updated replicas'],
  ])('%s', (_, change, words) => {
    expect(rolloutOf(deployment(change), 'x')).toMatchObject({ state: 'going', message: expect.stringContaining(words) });
  });

  test('and is complete after all of that', () => {
    expect(rolloutOf(deployment({}), 'x')).toEqual({ state: 'complete' });
  });

  test('a deadline of the rollout before says nothing about this one', () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    expect(rolloutOf(deployment({ observedGeneration: 1, conditions }), 'x').state).toBe('going');
    expect(rolloutOf(deployment({ conditions }), 'x').state).toBe('failed');
  });
});
