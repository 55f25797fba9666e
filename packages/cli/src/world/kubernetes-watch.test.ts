import { createCmdb, createKubernetesWatch, type KubernetesWatchOptions, keepCurrent } from '@tier0/cmdb';
import type { RefreshReport } from '@tier0/core';
import { createEmbeddedCluster, type EmbeddedCluster, type EmbeddedClusterOptions, type KubernetesObject } from '@tier0/eval/cluster';
import { afterEach, expect, test } from 'vitest';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const PATIENT = { timeout: 10_000, interval: 20 };
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function configMap(name: string, data: Readonly<Record<string, string>> = {}, resourceVersion?: string): KubernetesObject {
  const metadata = { namespace: 'shop', name, ...(resourceVersion ? { resourceVersion } : {}) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

const pod = (name: string, config: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'shop', name },
  spec: { containers: [{ name: 'main', image: 'registry.example/main:1', envFrom: [{ configMapRef: { name: config } }] }] },
});

const SHOP: readonly KubernetesObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  configMap('settings', { colour: 'green' }),
  configMap('spare'),
  pod('web-1', 'settings'),
];

async function clusterWith(objects: readonly KubernetesObject[], options: Partial<EmbeddedClusterOptions> = {}): Promise<EmbeddedCluster> {
  const cluster = await createEmbeddedCluster({ objects, now: () => NOW, writable: true, ...options });
  closing.push(() => cluster.close());
  return cluster;
}

function listsOf({ requests }: EmbeddedCluster, wanted: string): number {
  return requests.filter(({ path, query }) => path === wanted && !query.includes('watch=true')).length;
}

/** A CMDB that is kept current from a cluster, and what its refreshes reported. */
function follow({ kubeconfig }: EmbeddedCluster, options: Partial<KubernetesWatchOptions> = {}) {
  const pacing = { firstPauseMs: 20, maxPauseMs: 100, random: () => 0.5 };
  const watch = createKubernetesWatch({ kubeconfig, cluster: 'production', pacing, ...options });
  const cmdb = createCmdb({ sources: [watch] });
  const end = new AbortController();
  const reports: RefreshReport[] = [];
  const ended = keepCurrent(
    cmdb,
    watch,
    { signal: end.signal, now: () => NOW + reports.length },
    { batchMs: 20, onRefresh: (report) => reports.push(report) },
  );
  const stop = () => {
    end.abort();
    return ended;
  };
  closing.push(stop);
  const names = (kind: string) =>
    reports.length === 0
      ? []
      : cmdb
          .reader()
          .query(`kind:${kind}`)
          .map(({ id }) => id.split('/').at(-1));
  const uses = (name: string) =>
    cmdb
      .reader()
      .relations(`kubernetes:production/shop/Pod/${name}`, 'out')
      .map(({ to }) => to.split('/').at(-1));
  const state = (kind: string) => reports.at(-1)?.failures.find((gap) => gap.kind === kind)?.message;
  return { cmdb, names, uses, state, reports, stop };
}

test('what is created, changed and deleted in the cluster is in the CMDB soon after, with its relations', async () => {
  const cluster = await clusterWith(SHOP);
  const { names, uses, reports } = follow(cluster);
  await expect.poll(() => names('ConfigMap'), PATIENT).toEqual(['settings', 'spare']);
  expect(uses('web-1')).toContain('settings');

  cluster.store.create(configMap('fresh'));
  cluster.store.delete({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'spare' });
  await expect.poll(() => names('ConfigMap'), PATIENT).toEqual(['fresh', 'settings']);

  const { metadata } = cluster.store.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-1' })!;
  cluster.store.update({ ...pod('web-1', 'fresh'), metadata });
  await expect.poll(() => uses('web-1'), PATIENT).toContain('fresh');
  expect(uses('web-1')).not.toContain('settings');
  expect(reports.every(({ failures }) => failures.length === 0)).toBe(true);
  expect(cluster.requests.filter(({ path }) => path.includes('/secrets'))).toEqual([]);
  // Nothing is listed twice: changes came by the watches.
  expect(listsOf(cluster, '/api/v1/configmaps')).toBe(1);
});

test('a cluster that goes away and comes back loses nothing; what vanished past its memory is removed by a new list', async () => {
  const cluster = await clusterWith(SHOP);
  const { names, state } = follow(cluster);
  await expect.poll(() => names('Pod'), PATIENT).toEqual(['web-1']);
  const port = Number(new URL(cluster.url).port);
  const kept = ['Namespace', 'ConfigMap', 'Pod'].flatMap((kind) => cluster.store.list({ apiVersion: 'v1', kind }));

  await cluster.close();
  await expect.poll(() => state('ConfigMap'), PATIENT).toMatch(/refuse|reach|connect/i);
  expect(names('ConfigMap')).toEqual(['settings', 'spare']);

  const again = await clusterWith(kept, { port });
  await expect.poll(() => state('ConfigMap'), PATIENT).toBeUndefined();
  again.store.create(configMap('fresh'));
  await expect.poll(() => names('ConfigMap'), PATIENT).toEqual(['fresh', 'settings', 'spare']);
  expect(again.requests.filter(({ path, query }) => path === '/api/v1/configmaps' && !`${path}${query ?? ''}`.includes('watch='))).toEqual(
    [],
  );

  await again.close();
  const later = kept
    .filter(({ metadata }) => metadata.name !== 'spare')
    .map((object) => ({ ...object, metadata: { ...object.metadata, resourceVersion: '5000' } }));
  await clusterWith(later, { port });
  await expect.poll(() => names('ConfigMap'), PATIENT).toEqual(['settings']);
  await expect.poll(() => state('ConfigMap'), PATIENT).toBeUndefined();
});

test('kinds that may not be read are said, the others go on; where all namespaces are forbidden the named ones are followed', async () => {
  const rules = [{ apiGroups: [''], resources: ['configmaps', 'namespaces'], verbs: ['list', 'watch'] }];
  const inShop = { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'], namespaces: ['shop'] };
  const cluster = await clusterWith(SHOP, { accessRules: [...rules, inShop] });
  const { names, state } = follow(cluster, { namespaces: ['shop'] });

  await expect.poll(() => [names('ConfigMap'), names('Pod')], PATIENT).toEqual([['settings', 'spare'], ['web-1']]);
  expect(state('Service')).toMatch(/403.*services is forbidden/);
  expect(state('Pod:')).toBeUndefined();
  cluster.store.create(pod('web-2', 'settings'));
  await expect.poll(() => names('Pod'), PATIENT).toEqual(['web-1', 'web-2']);
});

test('stopping ends every connection and every timer', async () => {
  const cluster = await clusterWith(SHOP);
  const held = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'TCPSocketWrap').length;
  const before = held();
  const { names, stop } = follow(cluster);
  await expect.poll(() => names('Pod'), PATIENT).toEqual(['web-1']);
  expect(held()).toBeGreaterThan(before + 20);

  await stop();

  await expect.poll(held, PATIENT).toBeLessThanOrEqual(before);
});
