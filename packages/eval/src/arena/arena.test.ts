import { readFileSync, writeFileSync } from 'node:fs';
import { Tier0Error } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { describe, expect, test } from 'vitest';
import { withRawOutput } from '../tools/raw-output.ts';
import { absentTool, fakeTool, newFile, RIGHT, smallScenario, WRONG } from './fixtures/small-run.ts';
import { runArena } from './run-arena.ts';
import { scoreAnswer } from './score-answer.ts';
import type { CountedRootCause, ManifestScenario } from './trial.ts';
import { lineDigest, NO_LINE } from './trial-log.ts';
import { trialOrder } from './trial-order.ts';
import { verifyRun } from './verify-run.ts';

const place = { kind: 'Deployment', namespace: 'app', name: 'web' };
const other = { kind: 'ConfigMap', namespace: 'app', name: 'settings' };
const truth = { healthy: false, rootCauses: [{ cause: 'configmap-key-missing', subject: other, alsoAccept: [place] }] };

const says = (cause: string | undefined, subject: CountedRootCause['subject']): CountedRootCause => ({
  cause,
  subject,
  countedAs: subject,
  text: '',
  grounded: true,
});

test('an answer is exact when cause and place are the true ones and nothing else is said', () => {
  expect(scoreAnswer([says('configmap-key-missing', other)], truth)).toMatchObject({ exact: true, points: 1, placeNamed: true });
  expect(scoreAnswer([says('configmap-key-missing', place)], truth).exact).toBe(true);
});

test('a second, wrong root cause halves the points and is not exact', () => {
  const score = scoreAnswer([says('configmap-key-missing', other), says('memory-leak', place)], truth);
  expect(score).toMatchObject({ exact: false, points: 0.5 });
});

test('missing one of two true causes gives no points, however right the rest is', () => {
  const both = { healthy: false, rootCauses: [...truth.rootCauses, { cause: 'memory-leak', subject: place }] };
  expect(scoreAnswer([says('configmap-key-missing', other)], both)).toMatchObject({ exact: false, points: 0 });
});

test('the right place with another cause, or with none, counts as place named only', () => {
  expect(scoreAnswer([says('memory-leak', other)], truth)).toMatchObject({ exact: false, points: 0, placeNamed: true });
  expect(scoreAnswer([says(undefined, other)], truth)).toMatchObject({ exact: false, points: 0, placeNamed: true });
});

test('two pods of one workload with the same cause are one root cause', () => {
  expect(scoreAnswer([says('configmap-key-missing', place), says('configmap-key-missing', place)], truth).points).toBe(1);
});

test('another namespace is another place; an answer that leaves it out is given the benefit of the doubt', () => {
  expect(scoreAnswer([says('configmap-key-missing', { ...other, namespace: 'elsewhere' })], truth).exact).toBe(false);
  expect(scoreAnswer([says('configmap-key-missing', { kind: other.kind, name: other.name })], truth).exact).toBe(true);
});

test('in a healthy cluster silence is right and anything else is a false alarm', () => {
  const healthy = { healthy: true, rootCauses: [] };
  expect(scoreAnswer([], healthy)).toEqual({ exact: true, points: 1, placeNamed: true, falseAlarm: false });
  expect(scoreAnswer([says(undefined, place)], healthy)).toMatchObject({ exact: false, points: 0, falseAlarm: true });
});

describe('a truth with telling words', () => {
  const run = { kind: 'Job', namespace: 'app', name: 'nightly-*' };
  const told = {
    healthy: false,
    rootCauses: [{ cause: 'bad-change', subject: place, alsoAccept: [run], telling: ['1\\.4\\.9', 'not found'] }],
  };
  const tells = (text: string, subject = place) => ({ ...says(undefined, subject), text });

  test('is met by an accepted object and one of the words, in any case and without a word of the vocabulary', () => {
    expect(scoreAnswer([tells('image Not Found')], told).exact).toBe(true);
    expect(scoreAnswer([tells('tag 1.4.9', { ...run, name: 'nightly-2931' })], told).exact).toBe(true);
  });

  test('is not met by the word of the vocabulary, by other words, or by another object', () => {
    expect(scoreAnswer([{ ...says('bad-change', place), text: 'it crashes' }], told)).toMatchObject({ exact: false, placeNamed: true });
    expect(scoreAnswer([tells('tag 1.4x9')], told).exact).toBe(false);
    expect(scoreAnswer([tells('not found', other)], told)).toMatchObject({ exact: false, placeNamed: false });
  });
});

test('saying nothing about an incident is wrong', () => {
  expect(scoreAnswer([], truth)).toEqual({ exact: false, points: 0, placeNamed: false, falseAlarm: false });
});

const listed = (id: string, repeats?: number) => ({ id, name: id, version: '1', kind: 'peer', asked: 'root-cause', repeats }) as const;
const scenarioNamed = (name: string) => ({ name }) as ManifestScenario;

test('every tool meets every scenario in every repeat, and each goes first equally often; one that needs fewer repeats gets fewer', () => {
  const scenarios = ['a', 'b', 'c'].map(scenarioNamed);
  const order = trialOrder({ tools: ['x', 'y', 'z'].map((id) => listed(id)), scenarios, repeats: 2 });
  expect(new Set(order.map(({ tool, scenario, repeat }) => `${tool} ${scenario} ${repeat}`)).size).toBe(18);
  const first = order.filter((_, index) => index % 3 === 0).map(({ tool }) => tool);
  expect(['x', 'y', 'z'].map((tool) => first.filter((one) => one === tool).length)).toEqual([2, 2, 2]);
  expect(trialOrder({ tools: [listed('x'), listed('slow', 1)], scenarios, repeats: 2 })).toHaveLength(9);
  const [written, recorded] = (['written', 'recorded'] as const).map((suite) => ({ ...scenarioNamed(suite), suite }));
  const guesser = { ...listed('guesser'), model: 'm' };
  const seen = (some: readonly ManifestScenario[]) =>
    trialOrder({ tools: [listed('x'), guesser], scenarios: some, repeats: 2 }).map(({ tool, scenario }) => `${tool} ${scenario}`);
  expect(seen([written!, recorded!]).filter((one) => one === 'x recorded')).toHaveLength(1);
  expect(seen([written!, recorded!]).filter((one) => one === 'guesser recorded')).toHaveLength(2);
  expect(seen([recorded!]).filter((one) => one === 'x recorded')).toHaveLength(2);
});

async function smallRun(file = newFile('trials.jsonl')) {
  const tools = [
    fakeTool('ours', [RIGHT], 'own'),
    fakeTool('wrong', [WRONG]),
    fakeTool('broken', new Error('it fell over')),
    absentTool('absent'),
  ];
  const scenarios = [smallScenario('broken-image'), smallScenario('quiet', true)];
  const run = await runArena({ tools, scenarios, logFile: file, repeats: 2, seed: 1 }, testContext());
  return { file, run };
}

test('a run: a pod counts as its deployment, a failure is a failed trial, an absent tool is not run, requests are counted', async () => {
  const { file, run } = await smallRun();
  const verdict = await verifyRun(file);

  expect(verdict.problems).toEqual([]);
  expect(verdict.trials).toEqual(run.trials);
  const [ours, wrong, broken] = verdict.summary.tools;
  expect(ours?.rootCause).toMatchObject({ exact: { solved: 1, incidents: 1 }, falseAlarms: { raised: 1, controls: 1 } });
  expect(wrong?.rootCause).toMatchObject({ exact: { solved: 0 }, placeNamed: 1, points: { estimate: 0 } });
  expect(broken).toMatchObject({ failedTrials: 4, rootCause: { exact: { solved: 0 }, falseAlarms: { raised: 0, controls: 1 } } });
  expect(run.trials.find(({ tool }) => tool === 'ours')).toMatchObject({
    rootCauses: [{ countedAs: place }],
    requests: { reads: 1, writes: 0, secretReads: 0 },
  });
  expect(run.manifest.tools.at(-1)).toMatchObject({ id: 'absent', notRun: { reason: 'not installed', howToAdd: 'install it' } });
  expect(verdict.summary.tools.map(({ tool }) => tool)).not.toContain('absent');
  expect(verdict.summary.comparisons.map(({ second }) => second)).toEqual(['wrong', 'broken']);
});

test('what was recorded from a live cluster is summed up apart from what was written, and called by its title', async () => {
  const written = smallScenario('one');
  const recorded = { ...smallScenario('two'), meta: { ...smallScenario('two').meta, title: 'An image tag', origin: 'recorded' as const } };
  const logFile = newFile('trials.jsonl');
  const tools = [fakeTool('ours', [RIGHT], 'own'), fakeTool('wrong', [WRONG])];
  const { manifest } = await runArena({ tools, scenarios: [written, recorded], logFile, repeats: 1, seed: 1 }, testContext());
  const { summary } = await verifyRun(logFile);
  expect(manifest.scenarios.map(({ suite, title }) => [suite, title])).toEqual([
    ['written', 'Image not found: Deployment app/web'],
    ['recorded', 'An image tag: Deployment app/web'],
  ]);
  expect(
    [summary, summary.recorded].map((suite) => suite?.tools.map(({ trials, rootCause }) => [trials, rootCause?.exact.solved])),
  ).toEqual([
    [
      [1, 1],
      [1, 0],
    ],
    [
      [1, 1],
      [1, 0],
    ],
  ]);
  expect(summary.recorded?.comparisons).toHaveLength(1);
});

test('a run stops before the trial that would begin beyond its budget, and can be gone on with', async () => {
  const logFile = newFile('trials.jsonl');
  const costly = {
    ...fakeTool('costly', []),
    async diagnose(access: { readonly apiUrl: string }) {
      await (await fetch(`${access.apiUrl}/api/v1/pods`)).text();
      return { rootCauses: [], findings: 0, modelUse: { calls: 1, inputTokens: 60, outputTokens: 40 }, raw: '' };
    },
  };
  const run = {
    tools: [costly],
    scenarios: [smallScenario('one'), smallScenario('two'), smallScenario('three')],
    logFile,
    repeats: 1,
    seed: 1,
  };
  await expect(runArena({ ...run, budget: { maxTokens: 150 } }, testContext())).rejects.toThrow(
    'stopped after 2 trials: its models have used 200 of 150 tokens',
  );
  const price = { input: 5_000, output: 0 };
  await expect(runArena({ ...run, price, budget: { maxUsd: 0.5 } }, testContext())).rejects.toThrow('used 0.60 of 0.5 US dollars');
  const { trials } = await runArena({ ...run, resume: true, price, budget: { maxUsd: 5 } }, testContext());
  expect(trials).toHaveLength(3);
  expect((await verifyRun(logFile)).sound).toBe(true);
});

test('changing a score, removing a line or cutting the end off is found', async () => {
  const { file } = await smallRun();
  const text = readFileSync(file, 'utf8');
  const lines = text.trimEnd().split('\n');
  const problemsOf = async (changed: string) => {
    writeFileSync(file, changed);
    return (await verifyRun(file)).problems.join(' ');
  };

  expect(await problemsOf(text.replace('"points":0,', '"points":1,'))).toMatch(/was changed.*not what its answer gives/);
  expect(await problemsOf(`${lines.toSpliced(3, 1).join('\n')}\n`)).toMatch(/does not follow.*1 of 12 planned trials are missing/);
  expect(await problemsOf(`${lines.slice(0, -1).join('\n')}\n`)).toMatch(/no end: the run was cut off/);
  expect(await problemsOf(`${lines.slice(0, -1).join('\n')}\n{"type":"tri`)).toMatch(/is not a JSON object/);
  expect(await problemsOf(text)).toBe('');
});

test('a forger who also repairs the digests still gives scores that the answers do not give', async () => {
  const { file } = await smallRun();
  let previous = NO_LINE;
  const forged = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const {
        previous: _previous,
        digest: _digest,
        ...entry
      } = JSON.parse(line.replace('"exact":false,"points":0', '"exact":true,"points":1'));
      const digest = lineDigest(entry, previous);
      const written = JSON.stringify({ ...entry, previous, digest });
      previous = digest;
      return written;
    });
  writeFileSync(file, `${forged.join('\n')}\n`);

  const { problems } = await verifyRun(file);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.every((problem) => problem.includes('not what its answer gives'))).toBe(true);
});

test('an aborted run ends its log with that fact, and what was measured before can be read', async () => {
  const abort = new AbortController();
  const stops = { ...fakeTool('slow', [RIGHT]), diagnose: () => new Promise<never>(() => setTimeout(() => abort.abort(), 10)) };
  const logFile = newFile('trials.jsonl');
  const options = { tools: [fakeTool('quick', [RIGHT]), stops], scenarios: [smallScenario('one')], logFile, repeats: 1, seed: 1 };

  await expect(runArena(options, { ...testContext(), signal: abort.signal })).rejects.toThrow();

  const verdict = await verifyRun(logFile);
  expect(verdict.trials.map(({ tool }) => tool)).toEqual(['quick']);
  expect(verdict.problems).toEqual(['1 of 2 planned trials are missing.', 'The run was aborted.']);
});

test('a tool that ignores its signal is given up on after its time, and the run goes on', async () => {
  const hangs = { ...fakeTool('hangs', []), diagnose: () => new Promise<never>(() => undefined) };
  const options = {
    tools: [hangs],
    scenarios: [smallScenario('one')],
    logFile: newFile('t.jsonl'),
    repeats: 1,
    seed: 1,
    trialTimeoutMs: 50,
  };

  const { trials } = await runArena(options, testContext());

  expect(trials[0]).toMatchObject({ error: 'no answer within 50 ms', score: { exact: false } });
});

test('an answer about some other cluster is a failed trial, not a right or wrong one', async () => {
  const elsewhere = { ...fakeTool('elsewhere', []), diagnose: async () => ({ rootCauses: [], findings: 0, raw: '' }) };
  const options = { tools: [elsewhere], scenarios: [smallScenario('quiet', true)], logFile: newFile('t.jsonl'), repeats: 1, seed: 1 };

  const { trials } = await runArena(options, testContext());

  expect(trials[0]).toMatchObject({ error: expect.stringContaining('without one request'), score: { exact: false, falseAlarm: false } });
});

test('two tools of one name are refused', async () => {
  const options = { tools: [fakeTool('a', []), fakeTool('a', [])], scenarios: [], logFile: newFile('t.jsonl'), repeats: 1, seed: 1 };
  await expect(runArena(options, testContext())).rejects.toThrow('Two tools have the id "a"');
});

test('a file that is no run is refused with what to name instead', async () => {
  const file = newFile('t.jsonl');
  await expect(verifyRun(file)).rejects.toThrow('There is no log of a run');
  writeFileSync(file, '{"type":"trial"}\n');
  await expect(verifyRun(file)).rejects.toThrow('does not begin with the manifest');
});

test('a run that was cut off is gone on with: what was done is not done again, and the whole is sound', async () => {
  const { file } = await smallRun();
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  writeFileSync(file, `${lines.slice(0, 6).join('\n')}\n{"type":"trial","torn`);
  let asked = 0;
  const counting = (id: string, kind: 'own' | 'peer' = 'peer') => ({
    ...fakeTool(id, id === 'ours' ? [RIGHT] : [WRONG], kind),
    diagnose: async (...given: Parameters<ReturnType<typeof fakeTool>['diagnose']>) => {
      asked += 1;
      return await fakeTool(id, id === 'ours' ? [RIGHT] : [WRONG], kind).diagnose(...given);
    },
  });
  const tools = [counting('ours', 'own'), counting('wrong'), counting('broken'), absentTool('absent')];
  const scenarios = [smallScenario('broken-image'), smallScenario('quiet', true)];
  const run = await runArena({ tools, scenarios, logFile: file, repeats: 2, seed: 1, resume: true }, testContext());

  expect(asked).toBe(12 - 5);
  expect(run.trials).toHaveLength(12);
  expect((await verifyRun(file)).problems).toEqual([]);
  const other = { tools, scenarios, logFile: file, repeats: 2, seed: 2, resume: true };
  await expect(runArena(other, testContext())).rejects.toThrow('is another one');
});

test('lanes share the trials of a run, and the order they finish in changes nothing', async () => {
  const tools = [fakeTool('ours', [RIGHT], 'own'), fakeTool('wrong', [WRONG])];
  const scenarios = ['one', 'two', 'three'].map((name) => smallScenario(name));
  const shared = { tools, scenarios, repeats: 2, seed: 1 };
  const alone = await runArena({ ...shared, logFile: newFile('a.jsonl') }, testContext());
  const beside = await runArena({ ...shared, lanes: 3, logFile: newFile('b.jsonl') }, testContext());
  const bare = ({ trials }: typeof alone) => trials.map(({ wallMs: _wall, cpuMs: _cpu, ...trial }) => trial);

  expect(bare(beside)).toEqual(bare(alone));
});

test('what a tool had said before it failed is kept', async () => {
  const raw = withRawOutput(new Tier0Error({ code: 'MALFORMED_RESPONSE', message: 'no JSON', hint: 'none' }), 'half an answer');
  const options = { tools: [fakeTool('half', raw)], scenarios: [smallScenario('one')], logFile: newFile('t.jsonl'), repeats: 1, seed: 1 };

  expect((await runArena(options, testContext())).trials[0]).toMatchObject({ error: 'no JSON', raw: 'half an answer' });
});
