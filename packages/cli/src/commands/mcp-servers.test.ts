import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createMemoryArtifactStore, createMemoryRunLog, createToolRegistry, runAgent } from '@tier0/agents/loop';
import { connectMcpTools, listOfferedTools } from '@tier0/agents/mcp';
import { createScriptedModel } from '@tier0/agents/models';
import { readScenario } from '@tier0/eval';
import { createEmbeddedCluster, type EmbeddedCluster } from '@tier0/eval/cluster';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Environment } from '../environment.ts';
import { joinServers } from '../world/mcp-servers.ts';
import { mcp } from './mcp.ts';

/** The published program, unmodified, as the evaluation installs it. */
const PROGRAM = resolve(import.meta.dirname, '../../../eval/node_modules/.bin/kubernetes-mcp-server');
const SCENARIO = resolve(import.meta.dirname, '../../../../scenarios/written/bad-image');
const isThere = existsSync(PROGRAM);
const call = { signal: new AbortController().signal, now: Date.now, run: 'r', call: '1-0', idempotencyKey: 'k' };

let folder = '';
let cluster: EmbeddedCluster;
beforeAll(async () => {
  const { objects, meta } = await readScenario(SCENARIO);
  cluster = await createEmbeddedCluster({ objects, now: () => Date.parse(meta.now) });
  folder = await mkdtemp(join(tmpdir(), 'tier0-servers-'));
  await writeFile(join(folder, 'one'), cluster.kubeconfig, { mode: 0o600 });
  const config = parse(cluster.kubeconfig) as { readonly contexts: readonly { readonly name: string }[] };
  const second = { ...config.contexts[0], name: 'second' };
  await writeFile(join(folder, 'two'), stringify({ ...config, contexts: [...config.contexts, second] }), { mode: 0o600 });
});
afterAll(async () => {
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

function stage(signal = new AbortController().signal) {
  const out: string[] = [];
  const heard: string[] = [];
  const environment: Environment = {
    terminal: { write: (text) => void out.push(text), colour: false, width: 120 },
    stderr: (text) => void heard.push(text),
    ask: async () => '',
    signal,
    variables: {},
  };
  return { environment, text: () => out.join(''), heard: () => heard.join('') };
}

async function serversFile(kubeconfig: string, tools: readonly object[] = []): Promise<string> {
  const file = join(folder, `servers-${kubeconfig}.json`);
  const env = { HOME: folder, PATH: process.env.PATH ?? '' };
  const server = { name: 'kubernetes', command: PROGRAM, args: ['--kubeconfig', join(folder, kubeconfig), '--read-only'], env, tools };
  await writeFile(file, JSON.stringify([server]));
  return file;
}

/** What a person would keep of what is offered. */
async function pinned(file: string, names: readonly string[]) {
  const { environment, text } = stage();
  expect(await mcp.run(['pin', file], environment)).toBe(0);
  const [server] = JSON.parse(text()) as { readonly tools: readonly { readonly name: string }[] }[];
  return (server?.tools ?? []).filter(({ name }) => names.includes(name));
}

describe.skipIf(!isThere)(`a real kubernetes-mcp-server${isThere ? '' : ' (skipped: it is not installed beside packages/eval)'}`, () => {
  test('is pinned, joins the agent loop beside our own tools, and what it says is untrusted and redacted', async () => {
    const tools = await pinned(await serversFile('one'), ['pods_list', 'events_list']);
    expect(tools.map(({ name }) => name).sort()).toEqual(['events_list', 'pods_list']);
    const joined = await joinServers(await serversFile('one', tools));
    try {
      expect(joined.blocked).toEqual([]);
      const asks = joined.tools.map(({ name }, index) => ({ id: `c${index}`, name, arguments: {} }));
      const forbidden = { id: 'x', name: 'kubernetes_pods_delete', arguments: { name: 'checkout' } };
      const model = createScriptedModel({ replies: [{ calls: [...asks, forbidden] }, 'Seen.'] });
      const log = createMemoryRunLog();
      const agent = { name: 'a', instructions: 'i', tools: createToolRegistry(joined.tools) };
      const run = { run: 'r', agent, task: 'Look.', models: [model] as const, log, artifacts: createMemoryArtifactStore() };
      expect(await runAgent(run, { signal: call.signal, now: Date.now })).toMatchObject({ state: 'finished', answer: 'Seen.' });
      const results = (await log.read('r')).flatMap((entry) => (entry.type === 'tool-finished' ? [entry] : []));
      const said = results.map(({ result }) => result.text).join('\n');
      expect(said).toContain('ImagePullBackOff');
      expect(results.filter(({ untrusted }) => untrusted).length).toBeGreaterThanOrEqual(2);
      expect(cluster.requests.every(({ method, path }) => method === 'GET' || path.endsWith('accessreviews'))).toBe(true);
    } finally {
      await joined.close();
    }
  }, 60_000);

  test('that offers other definitions than were pinned is blocked, and it is said', async () => {
    const tools = await pinned(await serversFile('one'), ['pods_list', 'events_list']);
    // With a second context its tools ask which cluster is meant: the same names, other definitions.
    const joined = await joinServers(await serversFile('two', tools));
    await joined.close();
    expect(joined.tools).toEqual([]);
    expect(joined.blocked).toHaveLength(2);
    expect(joined.blocked[0]).toContain('changed since it was looked at');
  }, 60_000);

  test('is offered on by "tier0 mcp --servers" beside our own tools', async () => {
    const file = await serversFile('one', await pinned(await serversFile('one'), ['pods_list']));
    const stop = new AbortController();
    const { environment, heard } = stage(stop.signal);
    const ended = mcp.run(['--snapshot', join(SCENARIO, 'cluster'), '--servers', file, '--port', '0'], environment);
    while (!heard().includes('MCP at')) await Promise.race([ended, new Promise((next) => setTimeout(next, 20))]);
    const connection = { url: /http\S+/.exec(heard())?.[0] ?? '' };
    const offered = await listOfferedTools({ name: 'tier0', connection });
    const tools = offered.map(({ name, hash }) => ({ name, hash, risk: 'read' as const }));
    const joined = await connectMcpTools({ name: 'tier0', connection, tools });
    const answer = await joined.tools.find(({ name }) => name === 'tier0_kubernetes_pods_list')?.run({}, call);
    await joined.close();
    stop.abort();
    await ended;
    expect(offered.map(({ name }) => name)).toEqual(expect.arrayContaining(['show_item', 'kubernetes_pods_list']));
    expect(answer?.text).toContain('ImagePullBackOff');
  }, 60_000);
});

test.each([
  ['neither a command nor an address', [{ name: 'a' }]],
  ['a tool that writes', [{ name: 'a', url: 'http://127.0.0.1:9/mcp', tools: [{ name: 't', hash: 'a'.repeat(64), risk: 'write' }] }]],
  ['no list', { name: 'a' }],
])('a file of servers with %s is refused', async (name, content) => {
  const file = join(folder, `${name.replaceAll(' ', '-')}.json`);
  await writeFile(file, JSON.stringify(content));
  await expect(joinServers(file)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(await readFile(file, 'utf8')).toBeTruthy();
});
