import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Inventory } from '@tier0/core';
import { afterEach, expect, test } from 'vitest';
import { KUBERNETES_KINDS } from '../../kinds/kubernetes-kinds.ts';
import { pauseMs } from './pacing.ts';
import { createKubernetesWatch } from './watch.ts';

const PODS = KUBERNETES_KINDS.filter(({ kind }) => kind === 'Pod');
const PATIENT = { timeout: 5_000, interval: 10 };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Reply = (response: ServerResponse, attempt: number) => void;

/** An API server that knows pods only and answers watches as it is told. */
async function startApi(watch: Reply, list: Reply = listOf('a')) {
  const counts = { lists: 0, watches: 0 };
  const versions: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://api');
    if (url.pathname !== '/api/v1/pods') return response.writeHead(404).end('{}');
    if (url.searchParams.get('watch') !== 'true') {
      counts.lists += 1;
      return list(response, counts.lists);
    }
    versions.push(url.searchParams.get('resourceVersion') ?? '');
    counts.watches += 1;
    return watch(response, counts.watches);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => void server.close().closeAllConnections());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { counts, versions, ...follow(address) };
}

function follow(server: string) {
  const kubeconfig = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'test', user: {} }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  });
  const pacing = { firstPauseMs: 5, maxPauseMs: 20, random: () => 0.5 };
  const watch = createKubernetesWatch({ kubeconfig, cluster: 'production', kinds: PODS, pacing, maxEventBytes: 4096 });
  const end = new AbortController();
  const context = { signal: end.signal, now: () => Date.parse('2026-03-01T12:00:00Z') };
  const running = watch.run(context);
  closing.push(() => {
    end.abort();
    return running;
  });
  const look = async () => seen(await watch.discover(context));
  return { watch, look };
}

function seen({ items, coverage }: Inventory) {
  return { pods: items.map(({ name }) => name).sort(), state: coverage[0]?.state, reason: coverage[0]?.reason ?? '' };
}

const pod = (name: string, resourceVersion: string) => ({
  metadata: { name, namespace: 'shop', resourceVersion },
  spec: { containers: [] },
});
const line = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;

function listOf(...names: readonly string[]): Reply {
  const body = { kind: 'PodList', metadata: { resourceVersion: '10' }, items: names.map((name) => pod(name, '10')) };
  return (response) => void response.writeHead(200).end(JSON.stringify(body));
}

const refuse =
  (status: number, headers: Record<string, string> = {}): Reply =>
  (response) =>
    void response.writeHead(status, headers).end(JSON.stringify({ message: 'not now' }));

test.each([
  ['a line that is no JSON', 'garbage\n', /no event/],
  ['an event without an object', '{"type":"ADDED"}\n', /no event/],
  ['an event that names nothing', line('ADDED', { metadata: {} }), /names no object/],
  ['an event of an unknown type', line('RENAMED', pod('b', '11')), /unknown type/],
  ['a line without end', 'x'.repeat(5000), /larger than 4096 bytes/],
  ['an event that is too large', line('ADDED', { ...pod('b', '11'), data: 'x'.repeat(5000) }), /larger than 4096 bytes/],
])('%s fails that stream: what is held stays, coverage says why, and the kind is listed again', async (_what, text, why) => {
  const api = await startApi(
    (response, attempt) => void response.writeHead(200).write(attempt === 1 ? text : line('ADDED', pod('c', '12'))),
    (response, attempt) => (attempt === 2 ? refuse(500) : listOf('a'))(response, attempt),
  );
  const states: Awaited<ReturnType<typeof api.look>>[] = [];
  await expect
    .poll(async () => {
      states.push(await api.look());
      return states.at(-1);
    }, PATIENT)
    .toEqual({ pods: ['a', 'c'], state: 'complete', reason: '' });
  expect(states.every(({ pods }) => pods.includes('a'))).toBe(true);
  expect(states.some(({ state, reason }) => state === 'failed' && (why.test(reason) || /500/.test(reason)))).toBe(true);
  expect(api.counts.lists).toBe(3);
});

test('a watch cut in the middle of an event goes on from the last whole one, without a list', async () => {
  const half = line('ADDED', pod('c', '12')).slice(0, 40);
  const api = await startApi((response, attempt) => {
    response.writeHead(200);
    if (attempt === 1) response.write(line('ADDED', pod('b', '11')) + half, () => response.destroy());
    else if (attempt === 2) response.end(line('ADDED', pod('c', '12')) + line('BOOKMARK', { metadata: { resourceVersion: '20' } }) + half);
    else response.write(line('DELETED', pod('b', '21')));
  });

  await expect.poll(api.look, PATIENT).toEqual({ pods: ['a', 'c'], state: 'complete', reason: '' });
  expect(api.versions).toEqual(['10', '11', '20']);
  expect(api.counts.lists).toBe(1);
});

test.each([
  ['as an HTTP status', refuse(410)],
  [
    'as an ERROR event',
    (response: ServerResponse) => void response.writeHead(200).end(line('ERROR', { kind: 'Status', code: 410, reason: 'Expired' })),
  ],
])('410 Gone, %s, leads to a new list that replaces what is held', async (_how, gone) => {
  const api = await startApi(
    (response, attempt) => (attempt === 1 ? gone(response, attempt) : void response.writeHead(200).flushHeaders()),
    (response, attempt) => listOf(...(attempt === 1 ? ['a', 'b'] : ['b']))(response, attempt),
  );

  await expect.poll(api.look, PATIENT).toEqual({ pods: ['b'], state: 'complete', reason: '' });
  expect(api.counts.lists).toBe(2);
});

test('429 and 5xx keep everything and are said; Retry-After is obeyed', async () => {
  const asked: number[] = [];
  const api = await startApi((response, attempt) => {
    asked.push(performance.now());
    if (attempt === 1) refuse(429, { 'retry-after': '1' })(response, attempt);
    else if (attempt === 2) refuse(503)(response, attempt);
    else response.writeHead(200).write(line('ADDED', pod('b', '11')));
  });

  await expect.poll(api.look, PATIENT).toMatchObject({ pods: ['a'], state: 'failed', reason: expect.stringMatching(/429.*not now/) });
  await expect.poll(api.look, PATIENT).toEqual({ pods: ['a', 'b'], state: 'complete', reason: '' });
  expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThan(950);
  expect(api.counts.lists).toBe(1);
});

test('a server that ends every watch at once is not asked in a tight loop', async () => {
  const api = await startApi((response) => void response.writeHead(200).end());
  await expect.poll(() => api.counts.watches, PATIENT).toBeGreaterThan(3);
  expect(await api.look()).toMatchObject({ pods: ['a'], state: 'complete' });
  const pacing = { firstPauseMs: 500, maxPauseMs: 30_000 };
  const waits = [1, 2, 3, 7, 1000].map((failures) => pauseMs(failures, { ...pacing, random: () => 0 }));
  expect(waits).toEqual([250, 500, 1000, 15_000, 15_000]);
  expect(pauseMs(1, { ...pacing, random: () => 0.999 })).toBeLessThan(750);
  expect(pauseMs(1, pacing, 9e9)).toBe(300_000);
});

test('a server that was never reached is no empty cluster; a watch that does not run knows nothing; Secrets are refused', async () => {
  const { watch, look } = follow('http://127.0.0.1:1');
  await expect(look()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(watch.run({ signal: AbortSignal.abort(), now: () => 0 })).rejects.toMatchObject({ code: 'CONFLICT' });
  const secrets = [{ kind: 'Secret', apiVersion: 'v1', resource: 'secrets', namespaced: true }];
  expect(() => createKubernetesWatch({ kubeconfig: '', cluster: 'c', kinds: secrets })).toThrow(/Secrets cannot be watched/);
  const idle = createKubernetesWatch({ kubeconfig: '', cluster: 'c' });
  await expect(idle.discover({ signal: AbortSignal.timeout(100), now: () => 0 })).rejects.toMatchObject({ code: 'CONFLICT' });
});
