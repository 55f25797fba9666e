import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { startRedirectingServer, testContext } from '@tier0/core/testing';
import { afterEach, expect, test } from 'vitest';
import { smallScenario } from '../arena/fixtures/small-run.ts';
import { serveScenario } from '../arena/serve-scenario.ts';
import { causeOfText } from './cause-of-text.ts';
import { createDotAiTool } from './dot-ai.ts';
import { createHolmesTool } from './holmesgpt.ts';
import { createK8sgptTool } from './k8sgpt.ts';
import { createKubectlAiTool } from './kubectl-ai.ts';
import { subjectOfText } from './subject-of-text.ts';
import { createTextReader } from './text-reader.ts';
import type { ScenarioAccess } from './tool-under-test.ts';
import { createWarningsBaseline } from './warnings-baseline.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const access: ScenarioAccess = {
  kubeconfig: '',
  kubeconfigFile: '/some/kubeconfig',
  apiUrl: 'http://127.0.0.1:9',
  cluster: 'test',
  now: '2026-01-05T10:00:00.000Z',
  digest: '',
  metrics: [],
};

test('the baseline reports what is not ready with the words of the cluster, and reads no Secret', async () => {
  const served = await serveScenario(smallScenario('broken'));
  closers.push(served.close);

  const answer = await createWarningsBaseline().diagnose(served.access, testContext());

  expect(answer.rootCauses).toEqual([
    {
      cause: 'image-not-found',
      subject: { kind: 'Pod', namespace: 'app', name: 'web-1-a' },
      text: expect.stringContaining('container web is not ready: ImagePullBackOff'),
    },
  ]);
  expect(served.requests.map(({ kind }) => kind)).toEqual(['read', 'read', 'read']);
});

test('the baseline says nothing about a healthy cluster without warnings', async () => {
  const served = await serveScenario(smallScenario('quiet', true));
  closers.push(served.close);

  expect(await createWarningsBaseline().diagnose(served.access, testContext())).toMatchObject({ rootCauses: [], findings: 0 });
});

test('the baseline says which request was refused', async () => {
  const url = await serve((_request, response) => response.writeHead(403).end('{}'));
  await expect(createWarningsBaseline().diagnose({ ...access, apiUrl: url }, testContext())).rejects.toThrow(/answered 403 to GET/);
});

/** A program called k8sgpt that prints its version, else notes its arguments and home and prints `output`. */
function fakeK8sgpt(
  output: string,
  exitCode = 0,
): { readonly command: string; readonly noted: () => { arguments: string[]; home: string; keys: string[] } } {
  const folder = mkdtempSync(join(tmpdir(), 'tier0-fake-'));
  const command = join(folder, 'k8sgpt');
  const note = join(folder, 'note.json');
  const script = `#!${process.execPath}
const fs = require('node:fs');
const [, , ...args] = process.argv;
if (args[0] === 'version') { console.log('k8sgpt: 0.4.36 (abc), built at: unknown'); process.exit(0); }
fs.writeFileSync(${JSON.stringify(note)}, JSON.stringify({ arguments: args, home: process.env.HOME, keys: Object.keys(process.env) }));
process.stderr.write('last words on stderr\\n');
process.stdout.write(${JSON.stringify(output)}, () => process.exit(${exitCode}));
`;
  writeFileSync(command, script);
  chmodSync(command, 0o755);
  return { command, noted: () => JSON.parse(readFileSync(note, 'utf8')) };
}

const ANALYSIS = {
  provider: '',
  errors: ['[Gateway] could not find the requested resource'],
  status: 'ProblemDetected',
  problems: 2,
  results: [
    {
      kind: 'Service',
      name: 'app/web',
      error: [{ Text: 'Service has no endpoints, expected label app=web', KubernetesDoc: '', Sensitive: null }],
      details: '',
      parentObject: '',
    },
    {
      kind: 'Pod',
      name: 'app/web-1-a',
      error: [{ Text: 'Back-off pulling image "x"', KubernetesDoc: '', Sensitive: [] }],
      details: '',
      parentObject: 'Deployment/web',
    },
    { kind: 'Node', name: 'n1', error: null, details: '', parentObject: '' },
  ],
};

test('k8sgpt is read behind the lines it prints before its JSON, sorted, with null lists', async () => {
  const fake = fakeK8sgpt(`Service app/x does not exist\nClusterCatalog: {odd}\n${JSON.stringify(ANALYSIS, null, 2)}\n`);
  const tool = createK8sgptTool({ command: fake.command, searchPath: '/usr/bin' });

  expect(await tool.availability()).toEqual({ status: 'available' });
  expect(await tool.describe()).toMatchObject({ id: 'k8sgpt', name: 'k8sgpt', version: '0.4.36', kind: 'peer', repeats: 1 });
  const answer = await tool.diagnose({ ...access, namespaces: ['app'] }, testContext());

  expect(answer.rootCauses.map(({ cause, subject }) => [cause, subject])).toEqual([
    [undefined, { kind: 'Node', name: 'n1' }],
    ['image-not-found', { kind: 'Pod', namespace: 'app', name: 'web-1-a' }],
    ['service-selector-mismatch', { kind: 'Service', namespace: 'app', name: 'web' }],
  ]);
  expect(answer).toMatchObject({ findings: 2, unknowns: ['[Gateway] could not find the requested resource'] });
  const { arguments: given, home, keys } = fake.noted();
  expect(given).toEqual(['analyze', '-o', 'json', '-c', '--kubeconfig', '/some/kubeconfig', '-n', 'app']);
  expect(home).toContain('tier0-k8sgpt-');
  expect(keys).not.toContain('VITEST');
});

test('k8sgpt explains with the model that everybody has: it is configured for an address on this machine, and what it sends is counted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tier0-explains-'));
  const command = join(folder, 'k8sgpt');
  // A strict stand-in for `k8sgpt analyze --explain`: it reads its own configuration and speaks as its OpenAI client does.
  const script = `#!${process.execPath}
const fs = require('node:fs');
const config = fs.readFileSync(process.env.XDG_CONFIG_HOME + '/k8sgpt/k8sgpt.yaml', 'utf8');
const field = (name) => new RegExp('^ +(?:- )?' + name + ': (\\\\S+)$', 'm').exec(config)[1];
if (!process.argv.includes('--explain') || field('name') !== 'openai' || field('defaultprovider') !== 'openai') process.exit(9);
const content = 'Simplify the following Kubernetes error message: --- Back-off pulling image "x" ---';
fetch(field('baseurl') + '/chat/completions', { method: 'POST', body: JSON.stringify({ model: field('model'), messages: [{ role: 'user', content }] }) })
  .then((answer) => answer.json())
  .then(({ choices }) => {
    const result = { kind: 'Pod', name: 'app/web-1-a', error: [{ Text: 'it waits' }], details: choices[0].message.content };
    console.log(JSON.stringify({ results: [result] }, null, 2));
  });
`;
  writeFileSync(command, script);
  chmodSync(command, 0o755);
  const tool = createK8sgptTool({ command, searchPath: '/usr/bin', model: createTextReader() });
  expect(await tool.describe()).toMatchObject({ id: 'k8sgpt-with-model', model: 'scripted-reader-2' });
  const answer = await tool.diagnose(access, testContext());
  expect(answer.rootCauses).toMatchObject([
    { cause: 'image-not-found', text: expect.stringMatching(/^it waits\n.*Back-off pulling image/) },
  ]);
  expect(answer.modelUse).toMatchObject({ calls: 1, sent: expect.stringContaining('Simplify') });
});

test('k8sgpt that finds nothing answers null lists and that is an empty answer', async () => {
  const fake = fakeK8sgpt(JSON.stringify({ provider: '', errors: null, status: 'OK', problems: 0, results: null }, null, 2));
  const answer = await createK8sgptTool({ command: fake.command, searchPath: '/usr/bin' }).diagnose(access, testContext());
  expect(answer).toMatchObject({ rootCauses: [], findings: 0, unknowns: [] });
});

test.each([
  ['ends with code 1', '', 1, /ended with code 1: last words on stderr/],
  ['prints no JSON', 'hello\n', 0, /printed no JSON/],
  ['prints half of its JSON', '{\n "results": [', 0, /unknown shape/],
  ['prints JSON of another shape', '{\n "results": 7\n}\n', 0, /unknown shape/],
])('k8sgpt that %s is a failed trial with the reason', async (_case, output, exitCode, message) => {
  const fake = fakeK8sgpt(output, exitCode);
  await expect(createK8sgptTool({ command: fake.command, searchPath: '/usr/bin' }).diagnose(access, testContext())).rejects.toThrow(
    message,
  );
});

test('k8sgpt is found on the search path by its name, and its absence says how to add it', async () => {
  const fake = fakeK8sgpt('');
  const found = createK8sgptTool({ searchPath: [dirname(fake.command), '/usr/bin'].join(delimiter) });
  const absent = createK8sgptTool({ searchPath: '/nowhere' });

  expect(await found.availability()).toEqual({ status: 'available' });
  expect(await absent.availability()).toMatchObject({ status: 'not-run', reason: expect.stringContaining('no program "k8sgpt"') });
  expect(await absent.describe()).toMatchObject({ version: 'unknown' });
});

async function serve(handle: (request: IncomingMessage, response: ServerResponse, body: string) => void): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    handle(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server as strict as the real one: token, method, path, content type and argument names are checked. */
function serveDotAi(result: unknown): Promise<string> {
  return serve((request, response, body) => {
    const send = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.url === '/healthz') return void send(200, { status: 'ok' });
    if (request.headers.authorization !== 'Bearer right') return void send(401, { success: false, error: { message: 'no token' } });
    if (request.url === '/api/v1/tools') return void send(200, { success: true, data: {}, meta: { version: '2.2.2' } });
    const isCall = request.method === 'POST' && request.url === '/api/v1/tools/remediate';
    const given = isCall && request.headers['content-type'] === 'application/json' ? JSON.parse(body) : {};
    const wanted = Object.keys(given).sort().join() === 'issue,mode' && given.mode === 'manual' && given.issue.length <= 2000;
    if (!wanted) return void send(400, { success: false, error: { message: `unexpected ${request.method} ${request.url} ${body}` } });
    send(200, {
      success: true,
      data: { result, tool: 'remediate', executionTime: 12 },
      meta: { timestamp: 'x', requestId: 'y', version: '2.2.2' },
    });
  });
}

const REPLY = {
  status: 'awaiting_user_approval',
  sessionId: 'rem-1-abcdef01',
  analysis: {
    rootCause: 'The web containers cannot start: ImagePullBackOff for a tag that does not exist.',
    confidence: 0.9,
    factors: ['pods wait'],
  },
  remediation: {
    summary: 'Set the tag back',
    actions: [{ description: 'Set the image', command: 'kubectl set image deployment/web web=x:1 -n app', risk: 'low', rationale: 'r' }],
    risk: 'low',
  },
};

test('dot-ai is asked in manual mode; its prose gives the cause, its command the place', async () => {
  const tool = createDotAiTool({ url: await serveDotAi(REPLY), token: 'right' });

  expect(await tool.availability()).toEqual({ status: 'available' });
  expect(await tool.describe()).toMatchObject({ id: 'dot-ai', version: '2.2.2', kind: 'peer' });
  const answer = await tool.diagnose(access, testContext());

  expect(answer.rootCauses).toEqual([
    {
      cause: 'image-not-found',
      subject: { kind: 'Deployment', namespace: 'app', name: 'web' },
      text: expect.stringContaining('ImagePullBackOff'),
      confidence: 0.9,
    },
  ]);
  expect(answer.findings).toBe(2);
});

test('dot-ai may hand its result over as JSON text; a healthy cluster is an empty answer', async () => {
  const healthy = {
    status: 'success',
    analysis: { rootCause: 'No issues were found, the cluster is healthy.', confidence: 1, factors: [] },
  };
  const tool = createDotAiTool({ url: await serveDotAi(JSON.stringify(healthy)), token: 'right' });
  expect(await tool.diagnose(access, testContext())).toMatchObject({ rootCauses: [], findings: 1 });
});

test.each([
  ['a wrong token', REPLY, 'wrong', /answered 401/],
  ['an investigation that gave up', { status: 'failed' }, 'right', /gave up/],
  ['an unknown shape', { hello: 1 }, 'right', /unknown shape/],
])('dot-ai with %s is a failed trial with the reason', async (_case, reply, token, message) => {
  const tool = createDotAiTool({ url: await serveDotAi(reply), token });
  await expect(tool.diagnose(access, testContext())).rejects.toThrow(message);
});

test('a tool without an address or a program is not run, and says how to add it', async () => {
  const tools = [
    createDotAiTool(),
    createDotAiTool({ url: 'http://127.0.0.1:9' }),
    createHolmesTool(),
    createHolmesTool({ url: 'http://127.0.0.1:9' }),
    createKubectlAiTool({ searchPath: '/nonexistent' }),
  ];
  for (const tool of tools) {
    expect(await tool.availability()).toMatchObject({
      status: 'not-run',
      reason: expect.any(String),
      howToAdd: expect.stringMatching(/start|Install/i),
    });
  }
});

test.each([
  ["couldn't find key REGION in ConfigMap app/settings", 'configmap-key-missing'],
  ['configmap "settings" not found', 'configmap-missing'],
  ['Failed to pull image "x": unauthorized: authentication required', 'image-pull-unauthorized'],
  ['ErrImagePull: manifest unknown', 'image-not-found'],
  ['the process leaks: memory keeps growing until it is OOMKilled', 'memory-leak'],
  ['OOMKilled 137', 'memory-limit-too-low'],
  ['0/3 nodes are available: 3 Insufficient cpu', 'insufficient-node-capacity'],
  ['Readiness probe failed: 503', undefined],
  ['back-off restarting failed container', undefined],
])('"%s" names the cause %s', (text, cause) => {
  expect(causeOfText(text)).toBe(cause);
});

test.each([
  ['kubectl patch deployment web -n app --type merge', { kind: 'Deployment', namespace: 'app', name: 'web' }],
  ['The Service "web-api" in namespace app selects nothing', { kind: 'Service', namespace: 'app', name: 'web-api' }],
  ['the "settings" ConfigMap lacks a key', { kind: 'ConfigMap', namespace: undefined, name: 'settings' }],
  ['nothing here', undefined],
])('the place in "%s" is found', (text, subject) => {
  expect(subjectOfText(text)).toEqual(subject);
});

test('a very long answer full of near matches is read in bounded time', () => {
  const started = performance.now();
  causeOfText('configmap key '.repeat(100_000));
  subjectOfText('deployment '.repeat(100_000));
  expect(performance.now() - started).toBeLessThan(500);
});

test('dot-ai at an address that points elsewhere is a failed trial: its token and the question stay here', async () => {
  const server = await startRedirectingServer(308);
  const tool = createDotAiTool({ url: server.url, token: 'secret' });
  expect(await tool.availability()).toMatchObject({ status: 'not-run' });
  await expect(tool.diagnose({ apiUrl: 'http://127.0.0.1:9' } as never, testContext())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect([server.asked(), server.stray]).toEqual([2, []]);
  await server.close();
});
