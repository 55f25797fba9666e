import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readScenario } from '../scenario/read-scenario.ts';
import { createEmbeddedCluster, type EmbeddedCluster } from './index.ts';

/** The published program, unmodified, over stdio: one JSON-RPC message a line (Model Context Protocol). */
const PROGRAM = resolve(import.meta.dirname, '../../node_modules/.bin/kubernetes-mcp-server');
const PATIENCE_MS = 30_000;

let folder = '';
let cluster: EmbeddedCluster;
let server: ChildProcessWithoutNullStreams;
const answers = new Map<number, (message: { result?: unknown; error?: unknown }) => void>();
let sent = 0;

beforeAll(async () => {
  const { objects, meta, logs } = await readScenario(resolve(import.meta.dirname, '../../../../scenarios/written/bad-image'));
  cluster = await createEmbeddedCluster({
    objects,
    now: () => Date.parse(meta.now),
    logs: (namespace, pod, container) => logs.get(`${namespace}/${pod}/${container}`) ?? 'a line of the log\n',
  });
  folder = await mkdtemp(join(tmpdir(), 'tier0-mcp-'));
  await writeFile(join(folder, 'kubeconfig'), cluster.kubeconfig, { mode: 0o600 });
  const environment = { HOME: folder, PATH: process.env.PATH ?? '' };
  server = spawn(PROGRAM, ['--kubeconfig', join(folder, 'kubeconfig'), '--read-only'], { env: environment });
  createInterface({ input: server.stdout }).on('line', (line) => {
    // The wrapper around the program says on stdout that it is being stopped.
    if (!line.startsWith('{')) return;
    const message = JSON.parse(line) as { id?: number; result?: unknown; error?: unknown };
    if (message.id !== undefined) answers.get(message.id)?.(message);
  });
  await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'tier0-test', version: '0' } });
  server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
}, PATIENCE_MS);
afterAll(async () => {
  server.kill();
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

function ask(method: string, params: unknown): Promise<{ result?: unknown; error?: unknown }> {
  sent += 1;
  const id = sent;
  return new Promise((done) => {
    answers.set(id, done);
    server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  });
}

async function call(name: string, parameters: object): Promise<string> {
  const { result, error } = await ask('tools/call', { name, arguments: parameters });
  expect(error).toBeUndefined();
  const { content, isError } = result as { content: readonly { text: string }[]; isError?: boolean };
  expect({ isError: isError ?? false, text: content[0]?.text }).toMatchObject({ isError: false });
  return content.map(({ text }) => text).join('\n');
}

test('an unmodified kubernetes-mcp-server reads pods, events, logs, resources and namespaces from the embedded cluster', async () => {
  const pods = await call('pods_list', {});
  expect(pods).toMatch(/checkout-\S+.*ImagePullBackOff/);
  expect(await call('pods_list_in_namespace', { namespace: 'shop' })).toContain('ImagePullBackOff');
  const name = /\b(checkout-[a-z0-9]+-[a-z0-9]+)\b/.exec(pods)?.[1] ?? '';
  expect(await call('pods_get', { namespace: 'shop', name })).toContain('containerStatuses');
  expect(await call('pods_log', { namespace: 'shop', name })).toContain('a line of the log');
  expect(await call('events_list', {})).toMatch(/BackOff|Failed/);
  expect(await call('namespaces_list', {})).toContain('shop');
  const deployments = await call('resources_list', { apiVersion: 'apps/v1', kind: 'Deployment' });
  expect(deployments).toContain('checkout');
  expect(await call('resources_get', { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'checkout' })).toContain(
    '3.10.O',
  );
  expect(cluster.requests.every((request) => request.method === 'GET' || /accessreviews$/.test(request.path))).toBe(true);
});
