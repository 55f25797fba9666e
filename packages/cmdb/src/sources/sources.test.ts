import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeInventorySource, startRedirectingServer, testContext } from '@tier0/core/testing';
import { afterEach, expect, test } from 'vitest';
import { createCmdb } from '../graph/cmdb.ts';
import { createObjectsSource, SHOP_NOW, shopObjects } from '../testing/index.ts';
import { createBackstageSource } from './backstage/source.ts';
import { connect } from './kubernetes/connection.ts';
import { createKubernetesSource } from './kubernetes/source.ts';
import { createManifestsSource } from './manifests/source.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Answer = { readonly status: number; readonly body: unknown } | 'hang';

/** An API server that knows lists only, demands its token and a limit, and pages as the real one does. */
async function startApi(
  answers: Readonly<Record<string, (token: string) => Answer>>,
  unpaged: readonly string[] = [],
): Promise<{ readonly kubeconfig: string; readonly paths: string[] }> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://api');
    paths.push(url.pathname);
    const reply = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.method !== 'GET' || request.headers.authorization !== 'Bearer token-of-test') return reply(400, {});
    if (url.searchParams.get('limit') !== '500' && !unpaged.includes(url.pathname)) return reply(400, {});
    const answer = (answers[url.pathname] ?? (() => ({ status: 200, body: { kind: 'List', metadata: {}, items: [] } })))(
      url.searchParams.get('continue') ?? '',
    );
    if (answer !== 'hang') reply(answer.status, answer.body);
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close().closeAllConnections());
  return { kubeconfig: kubeconfigFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), paths };
}

function kubeconfigFor(server: string, plainHttpAllowed = true): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': plainHttpAllowed } }],
    users: [{ name: 'test', user: { token: 'token-of-test' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  });
}

const pod = (name: string) => ({ metadata: { name, namespace: 'shop' }, spec: { containers: [] } });
const page = (items: readonly unknown[], next = '') => ({
  status: 200,
  body: { kind: 'PodList', apiVersion: 'v1', metadata: { continue: next }, items },
});
const paged = (token: string): Answer =>
  token === '' ? page([pod('a')], 'next') : token === 'next' ? page([pod('b')]) : { status: 410, body: {} };

describeInventorySource('kubernetes', async () =>
  createKubernetesSource({ ...(await startApi({ '/api/v1/pods': paged })), cluster: 'production' }),
);

test('each kind says how it was read: complete over all pages, forbidden, not installed, failed', async () => {
  const { kubeconfig, paths } = await startApi({
    '/api/v1/pods': paged,
    '/api/v1/nodes': () => ({ status: 403, body: { message: 'nodes is forbidden' } }),
    '/apis/autoscaling/v2/horizontalpodautoscalers': () => ({ status: 404, body: {} }),
    '/apis/apps/v1/deployments': () => ({ status: 500, body: {} }),
    '/apis/networking.k8s.io/v1/ingresses': () => ({ status: 200, body: 'no list' }),
  });
  const inventory = await createKubernetesSource({ kubeconfig, cluster: 'production' }).discover(testContext());
  expect(inventory.items.map((item) => item.id)).toEqual(['kubernetes:production/shop/Pod/a', 'kubernetes:production/shop/Pod/b']);
  const states = Object.fromEntries(inventory.coverage.map((row) => [row.kind, row.state]));
  expect(states).toMatchObject({
    Pod: 'complete',
    Node: 'forbidden',
    HorizontalPodAutoscaler: 'notInstalled',
    Deployment: 'failed',
    Ingress: 'failed',
    Service: 'complete',
  });
  expect(inventory.coverage.find((row) => row.kind === 'Node')?.reason).toContain('nodes is forbidden');
  expect(paths.some((path) => path.includes('secrets'))).toBe(false);
});

test('an unreachable API server is UNAVAILABLE and named without credentials', async () => {
  const source = createKubernetesSource({ kubeconfig: kubeconfigFor('http://127.0.0.1:1'), cluster: 'production' });
  const error = await source.discover(testContext()).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('http://127.0.0.1:1') });
  expect(JSON.stringify(error)).not.toContain('token-of-test');
});

test('credentials are not sent over plain http unless the kubeconfig allows it', async () => {
  const source = createKubernetesSource({ kubeconfig: kubeconfigFor('http://127.0.0.1:1', false), cluster: 'production' });
  await expect(source.discover(testContext())).rejects.toMatchObject({ code: 'INVALID_INPUT', hint: expect.stringContaining('https') });
});

test('an API server that points elsewhere is not followed, by no way of reading it: credentials stay here', async () => {
  const server = await startRedirectingServer(302);
  const connection = await connect({ kubeconfig: kubeconfigFor(server.url), requestTimeoutMs: 1000, maxBytes: 1000 });
  const { signal } = testContext();
  await expect(connection.get('/api/v1/pods', signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(connection.open('/api/v1/pods?watch=true', signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect([server.asked(), server.stray]).toEqual([2, []]);
  await server.close();
});

test('a server that does not answer is given up, and a cancelled reading ends', async () => {
  const { kubeconfig } = await startApi({ '/api/v1/pods': () => 'hang' });
  const source = createKubernetesSource({ kubeconfig, cluster: 'production', requestTimeoutMs: 100 });
  await expect(source.discover(testContext())).rejects.toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('100 ms') });
  await expect(source.discover({ ...testContext(), signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'TIMEOUT' });
});

test('nothing readable at all is an error, not an empty cluster', async () => {
  const source = createKubernetesSource({
    kubeconfig: (await startApi({})).kubeconfig.replace('token-of-test', 'other'),
    cluster: 'production',
  });
  await expect(source.discover(testContext())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sources-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

const MANIFESTS = {
  'list.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: shopObjects() }),
  'secret.yaml':
    'apiVersion: v1\nkind: Secret\nmetadata: {name: key, namespace: shop}\ndata: {password: c2VjcmV0}\n---\n# empty\n---\njust: text\n',
};
const CATALOG = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: payment}
spec: {type: service, lifecycle: production, owner: payments, system: shop, dependsOn: ['resource:ledger']}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: payments}
spec: {type: team, children: [], members: [ana]}
`;

describeInventorySource('manifests', async () => createManifestsSource({ directory: await folderWith(MANIFESTS), cluster: 'production' }));
describeInventorySource('backstage', async () =>
  createBackstageSource({ file: join(await folderWith({ 'catalog-info.yaml': CATALOG }), 'catalog-info.yaml') }),
);

test('a file with an error is named with its line, and makes every kind incomplete', async () => {
  const directory = await folderWith({ ...MANIFESTS, 'broken.yaml': 'a: 1\nb: [\n' });
  const { coverage, items } = await createManifestsSource({ directory, cluster: 'production' }).discover(testContext());
  expect(items.length).toBeGreaterThan(5);
  expect(coverage.every((row) => row.state === 'failed')).toBe(true);
  expect(coverage[0]?.reason).toMatch(/^broken\.yaml:[23]: /);
});

test('the catalog names the owner of a workload, and its dependencies', async () => {
  const file = join(await folderWith({ 'catalog-info.yaml': CATALOG }), 'catalog-info.yaml');
  const sources = [createObjectsSource({ cluster: 'production', objects: () => shopObjects() }), createBackstageSource({ file })];
  const cmdb = createCmdb({ sources });
  await cmdb.refresh(testContext(SHOP_NOW));
  const reader = cmdb.reader();
  const pods = reader.query('kind:Pod label:app=payment');
  expect(reader.owner(pods[0]?.id ?? '')).toMatchObject({ team: 'backstage:group:default/payments', confidence: 0.7 });
  expect(reader.relations('backstage:component:default/payment', 'out').map((relation) => relation.type)).toEqual([
    'dependsOn',
    'ownedBy',
    'partOf',
  ]);
  expect(reader.get('backstage:resource:default/ledger').state).toBe('absent');
});

test('a live cluster is read with the kinds of its add-ons, and those that may not be read are one gap', async () => {
  const resource = (kind: string, name: string) => ({
    resource: name,
    responseKind: { kind },
    scope: 'Namespaced',
    verbs: ['list', 'watch'],
  });
  const discovery = (items: readonly unknown[]) => ({ status: 200, body: { kind: 'APIGroupDiscoveryList', items } });
  const { kubeconfig } = await startApi(
    {
      '/api': () => discovery([{ metadata: { name: '' }, versions: [{ version: 'v1', resources: [resource('Pod', 'pods')] }] }]),
      '/apis': () =>
        discovery([
          {
            metadata: { name: 'databases.example.org' },
            versions: [{ version: 'v1', resources: [resource('Postgres', 'postgreses'), resource('Backup', 'backups')] }],
          },
        ]),
      '/apis/databases.example.org/v1/postgreses': () => page([{ metadata: { name: 'orders', namespace: 'shop' }, status: {} }]),
      '/apis/databases.example.org/v1/backups': () => ({ status: 403, body: {} }),
    },
    ['/api', '/apis'],
  );
  const inventory = await createKubernetesSource({ kubeconfig, cluster: 'production' }).discover(testContext());
  expect(inventory.items.map(({ id }) => id)).toEqual(['kubernetes:production/shop/Postgres/orders']);
  expect(inventory.coverage.filter(({ state }) => state === 'forbidden')).toEqual([
    { kind: 'kinds of add-ons', state: 'forbidden', reason: 'listing Backup is not allowed' },
  ]);
});
