import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTier0 } from './create-tier0.ts';
import { diagnose, proposeChange } from './facade.ts';
import { REPOSITORY_ROOT } from './repository-root.ts';
import { startScenario } from './world/start-scenario.ts';

// The README's programs, which a test of the packed packages runs, show what goes well.
const snapshot = join(REPOSITORY_ROOT, 'scenarios/written/bad-image');
const change = {
  cluster: { snapshot },
  repository: { url: '/nowhere' },
  field: 'spec.replicas',
  value: 3,
  author: 'tier0-bot',
  why: 'Why not.',
};

test('a diagnosis is told what part of the cluster it is about', async () => {
  expect((await diagnose({ snapshot })).health).toBe('problems');
  const elsewhere = await diagnose({ snapshot, namespace: 'elsewhere' });
  expect(elsewhere.document.rootCauses).toEqual([]);
});

test('no place, or two, is refused with what to name', async () => {
  await expect(diagnose({})).rejects.toMatchObject({ code: 'INVALID_INPUT', hint: expect.stringContaining('snapshot') });
  await expect(diagnose({ snapshot, kubeconfig: 'config' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test.each([
  ['that is not there', 'deploy/shop/nothing', 'NOT_FOUND'],
  ['that is no name', 'the payment thing', 'NOT_FOUND'],
])('a change of an item %s says how one is named', async (_, item, code) => {
  await expect(proposeChange({ ...change, item })).rejects.toMatchObject({ code, hint: expect.stringContaining('deploy/shop/web') });
});

test('a repository that is not there is named', async () => {
  await expect(proposeChange({ ...change, item: 'deploy/payment' })).rejects.toThrow(/nowhere/);
});

test('the graph answers by name, query and id, and says who else may be meant', async () => {
  const tier0 = createTier0({ cluster: { snapshot, catalog: join(snapshot, 'repo/catalog/catalog-info.yaml') } });
  const { item, owner, isKnown } = await tier0.ask('owner', { item: 'deploy/shop/payment' });
  expect(item).toMatch(/\/shop\/Deployment\/payment$/);
  expect({ team: owner?.team, isKnown }).toEqual({ team: 'backstage:group:default/payments', isKnown: true });
  expect((await tier0.ask('owner', { item: 'kind:Deployment name:payment' })).item).toBe(item);
  const { impact } = await tier0.ask('impact', { item: 'payment', namespace: 'shop' }).catch((error: unknown) => ({ impact: error }));
  expect(impact).toMatchObject({ code: 'INVALID_INPUT', hint: expect.stringContaining('Name one of them') });
  expect((await tier0.ask('impact', { item, direction: 'upstream', hops: 1 })).impact.items.map(({ distance }) => distance)).toContain(1);
  const { items } = await tier0.ask('items', { query: 'kind:Service name:payment' });
  expect(items.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['Service payment']);
  const { changes, older } = await tier0.ask('changes', { item, windowMs: 1 });
  expect({ changes, older: older?.change.summary }).toEqual({ changes: [], older: expect.any(String) });
  await expect(tier0.ask('diff', { from: 'soon' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(tier0.ask('owner', { item: 'deploy/shop/paymint' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    hint: expect.stringContaining('Did you mean "Deployment shop/payment"?'),
  });
});

test('a recording is not watched, it never changes', async () => {
  await expect(createTier0({ cluster: { snapshot } }).watch({ rounds: 1 }).next()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});

test('a live cluster is watched: what is wrong, until the caller has seen enough', async () => {
  const world = await startScenario(snapshot);
  const tier0 = createTier0({ cluster: { kubeconfigText: world.kubeconfigText } });
  try {
    const seen: (string | undefined)[] = [];
    for await (const { groups } of tier0.watch({ everyMs: 200, rounds: 50 })) {
      seen.push(...groups.flat().map(({ source, item }) => `${source} ${item}`));
      if (seen.length > 0) break;
    }
    expect(seen).toContain('findings kubernetes:cluster/shop/Deployment/checkout');
    expect((await tier0.ask('items', { query: 'kind:Deployment name:payment' })).items).toHaveLength(1);
  } finally {
    await tier0.close();
    await world.close();
  }
});
