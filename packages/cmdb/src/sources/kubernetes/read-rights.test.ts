import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testContext } from '@tier0/core/testing';
import { afterEach, expect, test } from 'vitest';
import { createCmdb } from '../../graph/cmdb.ts';
import { createObjectsSource } from '../../testing/index.ts';
import { createReadRights } from './read-rights.ts';

const context = testContext(Date.parse('2026-11-22T12:00:00Z'));
let server: Server | undefined;
afterEach(() => new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined))));

interface Review {
  readonly spec: {
    readonly user: string;
    readonly groups: readonly string[];
    readonly resourceAttributes: Readonly<Record<string, string>>;
  };
}

/** An API server that serves no discovery and answers reviews as it is told. */
async function rightsBy(answer: (review: Review) => { readonly status: number; readonly body: string }) {
  const asked: Review[] = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      if (request.method !== 'POST') return response.writeHead(404).end('{}');
      const review = JSON.parse(body) as Review;
      asked.push(review);
      const { status, body: said } = answer(review);
      return response.writeHead(status, { 'content-type': 'application/json' }).end(said);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: {} }],
  });
  return { rights: createReadRights({ kubeconfig, cluster: 'made' }), asked };
}

async function estate() {
  const object = (kind: string, apiVersion: string, namespace: string | undefined, name: string) => {
    return { apiVersion, kind, metadata: { name, uid: `${kind}-${namespace}-${name}`, ...(namespace ? { namespace } : {}) }, spec: {} };
  };
  const objects = [
    object('Pod', 'v1', 'red', 'a'),
    object('Pod', 'v1', 'blue', 'b'),
    object('Node', 'v1', undefined, 'n'),
    object('Widget', 'example.com/v1', 'red', 'w'),
  ];
  const cmdb = createCmdb({ sources: [createObjectsSource({ cluster: 'made', objects: () => objects, gaps: () => [] })] });
  await cmdb.refresh(context);
  return cmdb.reader();
}

const says = (allowed: unknown, more: object = {}) => ({ status: 201, body: JSON.stringify({ status: { allowed, ...more } }) });
const ids = ['red/Pod/a', 'blue/Pod/b', '-/Node/n', 'red/Widget.example.com/w', 'red/Widget/w'].map((id) => `kubernetes:made/${id}`);

test('what may be listed in a namespace may be read there and nowhere else; a kind nobody knows the resource of may not', async () => {
  const { rights, asked } = await rightsBy(({ spec }) => says(spec.resourceAttributes.namespace === 'red' && spec.user === 'ada'));
  const reader = await estate();
  const mayRead = await rights.of({ user: 'ada', groups: ['g'] }, reader, context);
  expect(ids.map((id) => mayRead(id))).toEqual([true, false, false, false, false]);
  expect(asked.every(({ spec }) => spec.groups[0] === 'g' && spec.resourceAttributes.verb === 'list')).toBe(true);
  expect(mayRead('kubernetes:other/red/Pod/a')).toBe(false);
  expect(mayRead('backstage:group:default/ada')).toBe(false);
});

test('who may list everywhere is not asked about for each namespace', async () => {
  const { rights, asked } = await rightsBy(() => says(true));
  const mayRead = await rights.of({ user: 'root' }, await estate(), context);
  expect(ids.slice(0, 3).map((id) => mayRead(id))).toEqual([true, true, true]);
  expect(asked).toHaveLength(2);
});

test.each([
  ['a denial beside an allowance', says(true, { denied: true })],
  ['a word in place of true', says('true')],
  ['no JSON', { status: 201, body: '<html>' }],
  ['an error', { status: 500, body: '{}' }],
  ['no such path', { status: 404, body: '{}' }],
])(
  '%s is no yes',
  async (_, answer) => {
    const { rights } = await rightsBy(() => answer);
    const mayRead = await rights.of({ user: 'ada' }, await estate(), context);
    expect(ids.some((id) => mayRead(id))).toBe(false);
  },
  60_000,
);

test('where tier0 may not ask, it says what it needs', async () => {
  const { rights } = await rightsBy(() => ({ status: 403, body: '{}' }));
  const asking = rights.of({ user: 'ada' }, await estate(), context);
  await expect(asking).rejects.toMatchObject({ code: 'PERMISSION_DENIED', hint: expect.stringContaining('subjectaccessreviews') });
});
