import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOpenAiChatModel, createScriptedModel } from '@tier0/agents';
import { collectTurn, textOf } from '@tier0/agents/models';
import type { LanguageModel, ModelRequest } from '@tier0/core';
import { createDescribeBaseline, createModelEndpoint, readToolsOfFile, runEvaluation, type ToolUnderTest } from '@tier0/eval';
import { expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { budgetOf, modelModeOf, priceOf, repeatsOf } from './model-mode.ts';
import type { RunValues } from './run-options.ts';
import { createToolLoop } from './tool-loop.ts';

const SERVER = join(REPOSITORY_ROOT, 'packages/eval/data/tools/kubernetes-mcp-server.yaml');
const folder = () => mkdtempSync(join(tmpdir(), 'tier0-model-tools-'));
const signal = () => AbortSignal.timeout(60_000);

/**
 * A model that is stricter than any: it wants the rules, a tool of that name with a schema, and the result of its own call before it answers. It stands in for
 * a language model, which cannot be had here.
 */
function strictModel(answer: string, tool = 'pods_list'): LanguageModel {
  return createScriptedModel({
    model: 'strict-1',
    replies: ({ messages, tools = [] }: ModelRequest) => {
      const [system, question, ...rest] = messages;
      if (system?.role !== 'system' || !system.content.includes('"rootCauses"')) throw new Error('the rules are missing');
      if (question?.role !== 'user' || !question.content.startsWith('Something may be wrong')) throw new Error('the question is missing');
      if (rest.length === 0) {
        const offered = tools.find(({ name }) => name === tool);
        if ((offered?.parameters as { type?: string } | undefined)?.type !== 'object')
          throw new Error(`${tool} is not offered with a schema`);
        return { calls: [{ id: 'call-1', name: tool, arguments: {} }] };
      }
      const results = rest.flatMap((message) => (message.role === 'tool' ? message.results : []));
      if (!results.some(({ callId, text }) => callId === 'call-1' && text.includes('ImagePullBackOff')))
        throw new Error('no result was shown');
      return answer;
    },
  });
}

async function withModel(model: LanguageModel): Promise<ToolUnderTest | undefined> {
  const surroundings = {
    searchPath: process.env.PATH ?? '',
    packageFolders: [join(REPOSITORY_ROOT, 'packages/eval')],
    loop: createToolLoop(model),
  };
  const [, tool] = await readToolsOfFile(SERVER, surroundings);
  return (await tool?.availability())?.status === 'available' ? tool : undefined;
}

async function evaluated(tool: ToolUnderTest, more: Partial<Parameters<typeof runEvaluation>[0]> = {}) {
  const scenarios = [join(REPOSITORY_ROOT, 'scenarios/written/bad-image')];
  const options = { tools: [tool], scenarios, outDirectory: folder(), repeats: 1, now: Date.now, signal: signal(), ...more };
  return (await runEvaluation(options)).report;
}

const ANSWER = {
  rootCauses: [
    { cause: 'image-not-found', kind: 'Deployment', namespace: 'shop', name: 'checkout', why: 'ImagePullBackOff', confidence: 0.9 },
  ],
};

test('a real MCP server in the loop with a model is asked for the root cause; its calls reach the cluster and its model is counted', async ({
  skip,
}) => {
  const tool = await withModel(strictModel(`It is this:\n${JSON.stringify(ANSWER)}`));
  if (tool === undefined) skip('kubernetes-mcp-server is not installed here');
  const { arena } = await evaluated(tool!, { price: { input: 1, output: 10 } });
  expect(arena.tools[0]).toMatchObject({ id: 'kubernetes-mcp-server-with-model', asked: 'root-cause', model: 'strict-1', ran: 'live' });
  const [trial] = arena.trials;
  expect(trial).toMatchObject({ score: { exact: true, gates: [] }, modelCost: { calls: 2 }, secretSent: false, requests: { writes: 0 } });
  expect(trial?.modelCost?.costUsd).toBeCloseTo(((trial?.modelCost?.outputTokens ?? 0) * 10) / 1e6, 12);
  expect(trial?.raw).toMatch(/> tools\/list\n.*pods_list[\s\S]*> pods_list \{\}/);
}, 60_000);

test('a model that answers in another form has failed the trial, with its calls and words kept', async ({ skip }) => {
  const tool = await withModel(strictModel('I would rather not say.'));
  if (tool === undefined) skip('kubernetes-mcp-server is not installed here');
  const { arena } = await evaluated(tool!);
  expect(arena.trials[0]).toMatchObject({
    error: expect.stringContaining('are not the JSON'),
    raw: expect.stringContaining('I would rather not say.'),
  });
}, 60_000);

test('a server without a call script is not run until there is a model', async () => {
  const file = join(folder(), 'mine.yaml');
  writeFileSync(file, 'schema: tier0.tool/v1\nid: mine\nadapter: mcp\nserver: { command: /bin/cat }\n');
  const surroundings = { searchPath: '', packageFolders: [] };
  const [alone, ...none] = await readToolsOfFile(file, surroundings);
  expect(none).toEqual([]);
  expect(await alone.availability()).toMatchObject({ status: 'not-run', howToAdd: expect.stringContaining('--model') });
  const [driven] = await readToolsOfFile(file, { ...surroundings, loop: createToolLoop(strictModel('')) });
  expect(await driven.describe()).toMatchObject({ id: 'mine-with-model', asked: 'root-cause' });
});

test('a model behind an address is the same model to a program that brings its own client, tool calls and counts included', async () => {
  const context = { signal: signal(), now: Date.now };
  const call = { id: 'c1', name: 'look', arguments: { at: 'pods' } };
  const behind = createScriptedModel({
    replies: [{ text: 'Let me see.', calls: [call] }, ({ messages }) => `seen: ${JSON.stringify(messages.at(-1))}`],
  });
  const endpoint = await createModelEndpoint(behind, context);
  try {
    const client = createOpenAiChatModel({ baseUrl: endpoint.url, model: 'strict-1' });
    const tools = [{ name: 'look', description: 'Looks.', parameters: { type: 'object' } }];
    const asked = { messages: [{ role: 'user', content: 'Why?' }] as const, tools, maxOutputTokens: 100 };
    const first = await collectTurn(client.generate(asked, context));
    if (first.state === 'failed') throw new Error(first.failure.message);
    expect(first.message.parts).toMatchObject([
      { type: 'text', text: 'Let me see.' },
      { type: 'tool-call', call },
    ]);
    const result = { role: 'tool' as const, results: [{ callId: 'c1', name: 'look', text: 'all is well' }] };
    const second = await collectTurn(client.generate({ ...asked, messages: [...asked.messages, first.message, result] }, context));
    expect(second.state === 'failed' ? second.failure : textOf(second.message)).toContain(
      '"callId":"c1","name":"look","text":"all is well"',
    );
    expect(endpoint.use()).toMatchObject({ calls: 2, sent: expect.stringContaining('Why?') });
    const refused = await fetch(`${endpoint.url}/chat/completions`, { method: 'POST', body: '{"model":"m","messages":[{"role":"poet"}]}' });
    expect([refused.status, (await fetch(`${endpoint.url}/embeddings`)).status]).toEqual([400, 404]);
  } finally {
    await endpoint.close();
  }
});

test('a live model is named, repeated five times and has a limit; a limit in money needs a price', async () => {
  const values = (more: Partial<RunValues>) => ({ timeout: '1', seed: '1', 'planted-instructions': '0', ...more }) as RunValues;
  await expect(modelModeOf(values({ model: 'http://127.0.0.1:9/v1' }), {})).rejects.toThrow('must be named');
  expect(await modelModeOf(values({ model: 'http://127.0.0.1:9/v1', 'model-name': 'm' }), {})).toMatchObject({ mode: 'live' });
  expect([repeatsOf({}, 'live'), repeatsOf({}, 'scripted'), repeatsOf({ repeats: '1' }, 'recorded')]).toEqual([5, 2, 1]);
  expect(() => repeatsOf({ repeats: '4' }, 'live')).toThrow('4 repeats of a live model say nothing');
  expect([budgetOf({}, 'live'), budgetOf({}, 'scripted')]).toEqual([{ maxTokens: 5_000_000 }, {}]);
  expect(() => budgetOf({ 'max-usd': '3' }, 'live')).toThrow('needs a price');
  expect(priceOf('3,15')).toEqual({ input: 3, output: 15 });
  expect(() => priceOf('3')).toThrow('takes US dollars, not "3"');
  await expect(modelModeOf(values({ cassette: '/no/such/tape.json' }), {})).rejects.toThrow('There is no cassette');
});

test('what a model says to a run is written to a cassette and played from it without the model, byte for byte', async () => {
  const context = { signal: signal(), now: Date.now };
  const endpoint = await createModelEndpoint(createScriptedModel({ replies: () => JSON.stringify(ANSWER) }), context);
  const cassette = join(folder(), 'tape.json');
  const values = { timeout: '60', seed: '1', 'planted-instructions': '0', cassette } as RunValues;
  const live = await modelModeOf({ ...values, model: endpoint.url, 'model-name': 'm' }, {});
  const first = await evaluated(createDescribeBaseline({ model: live.model }));
  await live.save();
  await endpoint.close();
  const played = await modelModeOf(values, {});
  expect(played.mode).toBe('recorded');
  const again = await evaluated(createDescribeBaseline({ model: played.model }));
  const told = ({ arena }: typeof first) => arena.trials.map(({ rootCauses, error, score }) => ({ rootCauses, error, score }));
  expect(told(first)[0]?.score.exact).toBe(true);
  expect(told(again)).toEqual(told(first));
}, 60_000);
