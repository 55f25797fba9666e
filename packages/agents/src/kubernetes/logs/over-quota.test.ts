import { expect, test } from 'vitest';
import { madeCluster, node, object, pod, UNREADY, web } from '../../fixtures/made-cluster.ts';
import { podViews } from '../objects/pod-view.ts';
import { overQuota, quotaIn } from './over-quota.ts';

const LINE =
  'Reconciler error err="configmaps \\"render-1\\" is forbidden: exceeded quota: counts, requested: count/configmaps=1, used: count/configmaps=2, limited: count/configmaps=2"';

async function subjects(...namespaces: readonly string[]) {
  const quotas = namespaces.map((namespace) =>
    object('ResourceQuota', 'counts', { metadata: { namespace }, spec: { hard: { 'count/configmaps': '2' } } }),
  );
  const reader = await madeCluster([node('node-a'), ...web(), pod('p', { status: UNREADY }), ...quotas]);
  const [speaker] = podViews(reader);
  if (speaker === undefined) throw new Error('no pod');
  return overQuota({ pod: speaker, container: 'app', message: LINE }, 'counts');
}

test('the API server names the quota, whatever is made', () => {
  expect(quotaIn(LINE)).toBe('counts');
  expect(quotaIn('pods "a" is forbidden: exceeded quota: compute.big, requested: cpu=2, used: cpu=3, limited: cpu=4')).toBe('compute.big');
  expect(quotaIn('disk quota exceeded')).toBeUndefined();
  expect(quotaIn('exceeded quota of requests per day')).toBeUndefined();
});

test('the quota of its own namespace is meant, else the only one of this name', async () => {
  expect(await subjects('ns', 'other')).toMatchObject([
    { subject: expect.stringMatching(/\/ns\/ResourceQuota\/counts$/), text: expect.stringContaining('requested: count/configmaps=1') },
  ]);
  expect(await subjects('other')).toMatchObject([{ subject: expect.stringMatching(/\/other\/ResourceQuota\/counts$/) }]);
  expect(await subjects('other', 'third')).toEqual([]);
});
