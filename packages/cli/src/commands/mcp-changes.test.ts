import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { mcp } from './mcp.ts';
import { pr } from './pr.ts';

const LIVE = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.example/web:1"}]}
`;
const TOKENS = [
  { token: 'a-token-of-ada-who-may-ask-for-changes', name: 'ada', scopes: ['read', 'propose'] },
  { token: 'a-token-of-bob-who-may-only-look-here1', name: 'bob', scopes: ['read'] },
];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tier0-mcp-changes-'));
  for (const [file, text] of Object.entries({ 'live/web.yaml': LIVE, 'work/apps/web.yaml': LIVE, 'work/CODEOWNERS': '* @ann\n' })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=ann', '-c', 'user.email=ann@example.com', ...args], { cwd: join(folder, 'work') });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message=fleet');
  execFileSync('git', ['clone', '--quiet', '--bare', join(folder, 'work'), join(folder, 'fleet.git')]);
  writeFileSync(join(folder, 'tokens.json'), JSON.stringify(TOKENS));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  readonly resultType?: string;
  readonly taskId?: string;
  readonly status?: string;
  readonly statusMessage?: string;
  readonly requestState?: string;
  readonly inputRequests?: object;
  readonly content?: readonly { readonly text: string }[];
  readonly result?: { readonly content: readonly { readonly text: string }[] };
}

/** A client of the 2026-07-28 revision that can be asked and can come back. */
function clientOf(url: string, token = TOKENS[0]?.token ?? '') {
  return async (
    method: string,
    params: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly result?: Result; readonly error?: object }> => {
    const capabilities = { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } };
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': capabilities,
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    };
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      'mcp-name': String(params.name ?? params.taskId),
    };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } });
    const text = await (await fetch(url, { method: 'POST', headers, body })).text();
    return JSON.parse(text.startsWith('{') ? text : (/^data: (\{.*)$/m.exec(text)?.[1] ?? '{}'));
  };
}

test('a change is asked for over MCP, confirmed at the client, proposed as a pull request, and followed as a task until people have decided', async () => {
  const stop = new AbortController();
  const heard: string[] = [];
  const environment = { ...createTestEnvironment(), signal: stop.signal, stderr: (text: string) => void heard.push(text) };
  const place = ['--repository', join(folder, 'fleet.git'), '--out', join(folder, 'out')];
  const ended = mcp.run(
    ['--snapshot', join(folder, 'live'), '--tokens', join(folder, 'tokens.json'), '--port', '0', ...place],
    environment,
  );
  while (!heard.join('').includes('MCP at')) await Promise.race([ended, new Promise((next) => setTimeout(next, 20))]);
  const url = /http\S+/.exec(heard.join(''))?.[0] ?? '';
  const send = clientOf(url);
  const item = 'kubernetes:cluster/shop/Deployment/web';
  const wish = { name: 'propose_change', arguments: { item, fieldPath: 'spec.replicas', value: '3', why: 'launch day' } };
  expect((await clientOf(url, TOKENS[1]?.token)('tools/call', wish)).result?.resultType).not.toBe('input_required');
  const { result: asked } = await send('tools/call', wish);
  expect(asked?.resultType).toBe('input_required');
  const answers = { consent: { action: 'accept', content: { confirm: true } } };
  const { result: proposed } = await send('tools/call', { ...wish, inputResponses: answers, requestState: asked?.requestState });
  expect(proposed?.content?.[0]?.text).toContain('Pull request #1 is created');

  const { result: task } = await send('tools/call', { name: 'follow_change', arguments: { pullRequest: 1 } });
  expect(task?.resultType).toBe('task');
  const look = async (wanted: (seen: Result) => boolean): Promise<Result> => {
    for (let tries = 0; tries < 400; tries++) {
      const { result } = await send('tasks/get', { taskId: task?.taskId });
      if (result && wanted(result)) return result;
      await new Promise((next) => setTimeout(next, 50));
    }
    throw new Error('the task never got there');
  };
  expect((await look(({ statusMessage }) => statusMessage !== undefined)).statusMessage).toContain('people decide');
  const desk = createTestEnvironment();
  await pr.run(['reject', '1', '--as', 'ann', '--reason', 'not today', ...place], desk);
  const done = await look(({ status }) => status !== 'working');
  expect(done).toMatchObject({ status: 'completed' });
  expect(done.result?.content[0]?.text).toContain('#1 is closed');
  stop.abort();
  await ended;
}, 60_000);
