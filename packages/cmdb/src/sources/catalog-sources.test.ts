import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallContext } from '@tier0/core';
import { describeInventorySource, startRedirectingServer, testContext } from '@tier0/core/testing';
import { afterEach, expect, test } from 'vitest';
import { createCmdb } from '../graph/cmdb.ts';
import type { KubernetesKind } from '../kinds/kubernetes-kinds.ts';
import type { KubernetesObject } from '../kinds/kubernetes-object.ts';
import { createArgoCdSource } from './argocd/source.ts';
import { createBackstageApiSource } from './backstage/api-source.ts';
import { parseInventoryEntry } from './flux/inventory-entry.ts';
import { createFluxSource } from './flux/source.ts';
import type { KindListing } from './kubernetes/list-objects.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Page = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly text?: string;
};

/** A catalog backend made from the documentation of `queryEntities`: one GET path, a bearer token, a limit, and cursors it gave out itself. */
async function startCatalog(answer: (cursor: string, request: IncomingMessage) => Page) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://catalog');
    requests.push(`${url.pathname}${url.search}`);
    const isAsked = request.method === 'GET' && url.pathname === '/api/catalog/entities/by-query' && url.searchParams.get('limit') === '2';
    const page = !isAsked
      ? { status: 400 }
      : request.headers.authorization === 'Bearer t'
        ? answer(url.searchParams.get('cursor') ?? '', request)
        : { status: 401 };
    response
      .writeHead(page.status ?? 200, { 'content-type': 'application/json', ...page.headers })
      .end(page.text ?? JSON.stringify(page.body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const entity = (name: string, kind = 'Component') => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind,
  metadata: { name },
  spec: { type: 'service', owner: 'payments' },
});
const page = (names: readonly string[], nextCursor?: string, totalItems = 4): Page => ({
  body: { items: names.map((name) => entity(name)), totalItems, pageInfo: nextCursor ? { nextCursor } : {} },
});
const whole = (cursor: string) => (cursor === '' ? page(['a', 'b'], 'c2') : page(['c', 'd']));
const sourceOf = (url: string, more = {}) => createBackstageApiSource({ url, token: 't', pageSize: 2, ...more });

describeInventorySource('backstage api', async () => sourceOf((await startCatalog(whole)).url));

test('the catalog is read to its last page, with the token in a header only', async () => {
  const { url, requests } = await startCatalog(whole);
  const { items, coverage, scope } = await sourceOf(url).discover(testContext());
  expect(items.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'].map((name) => `backstage:component:default/${name}`));
  expect(coverage.every(({ state }) => state === 'complete')).toBe(true);
  expect(scope).toBe(`backstage:${new URL(url).host}`);
  expect(requests).toEqual(['/api/catalog/entities/by-query?limit=2', '/api/catalog/entities/by-query?limit=2&cursor=c2']);
});

test.each([
  ['an error on the second page', { status: 500 } as Page, 'page 2 of the catalog could not be read'],
  ['a second page cut off', { text: '{"items":[' }, 'did not answer with JSON'],
  ['fewer entities than it says', page(['c']), 'says it has 4 entities and gave 3'],
  ['the same page again', page(['a', 'b'], 'c2'), 'repeats the same page'],
])('half a catalog deletes nothing: %s', async (_, second, reason) => {
  let isHalf = false;
  const { url } = await startCatalog((cursor) => (cursor !== '' && isHalf ? second : whole(cursor)));
  const cmdb = createCmdb({ sources: [sourceOf(url)], deletionGuard: false });
  await cmdb.refresh(testContext('2026-11-22T12:00:00.000Z'));
  isHalf = true;
  const { failures } = await cmdb.refresh(testContext('2026-11-22T12:10:00.000Z'));
  expect(failures.map(({ message }) => message).join()).toContain(reason);
  expect(cmdb.reader().items({ kind: 'Component' }).items).toHaveLength(4);
  expect(cmdb.reader().get('backstage:component:default/other').state).toBe('unknown');
});

test('a catalog that points elsewhere is not followed: the token stays here', async () => {
  const server = await startRedirectingServer();
  await expect(sourceOf(server.url, { token: 'secret-token' }).discover(testContext())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect([server.asked(), server.stray]).toEqual([1, []]);
  await server.close();
});

test('a busy catalog is asked again after its Retry-After, as seconds or as a date', async () => {
  const answers = [
    { status: 429, headers: { 'retry-after': '0' } },
    { status: 503, headers: { 'retry-after': 'Sun, 22 Nov 2026 12:00:00 GMT' } },
  ];
  const { url, requests } = await startCatalog((cursor) => answers.shift() ?? whole(cursor));
  expect((await sourceOf(url).discover(testContext())).items).toHaveLength(4);
  expect(requests).toHaveLength(4);
});

test('who asks for more patience than allowed is RATE_LIMITED, and a cancelled wait ends at once', async () => {
  const { url } = await startCatalog(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
  await expect(sourceOf(url).discover(testContext())).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    message: expect.stringContaining('1 h'),
  });
  const stop = new AbortController();
  const reading = sourceOf(url, { maxWaitMs: 7_200_000 }).discover({ ...testContext(), signal: stop.signal });
  stop.abort();
  await expect(reading).rejects.toMatchObject({ code: 'TIMEOUT' });
});

test.each([
  [{ status: 403 }, 'PERMISSION_DENIED', 'catalog.entity.read'],
  [{ status: 404 }, 'NOT_FOUND', 'base address'],
  [{ text: '<html>' }, 'MALFORMED_RESPONSE', 'website'],
  [{ body: { hello: 1 } }, 'MALFORMED_RESPONSE', 'backend'],
] as const)('an answer that is no catalog says what is missing: %o', async (answer, code, hint) => {
  const { url } = await startCatalog(() => answer);
  await expect(sourceOf(url).discover(testContext())).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) });
});

test('a wrong token is named without repeating it, an endless body is cut, credentials in the address are refused', async () => {
  const { url } = await startCatalog(() => ({ text: 'x'.repeat(5000) }));
  const error = await sourceOf(url, { token: 'secret-token' })
    .discover(testContext())
    .catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'PERMISSION_DENIED', hint: expect.stringContaining('missing, wrong or expired') });
  expect(JSON.stringify(error)).not.toContain('secret-token');
  await expect(sourceOf(url, { maxBytes: 1000 }).discover(testContext())).rejects.toMatchObject({
    message: expect.stringContaining('larger than 1000 bytes'),
  });
  expect(() => sourceOf('https://ana:pass@backstage.example.com')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});

/** Objects as the Kubernetes API lists them, by kind; shapes from the API types of Argo CD and Flux. */
function readerOf(objects: readonly KubernetesObject[], gaps: Readonly<Record<string, KindListing['coverage']['state']>> = {}) {
  return async ({ kind }: KubernetesKind, _: CallContext): Promise<KindListing> => ({
    objects: gaps[kind] ? [] : objects.filter((object) => object.kind === kind),
    coverage: { kind, state: gaps[kind] ?? 'complete' },
  });
}

const application = (destination: object): KubernetesObject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'shop', namespace: 'argocd', uid: 'u1' },
  spec: { project: 'default', source: { repoURL: 'git@github.com:example/Shop.git', path: 'deploy' }, destination },
  status: {
    health: { status: 'Healthy' },
    sync: { status: 'Synced', revision: 'abc' },
    reconciledAt: '2026-11-22T11:59:00Z',
    resources: [
      { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'web', status: 'Synced' },
      { version: 'v1', kind: 'Namespace', name: 'shop', status: 'Synced' },
      { kind: 'Broken' },
    ],
    history: [{ id: 1, revision: 'abc', deployedAt: '2026-11-22T10:00:00Z', initiatedBy: { username: 'ana' } }, { id: 2 }],
  },
});
const IN_CLUSTER = { server: 'https://kubernetes.default.svc', namespace: 'shop' };

describeInventorySource('argocd', () => createArgoCdSource({ readObjects: readerOf([application(IN_CLUSTER)]), cluster: 'production' }));

test('an Argo CD application manages its resources, is declared in its repository, and its syncs are changes', async () => {
  const source = createArgoCdSource({ readObjects: readerOf([application(IN_CLUSTER)]), cluster: 'production' });
  const { relations, changes, items } = await source.discover(testContext());
  const app = 'kubernetes:production/argocd/Application/shop';
  expect(relations.map(({ from, type, to }) => [from, type, to])).toEqual([
    [app, 'declaredIn', 'repository:github.com/example/shop'],
    ['kubernetes:production/shop/Deployment/web', 'managedBy', app],
    ['kubernetes:production/-/Namespace/shop', 'managedBy', app],
  ]);
  expect(changes).toMatchObject([{ item: app, at: '2026-11-22T10:00:00.000Z', actor: 'ana', summary: 'synced to abc' }]);
  expect(items[0]?.columns).toMatchObject({ argoHealth: 'Healthy', sync: 'Synced', revision: 'abc' });
  const remote = createArgoCdSource({ readObjects: readerOf([application({ server: 'https://10.0.0.1' })]), cluster: 'production' });
  expect((await remote.discover(testContext())).relations).toHaveLength(1);
});

const flux: readonly KubernetesObject[] = [
  {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'fleet', namespace: 'flux-system' },
    spec: { url: 'https://token@github.com/example/fleet' },
  },
  {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'apps', namespace: 'flux-system' },
    spec: { sourceRef: { kind: 'GitRepository', name: 'fleet' }, dependsOn: [{ name: 'infra' }] },
    status: {
      lastAppliedRevision: 'main@sha1:abc',
      inventory: {
        entries: [
          { id: 'shop_web_apps_Deployment', v: 'v1' },
          { id: '_system__node_rbac.authorization.k8s.io_ClusterRole', v: 'v1' },
          { id: 'nonsense' },
        ],
      },
    },
  },
  {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'redis', namespace: 'shop' },
    spec: { chart: { spec: { sourceRef: { kind: 'HelmRepository', name: 'bitnami' } } } },
    status: { history: [{ chartName: 'redis', chartVersion: '20.1.0', lastDeployed: '2026-11-22T09:00:00Z', status: 'deployed' }] },
  },
];

describeInventorySource('flux', () => createFluxSource({ readObjects: readerOf(flux), cluster: 'production' }));

test('Flux inventories become relations; credentials of a repository address are dropped', async () => {
  const { relations, changes, items, objects } = await createFluxSource({ readObjects: readerOf(flux), cluster: 'production' }).discover(
    testContext(),
  );
  const apps = 'kubernetes:production/flux-system/Kustomization/apps';
  const lines = relations.map(({ from, type, to }) => `${from} ${type} ${to}`);
  expect(lines).toContain(`kubernetes:production/shop/Deployment/web managedBy ${apps}`);
  expect(lines).toContain(`kubernetes:production/-/ClusterRole/system:node managedBy ${apps}`);
  expect(lines).toContain(`${apps} dependsOn kubernetes:production/flux-system/Kustomization/infra`);
  expect(lines).toContain('kubernetes:production/flux-system/GitRepository/fleet declaredIn repository:github.com/example/fleet');
  expect(changes).toMatchObject([{ summary: 'released redis 20.1.0', at: '2026-11-22T09:00:00.000Z' }]);
  expect(JSON.stringify([items, [...objects.values()]])).not.toContain('token@');
});

test('what of Flux may not be read is said; nothing at all is an error', async () => {
  const read = (gaps: Readonly<Record<string, 'forbidden' | 'notInstalled'>>) =>
    createFluxSource({ readObjects: readerOf(flux, gaps), cluster: 'production' }).discover(testContext());
  expect((await read({ HelmRelease: 'notInstalled' })).coverage).toContainEqual({ kind: 'HelmRelease', state: 'notInstalled' });
  await expect(read({ HelmRelease: 'forbidden', Kustomization: 'forbidden', GitRepository: 'forbidden' })).rejects.toMatchObject({
    code: 'PERMISSION_DENIED',
  });
});

test('inventory entries are read with and without a namespace, and nothing else is', () => {
  expect(parseInventoryEntry('shop_web_apps_Deployment')).toEqual({ namespace: 'shop', name: 'web', group: 'apps', kind: 'Deployment' });
  expect(parseInventoryEntry('_shop__Namespace')).toEqual({ name: 'shop', group: '', kind: 'Namespace' });
  expect(parseInventoryEntry('web')).toBeUndefined();
});
