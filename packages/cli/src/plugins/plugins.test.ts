import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CODES } from '@tier0/agents';
import { connectMcpTools, listOfferedTools } from '@tier0/agents/mcp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diagnose } from '../commands/diagnose.ts';
import { mcp } from '../commands/mcp.ts';
import type { Environment } from '../environment.ts';
import { loadPlugins } from './load-plugins.ts';

const EXAMPLE = join(import.meta.dirname, '../../../../examples/06-plugin');
const SNAPSHOT = join(import.meta.dirname, '../../../../scenarios/written/missing-config-key/cluster');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tier0-plugins-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

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

async function written(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

test('the example has fewer than sixty lines, and asserts what it shows', async () => {
  expect((await readFile(join(EXAMPLE, 'plugin.ts'), 'utf8')).split('\n').length).toBeLessThan(60);
  const args = ['--conditions=tier0-source', '--disable-warning=ExperimentalWarning', join(EXAMPLE, 'main.ts')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
  expect(said).toContain('on call for shop: ada');
});

test('rules of a plugin run in "tier0 diagnose" beside tier0’s own, and stand in SARIF with their meaning', async () => {
  const { environment, text } = stage();
  await diagnose.run(['--snapshot', SNAPSHOT, '--plugins', join(EXAMPLE, 'plugin.ts'), '-o', 'sarif', '--no-fail'], environment);
  expect(text()).toContain('T0-ACME-001');
  expect(text()).toContain('Our rota finds who is on call');
});

test('tools of a plugin are offered by "tier0 mcp", and see the plugin’s items', async () => {
  const stop = new AbortController();
  const { environment, heard } = stage(stop.signal);
  const ended = mcp.run(['--snapshot', SNAPSHOT, '--plugins', join(EXAMPLE, 'plugin.ts'), '--port', '0'], environment);
  while (!heard().includes('MCP at')) await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 20))]);
  const connection = { url: /http\S+/.exec(heard())?.[0] ?? '' };
  const offered = await listOfferedTools({ name: 't', connection });
  const tools = offered.map(({ name, hash }) => ({ name, hash, risk: 'read' as const }));
  const joined = await connectMcpTools({ name: 't', connection, tools });
  const call = { signal: stop.signal, now: Date.now, run: 'r', call: '1-0', idempotencyKey: 'k' };
  const answer = await joined.tools.find(({ name }) => name === 't_show_rota')?.run({ team: 'shop' }, call);
  await joined.close();
  stop.abort();
  await ended;
  expect(answer?.text).toBe('ada is on call for shop');
});

test('a package is found by its name from where the process stands', async () => {
  const home = join(folder, 'node_modules/acme-tier0');
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'package.json'), JSON.stringify({ name: 'acme-tier0', type: 'module', exports: './index.js' }));
  await writeFile(join(home, 'index.js'), 'export default { api: 1, name: "acme", sources: [{ name: "s", discover: async () => ({}) }] };');
  const { sources } = await loadPlugins(['acme-tier0'], folder);
  expect(sources.map(({ name }) => name)).toEqual(['s']);
  await expect(loadPlugins(['nobody-tier0'], folder)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    hint: expect.stringContaining('npm install'),
  });
});

test.each([
  ['another API', 'export default { api: 2, name: "a" };', /plugin API 2, and this tier0 has 1/],
  ['no API', 'export default { name: "a" };', /plugin API nothing/],
  ['nothing', 'export const plugin = 1;', /exports no plugin/],
  ['no name', 'export default { api: 1 };', /no name/],
  ['something that is none of the parts', 'export default { api: 1, name: "a", wish: [] };', /"wish"/],
  ['a part of the wrong kind', 'export default { api: 1, name: "a", tools: [] };', /"tools"/],
  [
    'a code of tier0’s',
    `export default { api: 1, name: "a", matters: [{ name: "m", codes: { "${Object.keys(CODES)[0]}": {} }, rules: [], levers: {}, remedies: {} }] };`,
    /rule code/,
  ],
])('a module with %s is refused', async (name, text, why) => {
  const file = await written(`${name.replaceAll(/\W/g, '-')}.mjs`, text);
  await expect(loadPlugins([file])).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringMatching(why) });
});

test('two plugins of one name, and a tool with the name of one that is there, are refused', async () => {
  const one = await written('one.mjs', 'export default { api: 1, name: "a" };');
  const two = await written('two.mjs', 'export default { api: 1, name: "a" };');
  await expect(loadPlugins([one, two])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  const takes = await written(
    'takes.mjs',
    'export default { api: 1, name: "b", tools: () => [{ name: "show_item", input: {}, risk: "read" }] };',
  );
  const run = mcp.run(['--snapshot', SNAPSHOT, '--plugins', takes, '--port', '0'], stage().environment);
  await expect(run).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('show_item') });
});

test('an error in a plugin’s own code is told as it is', async () => {
  const file = await written('broken.mjs', 'throw new Error("their own words");');
  await expect(loadPlugins([file])).rejects.toThrow('their own words');
});
