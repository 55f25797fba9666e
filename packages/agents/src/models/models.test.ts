import type { LanguageModel, ModelEvent } from '@tier0/core';
import { describeLanguageModel, testContext } from '@tier0/core/testing';
import { afterEach, expect, test } from 'vitest';
import { type OpenAiReply, type OpenAiServer, startOpenAiServer } from '../testing/openai-server.ts';
import { createOpenAiChatModel } from './openai-chat.ts';
import { createScriptedModel } from './scripted.ts';

const servers: OpenAiServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(...replies: readonly OpenAiReply[]): Promise<{ readonly model: LanguageModel; readonly server: OpenAiServer }> {
  const server = await startOpenAiServer(replies);
  servers.push(server);
  return { server, model: createOpenAiChatModel({ baseUrl: server.baseUrl, model: 'small', apiKey: 'key', timeoutMs: 5_000 }) };
}

async function ask(model: LanguageModel, content = 'Hello'): Promise<readonly ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of model.generate({ messages: [{ role: 'user', content }], maxOutputTokens: 10 }, testContext()))
    events.push(event);
  return events;
}

const text = (content: string) => JSON.stringify({ choices: [{ delta: { content } }] });
const finish = (reason: string) => JSON.stringify({ choices: [{ delta: {}, finish_reason: reason }] });
const usage = JSON.stringify({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } });
const HELLO = { events: [text('Grüß '), text('Gott'), finish('stop'), usage, '[DONE]'] };

describeLanguageModel('scripted', () => createScriptedModel({ replies: ['Hello.'] }));
describeLanguageModel('openai-chat', async () => (await serve(HELLO)).model);

test('text split at every byte arrives whole, with usage', async () => {
  const { model } = await serve({ ...HELLO, chunkBytes: 1 });
  const events = await ask(model);
  expect(events.map((event) => (event.type === 'text' ? event.text : '')).join('')).toBe('Grüß Gott');
  expect(events.at(-1)).toEqual({ type: 'done', reason: 'stop', inputTokens: 7, outputTokens: 3 });
});

test('a tool call in fragments becomes one call, and a missing id is made up', async () => {
  const piece = (input: unknown, name?: string) =>
    JSON.stringify({ choices: [{ delta: { tool_calls: [{ index: 0, function: { ...(name ? { name } : {}), arguments: input } }] } }] });
  const { model } = await serve({ events: [piece('{"a', 'look'), piece('": 1}'), finish('tool_calls')] });
  const events = await ask(model);
  expect(events[0]).toEqual({ type: 'tool-call', call: { id: 'call-0', name: 'look', arguments: { a: 1 } } });
  expect(events[1]).toMatchObject({ type: 'done', reason: 'tool-calls' });
});

test('a secret in a message does not leave', async () => {
  const { model, server } = await serve(HELLO);
  await ask(model, 'password=hunter2 and more');
  expect(JSON.stringify(server.requests)).not.toContain('hunter2');
  expect(JSON.stringify(server.requests)).toContain('and more');
});

test.each([
  [{ status: 429, headers: { 'retry-after': '7' } }, 'RATE_LIMITED'],
  [{ status: 401 }, 'PERMISSION_DENIED'],
  [{ status: 404 }, 'NOT_FOUND'],
  [{ status: 503 }, 'UNAVAILABLE'],
  [{ events: ['{not json'] }, 'MALFORMED_RESPONSE'],
  [{ events: [text('half')] }, 'MALFORMED_RESPONSE'],
  [{ events: [JSON.stringify({ error: { message: 'quota' } })] }, 'MALFORMED_RESPONSE'],
] as const)('the answer %j is a %s error', async (reply, code) => {
  const { model } = await serve(reply);
  await expect(ask(model)).rejects.toMatchObject({ code, message: expect.not.stringContaining('Bearer') });
});
