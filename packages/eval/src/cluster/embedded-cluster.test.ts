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
  return { code: response.status, text, body: /^\{[^\n]*\n?$/.test(text) ? JSON.parse(text) : undefined };
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

    await expect.poll(() => seen, { timeout: 10_000 }).toEqual(['add settings', 'add fresh', 'update fresh', 'delete fresh']);
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

describe('writing with @kubernetes/client-node', () => {
  test('is refused with 405 unless the cluster is writable', async () => {
    const target = await cluster();
    const core = configOf(target).makeApiClient(CoreV1Api);

    const status = await statusOf(core.deleteNamespacedPod({ namespace: 'shop', name: 'web-1' }));

    expect(status).toMatchObject({ code: 405, reason: 'MethodNotAllowed', kind: 'Status' });
    expect(target.requests.at(-1)).toMatchObject({ method: 'DELETE', kind: 'write', status: 405, dryRun: false });
  });

  test('patches in every dialect raise the generation when, and only when, the spec changes', async () => {
    const target = await cluster({ writable: true });
    const apps = configOf(target).makeApiClient(AppsV1Api);
    const patch = async (strategy: PatchStrategy, body: unknown, query: object = {}) =>
      apps.patchNamespacedDeployment({ namespace: 'shop', name: 'web', body, ...query }, setHeaderOptions('Content-Type', strategy));

    const json = await patch(PatchStrategy.JsonPatch, [{ op: 'replace', path: '/spec/replicas', value: 3 }]);
    expect([json.spec?.replicas, json.metadata?.generation]).toEqual([3, 2]);
    const merge = await patch(PatchStrategy.MergePatch, { metadata: { labels: { team: 'shop' } } });
    expect([merge.metadata?.labels?.team, merge.metadata?.generation]).toEqual(['shop', 2]);
    const containers = [
      {
        name: 'web',
        env: [
          { name: 'A', $patch: 'delete' },
          { name: 'B', value: '2' },
        ],
      },
      { name: 'sidecar', image: 'registry.example/side:1' },
    ];
    const strategic = await patch(PatchStrategy.StrategicMergePatch, { spec: { template: { spec: { containers } } } });
    expect(strategic.spec?.template.spec?.containers.map(({ name, image, env }) => [name, image, env])).toEqual([
      ['web', 'registry.example/web:1.0', [{ name: 'B', value: '2' }]],
      ['sidecar', 'registry.example/side:1', undefined],
    ]);
    const preview = await patch(PatchStrategy.MergePatch, { spec: { replicas: 9 } }, { dryRun: 'All' });
    expect(preview.spec?.replicas).toBe(9);
    expect((await apps.readNamespacedDeployment({ namespace: 'shop', name: 'web' })).spec?.replicas).toBe(3);
    expect(target.requests.filter((request) => request.dryRun)).toHaveLength(1);
  });

  test('server-side apply merges lists by key, records its manager, removes what it dropped and finds conflicts', async () => {
    const target = await cluster({ writable: true });
    const apps = configOf(target).makeApiClient(AppsV1Api);
    const apply = (env: readonly object[], query: object) => {
      const spec = { template: { spec: { containers: [{ name: 'web', env }] } } };
      const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec };
      const options = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply);
      return apps.patchNamespacedDeployment({ namespace: 'shop', name: 'web', body, ...query }, options);
    };

    await apply(
      [
        { name: 'B', value: '1' },
        { name: 'C', value: '1' },
      ],
      { fieldManager: 'gitops' },
    );
    const applied = await apply([{ name: 'B', value: '2' }], { fieldManager: 'gitops' });
    expect(applied.spec?.template.spec?.containers[0]?.env).toEqual([
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ]);
    expect(applied.metadata?.managedFields).toMatchObject([{ manager: 'gitops', operation: 'Apply', time: new Date(START) }]);

    const conflict = await statusOf(apply([{ name: 'B', value: '3' }], { fieldManager: 'person' }));
    expect(conflict).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(conflict.message).toContain(
      'conflict with "gitops" using apps/v1: .spec.template.spec.containers[name="web"].env[name="B"].value',
    );
    const forced = await apply([{ name: 'B', value: '3' }], { fieldManager: 'person', force: true });
    expect(forced.spec?.template.spec?.containers[0]?.env?.at(-1)?.value).toBe('3');
  });

  test('conflicts, duplicates and nonsense get the Status a real server sends', async () => {
    const target = await cluster({ writable: true });
    const config = configOf(target);
    const [core, apps] = [config.makeApiClient(CoreV1Api), config.makeApiClient(AppsV1Api)];
    const web = await apps.readNamespacedDeployment({ namespace: 'shop', name: 'web' });
    await apps.replaceNamespacedDeployment({ namespace: 'shop', name: 'web', body: { ...web, spec: { ...web.spec!, replicas: 4 } } });

    const stale = await statusOf(apps.replaceNamespacedDeployment({ namespace: 'shop', name: 'web', body: web }));
    expect(stale).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(stale.message).toContain('the object has been modified');
    const twice = await statusOf(core.createNamespacedConfigMap({ namespace: 'shop', body: { metadata: { name: 'settings' } } }));
    expect(twice).toMatchObject({ code: 409, reason: 'AlreadyExists', message: 'configmaps "settings" already exists' });
    const nameless = await statusOf(core.createNamespacedConfigMap({ namespace: 'shop', body: { metadata: { name: 'Not Valid' } } }));
    expect(nameless).toMatchObject({ code: 422, reason: 'Invalid' });
    const nowhere = await statusOf(core.createNamespacedConfigMap({ namespace: 'mars', body: { metadata: { name: 'a' } } }));
    expect(nowhere).toMatchObject({ code: 404, message: 'namespaces "mars" not found' });
  });

  test('status and scale are written apart from the rest', async () => {
    const apps = configOf(await cluster({ writable: true })).makeApiClient(AppsV1Api);
    const options = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    const place = { namespace: 'shop', name: 'web' };

    const status = await apps.patchNamespacedDeploymentStatus(
      { ...place, body: { spec: { replicas: 7 }, status: { readyReplicas: 1 } } },
      options,
    );
    expect([status.spec?.replicas, status.status?.readyReplicas]).toEqual([2, 1]);
    const scale = await apps.patchNamespacedDeploymentScale({ ...place, body: { spec: { replicas: 5 } } }, options);
    expect(scale.spec?.replicas).toBe(5);
    const after = await apps.readNamespacedDeployment(place);
    expect([after.spec?.replicas, after.metadata?.generation]).toEqual([5, 2]);
  });

  test('finalizers hold a deleted object until they are gone', async () => {
    const core = configOf(await cluster({ writable: true })).makeApiClient(CoreV1Api);
    const place = { namespace: 'shop', name: 'held' };
    await core.createNamespacedConfigMap({ namespace: 'shop', body: { metadata: { name: 'held', finalizers: ['shop.example/wait'] } } });

    await core.deleteNamespacedConfigMap(place);
    expect((await core.readNamespacedConfigMap(place)).metadata?.deletionTimestamp).toEqual(new Date(START));
    await core.patchNamespacedConfigMap(
      { ...place, body: { metadata: { finalizers: null } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    expect(await statusOf(core.readNamespacedConfigMap(place))).toMatchObject({ code: 404 });
  });
});

describe('the wire', () => {
  async function watchLines(target: EmbeddedCluster, query: string): Promise<{ type: string; object: Record<string, never> }[]> {
    const { text } = await send(target, `/api/v1/namespaces/shop/pods?watch=true&timeoutSeconds=1&${query}`);
    return text
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  test('a WatchList sends what is there, then the bookmark that ends it', async () => {
    const target = await cluster();

    const lines = await watchLines(target, 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true');

    expect(lines.map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'ADDED', 'BOOKMARK']);
    expect(lines.at(-1)?.object).toMatchObject({ kind: 'Pod', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } });
  });

  test('a watch that starts too far back is 410 Expired; one that a label leaves sees a deletion', async () => {
    const target = await cluster({ writable: true });
    expect(await send(target, '/api/v1/pods?watch=true&resourceVersion=0&timeoutSeconds=1')).toMatchObject({ code: 200 });
    const { store } = target;
    const before = store.version;
    const pod = store.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-1' })!;
    store.update({ ...pod, metadata: { ...pod.metadata, labels: { app: 'other' } } });

    expect((await watchLines(target, `resourceVersion=${before}&labelSelector=app%3Dweb`)).map(({ type }) => type)).toEqual(['DELETED']);
    const old = await createEmbeddedCluster({
      objects: [{ ...pod, metadata: { ...pod.metadata, resourceVersion: '500' } }],
      now: () => START,
    });
    open.push(old);
    expect((await send(old, '/api/v1/pods?watch=true&resourceVersion=20')).body).toMatchObject({
      reason: 'Expired',
      message: 'too old resource version: 20 (500)',
    });
  });

  test('Tables, metadata and both forms of discovery', async () => {
    const target = await cluster();
    const as = (accept: string) => ({ headers: { accept } });

    const table = await send(target, '/api/v1/namespaces/shop/pods', as('application/json;as=Table;v=v1;g=meta.k8s.io,application/json'));
    expect(table.body.kind).toBe('Table');
    expect(table.body.rows[1].cells.slice(0, 5)).toEqual(['web-1', '1/1', 'Running', '0', '27h']);
    const partial = await send(target, '/api/v1/pods', as('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'));
    expect(partial.body).toMatchObject({ kind: 'PartialObjectMetadataList' });
    expect(partial.body.items[0]).not.toHaveProperty('spec');
    expect((await send(target, '/apis')).body.groups.map((group: { name: string }) => group.name)).toContain('shop.example');
    const aggregated = await send(
      target,
      '/apis',
      as('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'),
    );
    expect(aggregated.body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
    expect((await send(target, '/apis/events.k8s.io/v1/events')).body.items[0]).toMatchObject({
      note: 'Back-off restarting failed container',
      regarding: { name: 'api-1' },
    });
    expect((await send(target, '/livez')).text).toBe('ok');
  });

  test('recorded logs, their tail, and the refusal of a previous log that never was', async () => {
    const target = await cluster({
      logs: (_namespace, pod, _container, previous) => (pod === 'web-1' && !previous ? 'one\ntwo\nthree\n' : undefined),
    });

    expect((await send(target, '/api/v1/namespaces/shop/pods/web-1/log?tailLines=2')).text).toBe('two\nthree\n');
    expect((await send(target, '/api/v1/namespaces/shop/pods/web-2/log')).text).toBe('');
    expect((await send(target, '/api/v1/namespaces/shop/pods/web-1/log?previous=true')).body).toMatchObject({
      code: 400,
      reason: 'BadRequest',
    });
  });

  test('reading Secrets is logged as such', async () => {
    const target = await cluster();
    await send(target, '/api/v1/namespaces/shop/secrets', { headers: { 'user-agent': 'prying/1.0' } });

    expect(target.requests).toMatchObject([{ at: START, method: 'GET', kind: 'secret-read', userAgent: 'prying/1.0', status: 200 }]);
    expect(target.requests[0]?.bytes).toBeGreaterThan(50);
  });
});

describe('hostile input', () => {
  test('is refused with a Status, and the server goes on', async () => {
    const target = await cluster({ writable: true });
    const post = (body: string, contentType = 'application/json') =>
      send(target, '/api/v1/namespaces/shop/configmaps', { method: 'POST', body, headers: { 'content-type': contentType } });

    expect(await post('{"metadata":')).toMatchObject({ code: 400, body: { reason: 'BadRequest', kind: 'Status' } });
    expect(await post('[]')).toMatchObject({ code: 400 });
    expect(await post('{"metadata":{"name":"a"},"data":{"__proto__":{"polluted":"yes"}}}')).toMatchObject({ code: 400 });
    expect(await post(`{"metadata":{"name":"a"},"data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toMatchObject({ code: 400 });
    expect(await post(`"${'x'.repeat(3 * 1024 * 1024)}"`)).toMatchObject({ code: 413 });
    expect(await post('a: &a [*a, *a]\nb: [', 'application/yaml')).toMatchObject({ code: 400 });
    expect(await post('\x00\x01', 'application/vnd.kubernetes.protobuf')).toMatchObject({ code: 415 });
    for (const path of ['/api/v1/pods/%zz', '/nonsense', '/api/v1/namespaces/shop/pods/a/exec', '/api/v1/nodes/a/b/c', '//evil']) {
      expect((await send(target, path)).code, path).toBeGreaterThanOrEqual(400);
    }
    for (const query of ['labelSelector=a%20in%20(', 'limit=-1', 'continue=zzz', 'watch=true&resourceVersion=abc', 'fieldSelector=x']) {
      expect((await send(target, `/api/v1/pods?${query}`)).body, query).toMatchObject({ code: 400, reason: 'BadRequest' });
    }
    expect((await send(target, '/readyz')).text).toBe('ok');
  });

  test('another name for this machine is forbidden', async () => {
    const target = await cluster();
    const headers: Record<string, string>[] = [{ host: 'evil.example' }, { origin: 'https://evil.example' }];

    for (const header of headers) {
      const code = await new Promise((resolve) => {
        httpRequest(`${target.url}/api/v1/pods`, { headers: header }, (response) => resolve(response.resume().statusCode)).end();
      });
      expect(code).toBe(403);
    }
  });
});

const run = promisify(execFile);
const hasKubectl = await run('kubectl', ['version', '--client']).then(
  () => true,
  () => false,
);

describe('kubectl', () => {
  async function kubectlFor(target: EmbeddedCluster) {
    const folder = await mkdtemp(join(tmpdir(), 'embedded-cluster-'));
    open.push({ close: () => rm(folder, { recursive: true }) });
    await writeFile(join(folder, 'config'), target.kubeconfig);
    const fixed = ['--kubeconfig', join(folder, 'config'), '--cache-dir', join(folder, 'cache')];
    return { folder, kubectl: async (...args: string[]) => (await run('kubectl', [...fixed, ...args])).stdout };
  }

  test.skipIf(!hasKubectl)('reads: get, describe, logs, events, auth can-i (skipped when kubectl is not on PATH)', async () => {
    const { kubectl } = await kubectlFor(await cluster({ logs: () => 'hello\n' }));

    expect(await kubectl('get', 'pods', '-A')).toMatch(/shop +web-1 +1\/1 +Running +0 +27h/);
    expect(await kubectl('get', 'deploy', '-n', 'shop', '-o', 'wide')).toMatch(/web +0\/2 .*registry\.example\/web:1\.0 +app=web/);
    expect(await kubectl('get', 'widgets', '-n', 'shop', '-o', 'yaml')).toContain('size: 3');
    expect(await kubectl('describe', 'pod', 'api-1', '-n', 'shop')).toMatch(/Back-off restarting failed container/);
    expect(await kubectl('logs', 'web-1', '-n', 'shop')).toBe('hello\n');
    expect(await kubectl('get', 'events', '-n', 'shop')).toMatch(/60s +Warning +BackOff +pod\/api-1/);
    expect(await kubectl('auth', 'can-i', 'list', 'pods')).toBe('yes\n');
    await expect(kubectl('auth', 'can-i', 'delete', 'pods')).rejects.toMatchObject({ stdout: 'no - the embedded cluster is read-only\n' });
    await expect(kubectl('delete', 'pod', 'web-1', '-n', 'shop')).rejects.toMatchObject({
      stderr: expect.stringContaining('MethodNotAllowed'),
    });
  });

  test.skipIf(!hasKubectl)('writes: apply on both sides, patch, label, delete (skipped when kubectl is not on PATH)', async () => {
    const target = await cluster({ writable: true });
    const { kubectl, folder } = await kubectlFor(target);
    const file = join(folder, 'settings.yaml');
    await writeFile(
      file,
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {colour: red, size: large}\n',
    );

    expect(await kubectl('apply', '--server-side', '-f', file)).toBe('configmap/settings serverside-applied\n');
    expect(await kubectl('get', 'cm', 'settings', '-n', 'shop', '-o', 'jsonpath={.data}')).toBe('{"colour":"red","size":"large"}');
    await writeFile(file, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: shop}\ndata: {a: "1"}\n');
    expect(await kubectl('apply', '-f', file)).toBe('configmap/other created\n');
    expect(await kubectl('patch', 'deploy', 'web', '-n', 'shop', '-p', '{"spec":{"replicas":3}}')).toBe('deployment.apps/web patched\n');
    expect(await kubectl('delete', 'cm', 'other', '-n', 'shop')).toContain('deleted');
    const web = target.store.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' });
    expect(web?.metadata.managedFields).toMatchObject([
      { manager: 'kubectl-patch', operation: 'Update', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
    ]);
  });
});

describe('access rules', () => {
  test('what no rule allows is 403 in the words of the API server, and kubectl auth can-i hears the same', async () => {
    const limited = await createEmbeddedCluster({
      objects: shopObjects(),
      now: () => Date.parse('2026-01-01T00:00:00Z'),
      accessRules: [
        { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list', 'watch'], namespaces: ['shop'] },
        { apiGroups: ['apps'], resources: ['*'], verbs: ['list'] },
      ],
    });
    try {
      const status = async (path: string) => (await fetch(limited.url + path)).status;
      expect(await status('/api/v1/namespaces/shop/pods')).toBe(200);
      expect(await status('/apis/apps/v1/deployments')).toBe(200);
      expect(await status('/api/v1/namespaces/other/pods')).toBe(403);
      const refused = (await (await fetch(`${limited.url}/api/v1/pods`)).json()) as { reason: string; message: string };
      expect(refused).toMatchObject({
        reason: 'Forbidden',
        message: 'pods is forbidden: User "tier0" cannot list resource "pods" in API group "" at the cluster scope',
      });
      const can = async (attributes: object) => {
        const response = await fetch(`${limited.url}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ spec: { resourceAttributes: attributes } }),
        });
        return ((await response.json()) as { status: { allowed: boolean } }).status.allowed;
      };
      expect(await can({ verb: 'list', resource: 'pods', namespace: 'shop' })).toBe(true);
      expect(await can({ verb: 'list', resource: 'pods' })).toBe(false);
      expect(await can({ verb: 'get', resource: 'pods', subresource: 'log', namespace: 'shop' })).toBe(true);
      expect(await can({ verb: 'delete', resource: 'pods', namespace: 'shop' })).toBe(false);
    } finally {
      await limited.close();
    }
  });
});
