import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  VersionApi,
} from '@kubernetes/client-node';
import { afterEach, describe, expect, test } from 'vitest';
import { createEmbeddedCluster, type EmbeddedCluster, type EmbeddedClusterOptions } from './embedded-cluster.ts';
import { shopObjects } from './testing/shop.ts';

const START = Date.parse('2026-03-01T12:00:00Z');
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const closable of open.splice(0)) await closable.close();
});

async function cluster(options: Partial<EmbeddedClusterOptions> = {}): Promise<EmbeddedCluster> {
  const created = await createEmbeddedCluster({ objects: shopObjects(), now: () => START, ...options });
  open.push(created);
  return created;
}

function configOf({ kubeconfig }: EmbeddedCluster): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  return config;
}

async function statusOf(call: Promise<unknown>): Promise<{ code: number; reason: string; message: string }> {
  const error = await call.then(
    () => expect.unreachable('the call should have been refused'),
    (failure: { code: number; body: string }) => failure,
  );
  return { ...JSON.parse(error.body), code: error.code };
}

async function send(target: EmbeddedCluster, path: string, init: RequestInit = {}) {
  const response = await fetch(`${target.url}${path}`, init);
  const text = await response.text();
  return { code: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
}

describe('reading with @kubernetes/client-node', () => {
  test('lists in one namespace and in all, by labels, by fields and in pages', async () => {
    const core = configOf(await cluster()).makeApiClient(CoreV1Api);

    expect((await core.listPodForAllNamespaces()).items).toHaveLength(4);
    expect((await core.listNamespacedPod({ namespace: 'shop' })).items).toHaveLength(3);
    const names = async (query: object) => (await core.listPodForAllNamespaces(query)).items.map((pod) => pod.metadata?.name);
    expect(await names({ labelSelector: 'app in (web, api),tier!=front' })).toEqual(['api-1']);
    expect(await names({ labelSelector: '!tier' })).toEqual(['agent-1', 'api-1']);
    expect(await names({ fieldSelector: 'spec.nodeName=node-b,status.phase!=Failed' })).toEqual(['agent-1', 'web-2']);
    const first = await core.listPodForAllNamespaces({ limit: 3 });
    const rest = await core.listPodForAllNamespaces({ limit: 3, _continue: first.metadata?._continue as string });
    expect([...first.items, ...rest.items].map((pod) => pod.metadata?.name)).toEqual(['agent-1', 'api-1', 'web-1', 'web-2']);
    expect(rest.metadata?._continue).toBeUndefined();
  });

  test('custom resources, the version and one object', async () => {
    const config = configOf(await cluster({ serverVersion: 'v1.31.2' }));
    const custom = config.makeApiClient(CustomObjectsApi);

    const widgets = await custom.listNamespacedCustomObject({ group: 'shop.example', version: 'v1', namespace: 'shop', plural: 'widgets' });
    expect(widgets.items.map((widget: { metadata: { name: string } }) => widget.metadata.name)).toEqual(['blue']);
    expect((await config.makeApiClient(VersionApi).getCode()).gitVersion).toBe('v1.31.2');
    expect((await config.makeApiClient(AppsV1Api).readNamespacedDeployment({ namespace: 'shop', name: 'web' })).spec?.replicas).toBe(2);
    const generic = await KubernetesObjectApi.makeApiClient(config).read({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'shop', name: 'web' },
    });
    expect(generic.metadata?.name).toBe('web');
  });

  test('an informer sees what was there, what is added, changed and deleted', async () => {
    const target = await cluster({ writable: true });
    const config = configOf(target);
    const core = config.makeApiClient(CoreV1Api);
    const informer = makeInformer(config, '/api/v1/namespaces/shop/configmaps', () => core.listNamespacedConfigMap({ namespace: 'shop' }));
    const seen: string[] = [];
    for (const verb of ['add', 'update', 'delete'] as const)
      informer.on(verb, (object) => void seen.push(`${verb} ${object.metadata?.name}`));
    await informer.start();
    open.push({ close: () => informer.stop() });

    await core.createNamespacedConfigMap({ namespace: 'shop', body: { metadata: { name: 'fresh' }, data: { a: '1' } } });
    const mergePatch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    await core.patchNamespacedConfigMap({ namespace: 'shop', name: 'fresh', body: { data: { a: '2' } } }, mergePatch);
    await core.deleteNamespacedConfigMap({ namespace: 'shop', name: 'fresh' });

    await expect.poll(() => seen).toEqual(['add settings', 'add fresh', 'update fresh', 'delete fresh']);
  });

  test('an absent object is a Status with reason NotFound', async () => {
    const core = configOf(await cluster()).makeApiClient(CoreV1Api);

    const status = await statusOf(core.readNamespacedPod({ namespace: 'shop', name: 'gone' }));

    expect(status).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'pods "gone" not found',
      reason: 'NotFound',
      details: { name: 'gone', kind: 'pods' },
      code: 404,
    });
  });
});
void [execFile, mkdtemp, rm, writeFile, httpRequest, tmpdir, join, promisify, send];
