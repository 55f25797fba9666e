import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CassetteSchema } from '@tier0/agents/models';
import { openAiChatProvider, startProviderServer } from '@tier0/agents/testing';
import { sceneOf } from '@tier0/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Environment } from '../environment.ts';
import { ask } from './ask.ts';
import { mcp } from './mcp.ts';
import { recordModelCommand } from './record-model.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tier0-model-commands-'));
  const pod = (name: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', uid: name },
    spec: { containers: [{ name: 'main', image: `registry.local/${name}:1` }] },
  });
  await writeFile(join(folder, 'pods.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [pod('a'), pod('b')] }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function stage(variables: Readonly<Record<string, string>> = {}, signal = new AbortController().signal) {
  const out: string[] = [];
  const heard: string[] = [];
  const environment: Environment = {
    terminal: { write: (text) => void out.push(text), colour: false, width: 120 },
    stderr: (text) => void heard.push(text),
    ask: async () => '',
    signal,
    variables,
  };
  return { environment, text: () => out.join(''), heard: () => heard.join('') };
}

test('a question is answered without a model, and its typed query is shown when asked for', async () => {
  const { environment, text } = stage();
  expect(await ask.run(['How many pods in namespace shop?', '--snapshot', folder, '--explain-query'], environment)).toBe(0);
  expect(text()).toContain('"ask":"count"');
  expect(text()).toMatch(/\b2\b/);
});

test('a question of no known form says so and ends with 1', async () => {
  const { environment, text } = stage();
  expect(await ask.run(['Sing a song', '--snapshot', folder], environment)).toBe(1);
  expect(text()).toContain('unclear');
});

test('a model is recorded from the wire, without its key', async () => {
  const server = await startProviderServer({ wire: openAiChatProvider, scene: sceneOf('text') });
  const out = join(folder, 'cassette.json');
  const { environment, text } = stage({ OPENAI_API_KEY: 'key-that-stays-here' });
  try {
    const args = ['Hello?', '--url', `${server.url}/v1`, '--model', 'm', '--out', out];
    expect(await recordModelCommand.run(args, environment)).toBe(0);
  } finally {
    await server.close();
  }
  expect(text()).toContain('Grüß Gott');
  const written = await readFile(out, 'utf8');
  expect(CassetteSchema.parse(JSON.parse(written)).tracks).toHaveLength(1);
  expect(written).not.toContain('key-that-stays-here');
});

test('the MCP server listens, tells where, and ends with its signal', async () => {
  const stop = new AbortController();
  const { environment, heard } = stage({}, stop.signal);
  const ended = mcp.run(['--snapshot', folder, '--port', '0'], environment);
  while (!heard().includes('MCP at')) await new Promise((resolve) => setTimeout(resolve, 20));
  const url = /http\S+/.exec(heard())?.[0] ?? '';
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
  });
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const answer = await fetch(url, { method: 'POST', headers, body });
  expect(await answer.text()).toContain('"tier0"');
  const session = { ...headers, 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': '2025-11-25' };
  const ask = async (method: string, params: object) => {
    const said = await fetch(url, { method: 'POST', headers: session, body: JSON.stringify({ jsonrpc: '2.0', id: 2, method, params }) });
    return said.text();
  };
  await ask('notifications/initialized', {});
  expect(await ask('resources/list', {})).toContain('tier0://diagnosis');
  expect(await ask('resources/read', { uri: 'tier0://items' })).toContain('kubernetes:cluster/shop/Pod/a');
  expect(await ask('resources/read', { uri: 'tier0://diagnosis' })).toContain('tier0.diagnosis/v1');
  stop.abort();
  expect(await ended).toBe(0);
});

test('the MCP server does not open to others without tokens', async () => {
  const { environment } = stage();
  await expect(mcp.run(['--snapshot', folder, '--port', '0', '--host', '0.0.0.0'], environment)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
});
