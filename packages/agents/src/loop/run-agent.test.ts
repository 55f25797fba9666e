import type { LanguageModel, ModelFailureKind, ModelRequest, ModelToolCall } from '@tier0/core';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createScriptedModel, type ScriptedAnswer, type ScriptedReply } from '../models/scripted.ts';
import { modelFailure } from '../models/wire/failure.ts';
import { createMemoryArtifactStore } from './context/artifact-store.ts';
import { createArtifactTools } from './context/artifact-tools.ts';
import { type AnyTool, defineTool } from './guard/tool.ts';
import type { RunLimits } from './limits.ts';
import { createMemoryRunLog } from './log/run-log.ts';
import { type RunOptions, runAgent } from './run-agent.ts';
import type { RunContext } from './run-context.ts';
import { foldRun } from './run-state.ts';
import { createToolRegistry } from './tool-registry.ts';

const Input = z.strictObject({ n: z.int(), ms: z.int().default(0) });
const look = defineTool({
  name: 'look_at',
  description: 'Looks.',
  input: Input,
  risk: 'read',
  run: async ({ n, ms }) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return { text: `seen ${n}`, cites: [`ev-${n}`] };
  },
});

const call = (n: number, id = `c${n}`, more: object = {}): ModelToolCall => ({ id, name: 'look_at', arguments: { n, ...more } });
const fail = (kind: ModelFailureKind, retryAfterMs?: number): ScriptedAnswer => ({
  failure: modelFailure(kind, { host: 'h', model: 'm', retryAfterMs }),
});

interface Case {
  readonly replies: readonly ScriptedReply[] | ((request: ModelRequest) => ScriptedAnswer);
  readonly tools?: readonly AnyTool[];
  readonly limits?: Partial<RunLimits>;
  readonly options?: Partial<RunOptions>;
  readonly context?: Partial<RunContext>;
}

async function run({ replies, tools = [look], limits, options, context }: Case) {
  const log = createMemoryRunLog();
  const waits: number[] = [];
  const seen: ModelRequest[] = [];
  const scripted = createScriptedModel({ replies });
  const model: LanguageModel = {
    ...scripted,
    generate: (request, given) => {
      seen.push(request);
      return scripted.generate(request, given);
    },
  };
  const given: RunContext = {
    signal: new AbortController().signal,
    now: Date.now,
    sleep: async (ms) => void waits.push(ms),
    ...context,
  };
  const result = await runAgent(
    {
      run: 'run-1',
      agent: { name: 'tester', instructions: 'Test.', tools: createToolRegistry(tools), limits },
      task: 'What is it?',
      models: [model],
      log,
      artifacts: createMemoryArtifactStore(),
      ...options,
    },
    given,
  );
  return { result, entries: await log.read('run-1'), waits, seen };
}

test('parallel calls end in any order and are told in the order they were made', async () => {
  const slowFirst = { calls: [call(1, 'a', { ms: 30 }), call(2, 'b'), call(3, 'c', { ms: 10 })] };
  const { result, seen, entries } = await run({ replies: [slowFirst, 'Done.'] });
  expect(result).toMatchObject({ state: 'finished', outcome: 'answered', answer: 'Done.', spent: { turns: 2, toolCalls: 3 } });
  const last = seen[1]?.messages.at(-1);
  expect(last?.role === 'tool' && last.results.map(({ callId }) => callId)).toEqual(['a', 'b', 'c']);
  expect(entries.filter((entry) => entry.type === 'tool-finished').map((entry) => entry.result.callId)).toEqual(['b', 'c', 'a']);
  expect(result.state === 'finished' && [...result.cites].sort()).toEqual(['ev-1', 'ev-2', 'ev-3']);
});

test('no more calls run at once than allowed', async () => {
  let now = 0;
  let most = 0;
  const counting = {
    ...look,
    run: async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now -= 1;
      return { text: 'ok' };
    },
  };
  await run({ replies: [{ calls: [1, 2, 3, 4, 5, 6, 7].map((n) => call(n)) }, 'Done.'], tools: [counting], limits: { parallel: 3 } });
  expect(most).toBe(3);
});

test('the last step has no tools and ends in an answer, also when the model goes on calling', async () => {
  const { result, seen } = await run({ replies: () => ({ calls: [call(1)] }), limits: { steps: 4 } });
  expect(seen).toHaveLength(4);
  expect(seen.map((request) => request.toolChoice)).toEqual(['auto', 'auto', 'auto', 'none']);
  expect(result).toMatchObject({ outcome: 'answered', answer: expect.stringContaining('ev-1'), spent: { toolCalls: 3 } });
});

test('no more tool calls than allowed, however many a turn asks for', async () => {
  const { result, entries } = await run({ replies: [{ calls: [1, 2, 3, 4].map((n) => call(n)) }, 'Done.'], limits: { toolCalls: 2 } });
  expect(result).toMatchObject({ answer: 'Done.', spent: { toolCalls: 2 } });
  expect(entries.filter((entry) => entry.type === 'tool-finished' && entry.result.isError)).toHaveLength(2);
});

test.each([
  ['tokens', { tokens: 50 }, 'tokens'],
  ['time', { totalMs: 5 }, 'time'],
  ['money without a price', { usd: 1 }, 'no price'],
] as const)('a run stops before the call that would go beyond its %s', async (_, limits, why) => {
  const usage = { type: 'usage' as const, usage: { inputTokens: 40, outputTokens: 20 } };
  const turn = [
    { type: 'tool-call' as const, call: call(1, 'x', { ms: 10 }) },
    usage,
    { type: 'finish' as const, reason: 'tool-calls' as const },
  ];
  const { result, seen } = await run({ replies: () => turn, limits });
  expect(seen).toHaveLength(1);
  expect(result).toMatchObject({ outcome: 'out-of-budget', why: expect.stringContaining(why), answer: expect.stringContaining('ev-1') });
});

test('money is counted by the price table', async () => {
  const prices = { asOf: '2026-11-01', prices: [{ model: 'scripted', input: 0, output: 1e6 }] };
  const { result } = await run({ replies: () => ({ text: 'four', calls: [call(1)] }), limits: { usd: 2.5 }, options: { prices } });
  expect(result).toMatchObject({ outcome: 'out-of-budget', spent: { turns: 3, costUsd: 3 } });
});

test('a tool that takes too long, fails, or gets wrong arguments is an error for the model and not for the run', async () => {
  const broken = { ...look, name: 'break_it', run: async () => Promise.reject(new TypeError('secret content')) };
  const replies: readonly ScriptedReply[] = [
    {
      calls: [
        call(1, 'slow', { ms: 200 }),
        { id: 'bad', name: 'look_at', arguments: { n: 'x', extra: 1 } },
        { id: 'none', name: 'delete_all', arguments: {} },
        { id: 'broken', name: 'break_it', arguments: { n: 1 } },
      ],
    },
    'Done.',
  ];
  const { result, seen } = await run({ replies, tools: [look, broken], limits: { toolMs: 20 } });
  expect(result).toMatchObject({ answer: 'Done.' });
  const told = seen[1]?.messages.at(-1);
  const texts = told?.role === 'tool' ? told.results.map(({ text, isError }) => `${isError} ${text}`) : [];
  expect(texts[0]).toMatch(/true .*20 ms/s);
  expect(texts[1]).toMatch(/true Not done: the arguments are wrong: .*n: .*unknown fields/);
  expect(texts[2]).toMatch(/true Not done: there is no such tool/);
  expect(texts[3]).toMatch(/true .*TypeError/s);
  expect(texts.join()).not.toContain('secret content');
});

test('a failure that may pass is tried again after what the provider asks for, else after a drawn wait', async () => {
  const { result, waits } = await run({
    replies: [fail('rate-limit', 7_000), fail('overloaded'), fail('unreachable'), 'Done.'],
    context: { random: () => 0.5 },
  });
  expect(result).toMatchObject({ outcome: 'answered' });
  expect(waits).toEqual([7_000, 500, 1_000]);
});

test.each(['quota', 'permission', 'invalid-request', 'not-found', 'context-overflow'] as const)('%s is not tried again', async (kind) => {
  const { result, waits } = await run({ replies: [fail(kind), 'never'] });
  expect(result).toMatchObject({ outcome: 'failed' });
  expect(waits).toEqual([]);
});

test('attempts are bounded, and a wait beyond the time that is left is not begun', async () => {
  expect((await run({ replies: () => fail('overloaded') })).waits).toHaveLength(3);
  expect((await run({ replies: () => fail('rate-limit', 10 * 60_000), limits: { totalMs: 60_000 } })).waits).toEqual([]);
});

test('the next model goes on where the first cannot', async () => {
  const log = createMemoryRunLog();
  const first = createScriptedModel({ model: 'first', replies: [{ calls: [call(1)] }, fail('quota')] });
  let asked: ModelRequest | undefined;
  const second = createScriptedModel({
    model: 'second',
    replies: [
      (request) => {
        asked = request;
        return 'From second.';
      },
    ],
  });
  const agent = { name: 'tester', instructions: 'Test.', tools: createToolRegistry([look]) };
  const context = { signal: new AbortController().signal, now: Date.now };
  const options = { run: 'r', agent, task: 'T?', models: [first, second] as const, log, artifacts: createMemoryArtifactStore() };
  expect(await runAgent(options, context)).toMatchObject({ outcome: 'answered', answer: 'From second.', spent: { toolCalls: 1 } });
  expect(JSON.stringify(asked?.messages)).toContain('seen 1');
});

test('a stream in which nothing comes is ended, and a turn that takes too long too', async () => {
  const silent: LanguageModel = {
    name: 'silent',
    model: 'silent',
    generate: async function* () {
      yield { type: 'text', text: 'a' };
      await new Promise(() => undefined);
    },
  };
  const limits = { chunkMs: 30, turnMs: 5_000 };
  const one = await run({ replies: [], limits, options: { models: [silent], retry: { attempts: 1, baseMs: 1, maxMs: 1 } } });
  expect(one.result).toMatchObject({ outcome: 'failed', why: expect.stringContaining('in time') });
  const two = await run({
    replies: [],
    limits: { chunkMs: 5_000, turnMs: 30 },
    options: { models: [silent], retry: { attempts: 1, baseMs: 1, maxMs: 1 } },
  });
  expect(two.result).toMatchObject({ outcome: 'failed', why: expect.stringContaining('in time') });
});

test('an abort throws, leaves no call running, and the run goes on later from the log', async () => {
  const log = createMemoryRunLog();
  const abort = new AbortController();
  let running = 0;
  const patient = {
    ...look,
    run: async (_: unknown, { signal }: { readonly signal: AbortSignal }) => {
      running += 1;
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      running -= 1;
      throw signal.reason;
    },
  };
  const agent = { name: 'tester', instructions: 'Test.', tools: createToolRegistry([patient]) };
  const base = { run: 'r', agent, task: 'T?', log, artifacts: createMemoryArtifactStore() };
  const first = createScriptedModel({ replies: [{ calls: [call(1), call(2)] }] });
  const pending = runAgent({ ...base, models: [first] }, { signal: abort.signal, now: Date.now });
  setTimeout(() => abort.abort(new Error('enough')), 30);
  await expect(pending).rejects.toThrow('enough');
  expect(running).toBe(0);
  const again = {
    ...base,
    agent: { ...agent, tools: createToolRegistry([look]) },
    models: [createScriptedModel({ replies: ['Done.'] })] as const,
  };
  expect(await runAgent(again, { signal: new AbortController().signal, now: Date.now })).toMatchObject({
    answer: 'Done.',
    spent: { toolCalls: 2 },
  });
});

test('a refusal ends the run as a refusal, and a pause goes on', async () => {
  const refusal = [
    { type: 'text' as const, text: 'No.' },
    { type: 'finish' as const, reason: 'refusal' as const },
  ];
  expect((await run({ replies: [refusal] })).result).toMatchObject({ outcome: 'refused', answer: 'No.' });
  const paused = [
    { type: 'text' as const, text: 'Wait' },
    { type: 'finish' as const, reason: 'pause' as const },
  ];
  expect((await run({ replies: [paused, 'Done.'] })).result).toMatchObject({ outcome: 'answered', answer: 'Done.' });
  expect((await run({ replies: () => paused, limits: { steps: 3 } })).result).toMatchObject({ outcome: 'answered', spent: { turns: 3 } });
});

test('two processes cannot work on one run', async () => {
  const log = createMemoryRunLog();
  const agent = { name: 'tester', instructions: 'Test.', tools: createToolRegistry([look]) };
  const options = () => ({
    run: 'r',
    agent,
    task: 'T?',
    models: [createScriptedModel({ replies: ['A.'] })] as const,
    log,
    artifacts: createMemoryArtifactStore(),
  });
  const context = { signal: new AbortController().signal, now: Date.now };
  const ends = await Promise.allSettled([runAgent(options(), context), runAgent(options(), context)]);
  expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(1);
  expect(ends.find((end) => end.status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } });
});

test('an answer too long to show is kept, and searched and read by handle', async () => {
  const lines = Array.from({ length: 5_000 }, (_, n) => `${n} all is well`);
  lines[3_210] = '3210 the needle: disk serial Q7-44';
  const big = { ...look, run: async () => ({ text: lines.join('\n') }) };
  const { result, seen } = await run({
    tools: [big, ...createArtifactTools(artifacts)],
    replies: [
      { calls: [call(1)] },
      (request) => ({ calls: [{ id: 's', name: 'search_artifact', arguments: { artifact: handleIn(request), text: 'NEEDLE serial' } }] }),
      (request) => `It is ${/Q7-\d+/.exec(JSON.stringify(request.messages.at(-1)))?.[0]}.`,
    ],
    options: { artifacts },
    limits: { resultCharacters: 2_000 },
  });
  expect(result).toMatchObject({ answer: 'It is Q7-44.' });
  expect(JSON.stringify(seen[1]?.messages).length).toBeLessThan(5_000);
});
const artifacts = createMemoryArtifactStore();
function handleIn(request: ModelRequest): string {
  return /kept as (artifact-[\w-]+)/.exec(JSON.stringify(request.messages))?.[1] ?? '';
}

test('a conversation that outgrows the model is shortened before the call; task and citations stay', async () => {
  let step = 0;
  const wordy = { ...look, run: async ({ n }: { readonly n: number }) => ({ text: `${n} `.repeat(3_000), cites: [`ev-${n}`] }) };
  const { result, seen, entries } = await run({
    tools: [wordy],
    replies: (request) =>
      step++ < 25 ? { calls: [call(step)] } : `Answer to ${request.messages[1]?.role === 'user' ? request.messages[1].content : ''}`,
    limits: { contextTokens: 12_000, outputTokens: 500, steps: 40 },
  });
  expect(result).toMatchObject({ outcome: 'answered', answer: 'Answer to What is it?' });
  expect(entries.some((entry) => entry.type === 'context-compacted')).toBe(true);
  for (const request of seen) expect(JSON.stringify(request.messages).length / 4).toBeLessThan(12_000);
  expect(result.state === 'finished' && result.cites.size).toBe(25);
});

test('the same entries give the same state in any process', async () => {
  const { entries } = await run({ replies: [{ calls: [call(1), call(2)] }, { calls: [call(3, 'c1')] }, 'Done.'] });
  const copied = JSON.parse(JSON.stringify(entries)) as typeof entries;
  expect({ ...foldRun(copied), keys: 0 }).toEqual({ ...foldRun(entries), keys: 0 });
});
