// Answers that no API server would give: recording must end, in bounds, say what it lacks, keep the rest, and write nowhere else.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RecordingReport, recordCluster } from '@tier0/cmdb';
import { isTier0Error } from '@tier0/core';
import { type Attack, hold } from './attack.ts';

type Serve = (path: string, response: ServerResponse, request: IncomingMessage) => boolean;

const VICTIM = { metadata: { name: 'victim', namespace: 'well', uid: 'u1' }, spec: { ports: [{ port: 80 }] } };
const json = (response: ServerResponse, value: unknown, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof value === 'string' ? value : JSON.stringify(value));
};
const list = (items: unknown, more = {}) => ({ kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: '1', ...more }, items });

/** Records from a server that answers as `serve` says, and like an almost empty cluster to all else. */
async function recorded(serve: Serve, judge: (report: RecordingReport | Error, folder: string) => Promise<void> | void): Promise<void> {
  const box = await mkdtemp(join(tmpdir(), 'tier0-attack-'));
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (serve(path, response, request)) return;
    if (path.startsWith('/version')) json(response, { gitVersion: 'v1.33.0' });
    else if (/\/services(\?|$)/.test(path)) json(response, list([VICTIM]));
    else if (/^\/apis?$|^\/apis?\?/.test(path)) json(response, {}, 404);
    else json(response, list([]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 'tok' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  });
  try {
    const directory = join(box, 'recording');
    const context = { signal: AbortSignal.timeout(25_000), now: Date.now };
    const report = await recordCluster({ kubeconfig, directory, cluster: 'c', logs: 'all' }, context).catch((error: Error) => error);
    await judge(report, directory);
    hold(
      (await readdir(box)).every((name) => name === 'recording'),
      `something else was written: ${await readdir(box)}`,
    );
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(box, { recursive: true, force: true });
  }
}

/** The attacked kind is a gap that is said, or the whole is refused in a sentence; the service beside it is recorded. */
async function gapIsSaid(report: RecordingReport | Error, folder: string): Promise<void> {
  if (report instanceof Error) return hold(isTier0Error(report), `it threw ${report.name}: ${report.message}`);
  hold(report.failures.length > 0, 'nothing was said');
  hold((await readFile(join(folder, 'cluster/well/services.json'), 'utf8')).includes('victim'), 'the rest was not recorded');
}
async function restIsKept(report: RecordingReport | Error, folder: string): Promise<void> {
  if (report instanceof Error) throw report;
  hold((await readFile(join(folder, 'cluster/well/services.json'), 'utf8')).includes('victim'), 'the rest was not recorded');
}

const pods =
  (answer: (response: ServerResponse, path: string, request: IncomingMessage) => void): Serve =>
  (path, response, request) => {
    if (!/\/pods(\?|$)/.test(path)) return false;
    answer(response, path, request);
    return true;
  };
/** Whether the request was the one meant; then it has its answer. */
function answered(isMeant: boolean, answer: () => unknown): boolean {
  if (isMeant) answer();
  return isMeant;
}
function groupOf(name: string) {
  const groupVersion = `${name}/v1`;
  return { name, versions: [{ groupVersion, version: 'v1' }], preferredVersion: { groupVersion } };
}
let token = 0;
const pod = (more: object) => ({ metadata: { name: 'p', namespace: 'n', uid: 'u' }, ...more });

const GAPS: Readonly<Record<string, Serve>> = {
  'continue without end, with objects': pods((response) => json(response, list([pod({})], { continue: `t${token++}` }))),
  'continue without end, empty': pods((response) => json(response, list([], { continue: `t${token++}` }))),
  'the same token again': pods((response) => json(response, list([], { continue: 'again' }))),
  'two tokens in turn': pods((response) => json(response, list([], { continue: token++ % 2 ? 'a' : 'b' }))),
  '410 for ever': pods((response, path) =>
    path.includes('continue=') ? json(response, {}, 410) : json(response, list([], { continue: 'x' })),
  ),
  HTML: pods((response) => json(response, '<html>login</html>')),
  nothing: pods((response) => json(response, '')),
  'half of it': pods((response) => json(response, '{"items":[{"metadata"')),
  'a list of lists': pods((response) => json(response, [[]])),
  'items is a map': pods((response) => json(response, list({ a: 1 }))),
  'items is a text': pods((response) => json(response, list('x'))),
  'items is a number': pods((response) => json(response, list(7))),
  'depth of the answer': pods((response) => json(response, `{"items":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)),
  'depth of one object': pods((response) =>
    json(response, `{"items":[{"metadata":{"name":"p","namespace":"n"},"spec":${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}}]}`),
  ),
  '40,000 keys': pods((response) =>
    json(
      response,
      list([
        pod({
          metadata: { name: 'p', namespace: 'n', labels: Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`k${i}`, 'v'])) },
        }),
      ]),
    ),
  ),
  '10,000 containers': pods((response) =>
    json(response, list([pod({ spec: { containers: Array.from({ length: 10_000 }, (_, i) => ({ name: `c${i}` })) } })])),
  ),
  'an instant in the year 9999': pods((response) =>
    json(response, list([pod({ metadata: { name: 'p', namespace: 'n', creationTimestamp: '9999-12-31T23:59:59Z' } })])),
  ),
  'an instant at the end of time': pods((response) => json(response, list([pod({ status: { startTime: '+275760-09-13T00:00:00Z' } })]))),
  '403': pods((response) => json(response, { message: 'no' }, 403)),
  '500': pods((response) => json(response, { message: 'x'.repeat(1_000_000) }, 500)),
  '302 elsewhere': pods((response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()),
  '302 to itself': pods((response, path) => response.writeHead(302, { location: path }).end()),
  'the connection breaks': pods((response) => response.destroy()),
  'the body breaks': pods((response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"items":[');
    setTimeout(() => response.destroy(), 50);
  }),
  'a name with ..': pods((response) => json(response, list([{ metadata: { name: '../../../x', namespace: '../..' } }]))),
  'a namespace with a slash': pods((response) => json(response, list([{ metadata: { name: 'p', namespace: 'a/b' } }]))),
  'a namespace called .git': pods((response) => json(response, list([{ metadata: { name: 'p', namespace: '.git' } }]))),
  'a namespace with NUL': pods((response) => json(response, list([{ metadata: { name: 'p', namespace: 'a\0b' } }]))),
  'a namespace of 5,000 letters': pods((response) => json(response, list([{ metadata: { name: 'p', namespace: 'a'.repeat(5_000) } }]))),
  'a device for a namespace': pods((response) => json(response, list([{ metadata: { name: 'p', namespace: 'con' } }]))),
  'a container with ..': pods((response) =>
    json(
      response,
      list([{ metadata: { name: 'p', namespace: 'n' }, status: { containerStatuses: [{ name: '../../x', restartCount: 1, state: {} }] } }]),
    ),
  ),
};
const KEPT: Readonly<Record<string, Serve>> = {
  'items is null': pods((response) => json(response, list(null))),
  'objects are texts': pods((response) => json(response, list(['a', 'b']))),
  'objects without names': pods((response) => json(response, list([{}, { metadata: {} }, { metadata: { name: 7 } }]))),
  'another kind': pods((response) =>
    json(response, list([{ kind: 'Secret', metadata: { name: 'p', namespace: 'n' }, data: { a: 'eA==' } }])),
  ),
  'prototype keys': pods((response) =>
    json(response, '{"items":[{"metadata":{"name":"__proto__","namespace":"constructor","labels":{"__proto__":"x"}}}]}'),
  ),
  'a million spaces': pods((response) => json(response, `${' '.repeat(1_000_000)}${JSON.stringify(list([]))}`)),
  'wrong content type': pods((response) => response.writeHead(200, { 'content-type': 'image/png' }).end(JSON.stringify(list([])))),
  'version is a list': (path, response) => answered(path.startsWith('/version'), () => json(response, [1])),
  'version is huge': (path, response) => answered(path.startsWith('/version'), () => json(response, { gitVersion: 'x'.repeat(5_000_000) })),
  'version with escapes': (path, response) =>
    answered(path.startsWith('/version'), () => json(response, { gitVersion: '\u001b[2J\u202e' })),
  'a clock in 1970': (path, response) =>
    answered(path.startsWith('/version'), () => response.writeHead(200, { date: 'Thu, 01 Jan 1970 00:00:00 GMT' }).end('{}')),
  'discovery names ..': (path, response) =>
    answered(/^\/api\/v1(\?|$)/.test(path), () =>
      json(response, { resources: [{ name: '../../x', kind: '../y', namespaced: true, verbs: ['list'] }] }),
    ),
  'discovery of 2,000 groups': (path, response) =>
    answered(/^\/apis(\?|$)/.test(path), () => json(response, { groups: Array.from({ length: 2_000 }, (_, i) => groupOf(`g${i}`)) })),
};

export const attacks: readonly Attack[] = [
  ...Object.entries(GAPS).map(([name, serve]) => ({ kind: 'api answer', name, run: () => recorded(serve, gapIsSaid) })),
  ...Object.entries(KEPT).map(([name, serve]) => ({ kind: 'api answer', name, run: () => recorded(serve, restIsKept) })),
];
