import type { ModelEvent, ModelMessage } from '@tier0/core';
import { type ModelScene, SCENE_REQUEST, sceneOf, testContext } from '@tier0/core/testing';
import { afterEach, expect, test } from 'vitest';
import {
  anthropicProvider,
  googleProvider,
  openAiChatProvider,
  openAiResponsesProvider,
  type ProviderServer,
  type ProviderWire,
  startProviderServer,
} from '../testing/index.ts';
import { createAnthropicModel } from './anthropic/anthropic.ts';
import { collectTurn } from './collect-turn.ts';
import { createGoogleModel } from './google/google.ts';
import { createOpenAiChatModel } from './openai-chat/openai-chat.ts';
import { createOpenAiResponsesModel } from './openai-responses/openai-responses.ts';

const servers: ProviderServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const MODELS = {
  anthropic: (baseUrl: string) => createAnthropicModel({ model: 'm', apiKey: 'k', baseUrl }),
  google: (baseUrl: string) => createGoogleModel({ model: 'm', apiKey: 'k', baseUrl }),
  'openai-chat': (url: string) => createOpenAiChatModel({ model: 'm', apiKey: 'k', baseUrl: `${url}/v1/` }),
  'openai-responses': (url: string) => createOpenAiResponsesModel({ model: 'm', apiKey: 'k', baseUrl: `${url}/v1` }),
};
const PROVIDERS: Readonly<Record<keyof typeof MODELS, ProviderWire>> = {
  anthropic: anthropicProvider,
  google: googleProvider,
  'openai-chat': openAiChatProvider,
  'openai-responses': openAiResponsesProvider,
};
const NAMES = Object.keys(MODELS) as (keyof typeof MODELS)[];

async function play(name: keyof typeof MODELS, scene: ModelScene) {
  const server = await startProviderServer({ wire: PROVIDERS[name], scene });
  servers.push(server);
  return { server, model: MODELS[name](server.url) };
}

test.each(NAMES)('a secret in any message does not reach %s', async (name) => {
  const { model, server } = await play(name, sceneOf('text'));
  const messages: readonly ModelMessage[] = [
    { role: 'system', content: 'token: sys-hunter2' },
    { role: 'user', content: 'password=hunter2 and more' },
    { role: 'assistant', parts: [{ type: 'tool-call', call: { id: 'c1', name: 'find_items', arguments: { api_key: 'arg-hunter2' } } }] },
    { role: 'tool', results: [{ callId: 'c1', name: 'find_items', text: 'DB_PASSWORD: res-hunter2' }] },
  ];
  const turn = await collectTurn(model.generate({ ...SCENE_REQUEST, messages }, testContext()));
  expect(server.refused).toEqual([]);
  expect(turn.state).toBe('said');
  expect(JSON.stringify(server.requests)).not.toContain('hunter2');
  expect(JSON.stringify(server.requests)).toContain('and more');
});

test.each(NAMES.flatMap((from) => NAMES.filter((to) => to !== from).map((to) => [from, to] as const)))(
  'a conversation begun with %s goes on with %s, without its signatures',
  async (from, to) => {
    const first = await play(from, sceneOf('reasoning'));
    const turn = await collectTurn(first.model.generate(SCENE_REQUEST, testContext()));
    if (turn.state !== 'said') throw new Error('no answer');
    const results = turn.message.parts.flatMap((part) =>
      part.type === 'tool-call' ? [{ callId: part.call.id, name: part.call.name, text: 'ok' }] : [],
    );
    const second = await play(to, sceneOf('text'));
    const messages = [...SCENE_REQUEST.messages, turn.message, { role: 'tool' as const, results }];
    const answer = await collectTurn(second.model.generate({ ...SCENE_REQUEST, messages }, testContext()));
    expect(second.server.refused).toEqual([]);
    expect(answer).toMatchObject({ state: 'said', reason: 'stop' });
  },
);

test.each(NAMES)('%s takes every feature of a request', async (name) => {
  const { model, server } = await play(name, sceneOf('text'));
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
  const request = { ...SCENE_REQUEST, responseSchema: schema, effort: 'low' as const, toolChoice: 'none' as const };
  expect(await collectTurn(model.generate(request, testContext()))).toMatchObject({ state: 'said' });
  expect(server.refused).toEqual([]);
});

test('an unknown field is refused by the stand-ins, so a wire cannot drift', async () => {
  for (const name of NAMES) {
    const { server } = await play(name, sceneOf('text'));
    const path = {
      anthropic: '/v1/messages',
      google: '/v1beta/models/m:streamGenerateContent?alt=sse',
      'openai-chat': '/v1/chat/completions',
      'openai-responses': '/v1/responses',
    }[name];
    const headers = { 'content-type': 'application/json', [PROVIDERS[name].keyHeader]: 'k' };
    const response = await fetch(server.url + path, { method: 'POST', headers, body: '{"surprise":1}' });
    expect(response.status).toBe(400);
    expect(server.refused[0]).toContain('surprise');
  }
});

test('prompt-cache breakpoints stand behind instructions, tools and the conversation', async () => {
  const { model, server } = await play('anthropic', sceneOf('text'));
  await collectTurn(model.generate(SCENE_REQUEST, testContext()));
  const body = server.requests[0] as {
    readonly system: unknown[];
    readonly tools: unknown[];
    readonly messages: { readonly content: unknown[] }[];
  };
  for (const list of [body.system, body.tools, body.messages.at(-1)?.content ?? []])
    expect(list.at(-1)).toMatchObject({ cache_control: { type: 'ephemeral' } });
  expect(body.tools[0]).not.toHaveProperty('cache_control');
});

const odd = (chunks: readonly unknown[], status = 200) => {
  const body = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
  return async (run: (baseUrl: string) => Promise<readonly ModelEvent[]>) => {
    const { createServer } = await import('node:http');
    const server = createServer((_, response) => response.writeHead(status, { 'content-type': 'text/event-stream' }).end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      return await run(`http://127.0.0.1:${(server.address() as { readonly port: number }).port}`);
    } finally {
      server.close();
    }
  };
};

async function events(name: keyof typeof MODELS, chunks: readonly unknown[]): Promise<readonly ModelEvent[]> {
  return odd(chunks)(async (baseUrl) => {
    const all: ModelEvent[] = [];
    for await (const event of MODELS[name](baseUrl).generate(SCENE_REQUEST, testContext())) all.push(event);
    return all;
  });
}

test('a compatible server may give no ids, whole calls, objects for arguments, and interleave them', async () => {
  const call = (index: number, name: string | undefined, input: unknown) => ({
    choices: [{ delta: { tool_calls: [{ index, function: { name, arguments: input } }] } }],
  });
  const log = await events('openai-chat', [
    call(0, 'look', '{"a"'),
    call(1, 'find', { b: 2 }),
    call(0, undefined, ': 1}'),
    { choices: [{ delta: {}, finish_reason: 'tool_calls' }] },
  ]);
  const calls = log.flatMap((event) => (event.type === 'tool-call' ? [event.call] : []));
  expect(calls).toEqual([
    { id: 'call-0', name: 'look', arguments: { a: 1 } },
    { id: 'call-1', name: 'find', arguments: { b: 2 } },
  ]);
});

test('arguments that are no JSON object are a problem of that call, and go back as something every server takes', async () => {
  const bad = { index: 0, id: 'x', function: { name: 'look', arguments: '{"a": tru' } };
  const log = await events('openai-chat', [{ choices: [{ delta: { tool_calls: [bad] }, finish_reason: 'tool_calls' }] }]);
  expect(log.find((event) => event.type === 'tool-call')).toMatchObject({ call: { id: 'x', problem: expect.any(String), arguments: {} } });
  expect(JSON.stringify(log.at(-1))).not.toContain('tru');
});

test('a dead account inside a stream of status 200 is not asked again', async () => {
  const error = { type: 'error', code: 'insufficient_quota', message: 'check your plan' };
  expect(await events('openai-responses', [error])).toEqual([
    { type: 'error', failure: expect.objectContaining({ kind: 'quota', retryable: false }) },
  ]);
});

test('what a server says when it refuses is not repeated', async () => {
  const log = await events('openai-chat', [{ error: { message: 'you sent: my secret question' } }]);
  expect(JSON.stringify(log)).not.toContain('secret question');
});
