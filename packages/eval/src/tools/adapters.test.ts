import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { testContext } from '@tier0/core/testing';
import { describe, expect, test } from 'vitest';
import { newFile, smallScenario } from '../arena/fixtures/small-run.ts';
import { recordingDigest } from '../arena/recording-digest.ts';
import { runArena } from '../arena/run-arena.ts';
import { serveScenario } from '../arena/serve-scenario.ts';
import { playScript } from './call-script.ts';
import { createCommandTool } from './command.ts';
import { createDescribeBaseline } from './describe-baseline.ts';
import { createHolmesTool } from './holmesgpt.ts';
import { createOwnerBaseline } from './owner-baseline.ts';
import { createReplayTool } from './replay.ts';
import { createTextReader } from './text-reader.ts';
import { readToolFile } from './tool-file.ts';
import type { ToolUnderTest } from './tool-under-test.ts';

/** A contestant that is a program in JavaScript; it looks at the cluster unless told otherwise, then does `body`. */
function program(body: string, more: Partial<Parameters<typeof createCommandTool>[0]> = {}): ToolUnderTest {
  const file = join(mkdtempSync(join(tmpdir(), 'tier0-program-')), 'tool.mjs');
  const ask = "await (await fetch(process.env.API + '/api/v1/pods')).text();\n";
  writeFileSync(file, `if (process.argv[2] === '--version') { console.log('tool 1.2.3'); process.exit(0); }\n${ask}${body}`);
  return createCommandTool({
    description: { id: 'program', name: 'program', kind: 'peer' },
    command: [process.execPath, file, '{kubeconfig}'],
    version: [process.execPath, file, '--version'],
    environment: { API: '{apiUrl}' },
    format: 'json',
    searchPath: '/usr/bin',
    howToAdd: 'none',
    ...more,
  });
}

async function trialOf(tool: ToolUnderTest, trialTimeoutMs = 20_000) {
  const options = { tools: [tool], scenarios: [smallScenario('one')], logFile: newFile('t.jsonl'), repeats: 1, seed: 1, trialTimeoutMs };
  const { trials, manifest } = await runArena(options, testContext());
  return { trial: trials[0]!, entry: manifest.tools[0]! };
}

describe('a command', () => {
  test('that prints the template behind its progress is scored, with its version and the kubeconfig it was given', async () => {
    const said = { rootCauses: [{ cause: 'image-not-found', kind: 'Deployment', namespace: 'app', name: 'web', confidence: 0.9 }] };
    const { trial, entry } = await trialOf(
      program(`console.log('looking {...'); console.log(process.argv[2]); console.log(${JSON.stringify(JSON.stringify(said))})`),
    );
    expect(entry.version).toBe('1.2.3');
    expect(trial).toMatchObject({ score: { exact: true }, rootCauses: [{ confidence: 0.9 }], requests: { reads: 1 } });
    expect(trial.raw).toContain('/trial/kubeconfig');
  });

  test.each([
    ['crashes', "console.log('half'); process.abort()", /ended with code/, 'half'],
    ['ends with another code', "console.error('no cluster'); process.exit(3)", /ended with code 3: no cluster/, 'no cluster'],
    ['prints something else', "console.log('{not json')", /not the JSON/, '{not json'],
    ['prints JSON of another form', 'console.log(\'{"rootCauses":[{"kind":1}]}\')', /rootCauses\.0\.kind/, '"kind":1'],
    ['prints nothing', '', /not the JSON/, ''],
  ])('that %s is a failed trial with what it had said', async (_case, body, error, raw) => {
    const { trial } = await trialOf(program(body));
    expect(trial).toMatchObject({ error: expect.stringMatching(error), raw: expect.stringContaining(raw), score: { exact: false } });
  });

  test('that hangs is ended with its children after its time, and what it had said is kept', async () => {
    const body =
      "console.log('thinking'); (await import('node:child_process')).spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }); await new Promise(() => setInterval(() => {}, 1000))";
    const { trial } = await trialOf(program(body), 1_500);
    expect(trial).toMatchObject({ error: 'no answer within 1500 ms', score: { exact: false } });
  });

  test('that writes a gigabyte is ended early; the beginning is kept', async () => {
    const body =
      "const chunk = 'x'.repeat(1 << 20); const more = () => { while (process.stdout.write(chunk)); process.stdout.once('drain', more); }; more()";
    const { trial } = await trialOf(program(body, { maxBytes: 4 * 1024 * 1024 }));
    expect(trial.error).toMatch(/wrote more than 4194304 bytes/);
    expect(trial.raw).toHaveLength(32_000);
  });

  test('that is not there is not run, with how to add it', async () => {
    const tool = program('', { version: ['/no/such/program'] });
    expect(await tool.availability()).toMatchObject({ status: 'not-run', howToAdd: 'none' });
  });

  test('in prose: the cause by wording, the place by the object it names; a healthy cluster is no cause', async () => {
    const { trial } = await trialOf(program('console.log(\'Deployment "web" in namespace app fails: ErrImagePull\')', { format: 'text' }));
    expect(trial.score.exact).toBe(true);
    const calm = await trialOf(program("console.log('Everything is healthy.')", { format: 'text' }));
    expect(calm.trial.rootCauses).toEqual([]);
  });
});

test('a recorded answer is played back for exactly the recording it was given on, and marked', async () => {
  const scenario = smallScenario('one');
  const subject = { kind: 'Deployment', namespace: 'app', name: 'web' };
  const tool = createReplayTool({
    schema: 'tier0.recording/v1',
    tool: { id: 'old', name: 'Old', version: '0.9' },
    date: '2026-11-01',
    machine: 'somewhere',
    command: 'old analyze',
    worlds: 'ours',
    entries: [{ title: 'one', digest: recordingDigest(scenario), rootCauses: [{ cause: 'image-not-found', subject, text: 'x' }] }],
  });
  const options = { tools: [tool], scenarios: [scenario, smallScenario('quiet', true)], logFile: newFile('t.jsonl'), repeats: 2, seed: 1 };
  const { trials, manifest } = await runArena(options, testContext());
  expect(manifest.tools[0]).toMatchObject({ recorded: { date: '2026-11-01', machine: 'somewhere' }, repeats: 1 });
  expect(trials.map(({ score, error }) => [score.exact, error !== undefined])).toEqual([
    [true, false],
    [false, true],
  ]);
});

describe('a tool file', () => {
  const write = (text: string) => {
    const file = newFile('tool.yaml');
    writeFileSync(file, text);
    return file;
  };
  const surroundings = { searchPath: '/usr/bin', packageFolders: [] };

  test('brings a program in eight lines; ./ is beside the file', async () => {
    const file = write(
      'schema: tier0.tool/v1\nid: mine\nadapter: command\ncommand: [node, ./mine.mjs]\nversion: [node, --version]\nformat: json\n',
    );
    writeFileSync(
      join(dirname(file), 'mine.mjs'),
      "await fetch(process.env.KUBECONFIG ? 'data:,x' : ''); console.log('{\"rootCauses\":[]}')",
    );
    const tool = await readToolFile(file, surroundings);
    expect(await tool.describe()).toMatchObject({ id: 'mine', name: 'mine', version: expect.stringMatching(/^\d+\./) });
    expect((await trialOf(tool)).trial.error).toMatch(/without one request/);
  });

  test.each([
    [
      'an unknown key',
      'schema: tier0.tool/v1\nid: a\nadapter: command\nformat: json\ncomand: [x]\n',
      /:5:1: comand: "comand" is not known here|:1:1: command/,
    ],
    ['a wrong adapter', 'schema: tier0.tool/v1\nid: a\nadapter: telepathy\n', /:3:1: adapter/],
    ['a broken line', 'schema: tier0.tool/v1\nid: [a\n', /:3:1|:2:/],
    [
      'a pattern that is none',
      'schema: tier0.tool/v1\nid: a\nadapter: mcp\nserver: { command: x }\ncalls:\n  - tool: t\n  - { tool: u, forEach: "(" }\n',
      /:7:\d+: calls\.1\.forEach: is no regular expression/,
    ],
  ])('with %s is refused with the line', async (_case, text, message) => {
    await expect(readToolFile(write(text), surroundings)).rejects.toThrow(message);
  });

  test('for a server from npm that is not installed is not run', async () => {
    const text =
      'schema: tier0.tool/v1\nid: a\nadapter: mcp\nhowToAdd: npm install nobody\nserver: { npm: nobody, bin: nobody }\ncalls: [{ tool: t }]\n';
    const tool = await readToolFile(write(text), surroundings);
    expect(await tool.availability()).toMatchObject({ status: 'not-run', reason: expect.stringContaining('nobody is not installed') });
    expect(await tool.describe()).toMatchObject({ asked: 'evidence' });
  });
});

test('a call script follows what was returned, distinct and bounded, and a refused call is a line like any other', async () => {
  const calls: string[] = [];
  const session = {
    serverVersion: '1',
    toolNames: ['list', 'get'],
    tools: [],
    async call(name: string, input: Readonly<Record<string, unknown>>) {
      calls.push(`${name} ${JSON.stringify(input)}`);
      if (name === 'get' && input.name === 'b') throw new Error('no such pod');
      return { text: name === 'list' ? 'pod a bad\npod b bad\npod a bad\npod c bad' : 'details', isError: false };
    },
    readResource: async () => ({ text: '', isError: false }),
    close: async () => undefined,
  };
  const steps = [{ tool: 'list' }, { tool: 'get', arguments: { name: '{name}' }, forEach: 'pod (?<name>\\w) bad', most: 2 }];
  const lines = await playScript(session, steps, new AbortController().signal);
  expect(calls).toEqual(['list {}', 'get {"name":"a"}', 'get {"name":"b"}']);
  expect(lines.at(-1)?.answer).toEqual({ text: 'no such pod', isError: true });
});

test('kubernetes-mcp-server from npm really runs, reaches the evidence, and writes nothing', async ({ skip }) => {
  const home = join(import.meta.dirname, '../..');
  const tool = await readToolFile(join(home, 'data/tools/kubernetes-mcp-server.yaml'), {
    searchPath: process.env.PATH ?? '',
    packageFolders: [home],
  });
  if ((await tool.availability()).status === 'not-run') skip('kubernetes-mcp-server is not installed here');
  const { trial, entry } = await trialOf(tool);
  expect(entry).toMatchObject({ version: '0.0.67', asked: 'evidence' });
  expect(trial).toMatchObject({ evidence: { places: 1, words: 1, of: 1 }, requests: { writes: 0, secretReads: 0 }, score: { gates: [] } });
}, 30_000);

test('the rule of thumb by owner names the workload of the broken pod, and is silent about a healthy cluster', async () => {
  const options = {
    tools: [createOwnerBaseline()],
    scenarios: [smallScenario('one'), smallScenario('quiet', true)],
    logFile: newFile('t.jsonl'),
    repeats: 1,
    seed: 1,
  };
  const { trials } = await runArena(options, testContext());
  expect(trials.map(({ score }) => score.exact)).toEqual([true, true]);
});

test('describe and ask once sends what is unwell to the model and nothing about a Secret, and takes the answer', async () => {
  const served = await serveScenario(smallScenario('one'));
  const answer = await createDescribeBaseline({ model: createTextReader() }).diagnose(served.access, testContext());
  expect(answer.rootCauses.map(({ cause, subject }) => [cause, subject.name])).toEqual([['image-not-found', 'web-1-a']]);
  expect(answer.modelUse?.sent).toContain('# Pod/web-1-a in namespace app');
  expect(served.requests.filter(({ kind }) => kind === 'secret-read')).toEqual([]);
  await served.close();
});

test('HolmesGPT is asked once and read as prose; another form is a failed trial with the answer kept', async () => {
  let body: unknown = {
    analysis: 'The image of Deployment web in namespace app cannot be pulled: ErrImagePull',
    tool_calls: [{ tool_name: 'kubectl' }],
  };
  const server = createServer((_request, response) => response.end(JSON.stringify(body)));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const tool = createHolmesTool({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const access = {} as never;
  expect((await tool.diagnose(access, testContext())).rootCauses).toMatchObject([
    { cause: 'image-not-found', subject: { kind: 'Deployment', name: 'web' } },
  ]);
  body = [];
  await expect(tool.diagnose(access, testContext())).rejects.toThrow(/in a form that is not known/);
  server.close();
});
