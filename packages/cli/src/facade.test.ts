import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diagnose, proposeChange } from './facade.ts';
import { REPOSITORY_ROOT } from './repository-root.ts';

// The README's programs, which a test of the packed packages runs, show what goes well.
const snapshot = join(REPOSITORY_ROOT, 'scenarios/bad-image');
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
