import type { LanguageModel, ModelRequest } from '@tier0/core';
import { SCENE_REQUEST, testContext } from '@tier0/core/testing';
import { describe, expect, test } from 'vitest';
import { createAnthropicModel } from './anthropic/anthropic.ts';
import { collectTurn, textOf } from './collect-turn.ts';
import { createGoogleModel } from './google/google.ts';
import { createOpenAiChatModel } from './openai-chat/openai-chat.ts';
import { createOpenAiResponsesModel } from './openai-responses/openai-responses.ts';

/**
 * Against real servers, only when asked for: TIER0_LIVE=1, and for each provider its key (and address or model where the default is not
 * meant). docs/guides/live-models.md lists the variables. What is checked holds for any model, also for one that talks nonsense.
 */
const { env } = process;
const live = env.TIER0_LIVE === '1';

interface LiveProvider {
  readonly name: string;
  readonly ready: boolean;
  readonly make: (model?: string) => LanguageModel;
}

const providers: readonly LiveProvider[] = (['http', 'sdk'] as const).flatMap((via) => [
  {
    name: `openai-chat by ${via}`,
    ready: env.TIER0_LIVE_CHAT_URL !== undefined,
    make: (model = env.TIER0_LIVE_CHAT_MODEL ?? 'default') =>
      createOpenAiChatModel({ via, model, baseUrl: env.TIER0_LIVE_CHAT_URL ?? '', apiKey: env.TIER0_LIVE_CHAT_KEY }),
  },
  {
    name: `openai-responses by ${via}`,
    ready: env.OPENAI_API_KEY !== undefined,
    make: (model = env.TIER0_LIVE_OPENAI_MODEL ?? 'gpt-5-mini') =>
      createOpenAiResponsesModel({ via, model, apiKey: env.OPENAI_API_KEY, baseUrl: env.TIER0_LIVE_OPENAI_URL }),
  },
  {
    name: `anthropic by ${via}`,
    ready: env.ANTHROPIC_API_KEY !== undefined,
    make: (model = env.TIER0_LIVE_ANTHROPIC_MODEL ?? 'claude-haiku-4-5') =>
      createAnthropicModel({ via, model, apiKey: env.ANTHROPIC_API_KEY, baseUrl: env.TIER0_LIVE_ANTHROPIC_URL }),
  },
  {
    name: `google by ${via === 'sdk' ? '@google/genai' : via}`,
    ready: env.GEMINI_API_KEY !== undefined,
    make: (model = env.TIER0_LIVE_GOOGLE_MODEL ?? 'gemini-2.5-flash') =>
      createGoogleModel({ via: via === 'sdk' ? 'genai' : via, model, apiKey: env.GEMINI_API_KEY, baseUrl: env.TIER0_LIVE_GOOGLE_URL }),
  },
]);

const hello: ModelRequest = { messages: [{ role: 'user', content: 'Say hello.' }], maxOutputTokens: 200 };

describe.skipIf(!live).each(providers.filter(({ ready }) => ready))('$name, live', ({ make }) => {
  test('streams an answer and ends it once, with usage', { timeout: 120_000 }, async () => {
    const turn = await collectTurn(make().generate(hello, { ...testContext(), now: Date.now }));
    expect(turn).toMatchObject({ state: 'said' });
    expect(turn.state === 'said' && turn.usage?.outputTokens).toBeGreaterThan(0);
  });

  test('takes tools, instructions and a turn that used them', { timeout: 120_000 }, async () => {
    const first = await collectTurn(make().generate({ ...SCENE_REQUEST, maxOutputTokens: 300 }, testContext()));
    if (first.state !== 'said') throw new Error(JSON.stringify(first));
    const results = first.message.parts.flatMap((part) =>
      part.type === 'tool-call' ? [{ callId: part.call.id, name: part.call.name, text: 'nothing found' }] : [],
    );
    const messages = [
      ...SCENE_REQUEST.messages,
      first.message,
      ...(results.length > 0 ? [{ role: 'tool' as const, results }] : []),
      { role: 'user' as const, content: 'Go on.' },
    ];
    expect(await collectTurn(make().generate({ ...SCENE_REQUEST, messages, maxOutputTokens: 300 }, testContext()))).toMatchObject({
      state: 'said',
    });
  });

  test('stops when it is told to', { timeout: 120_000 }, async () => {
    const abort = new AbortController();
    const stream = make().generate({ ...hello, maxOutputTokens: 2_000 }, { signal: abort.signal, now: Date.now });
    const read = collectTurn(stream, () => abort.abort(new Error('enough')));
    await expect(read).rejects.toThrow('enough');
  });

  test('says that a conversation is too long', { timeout: 120_000 }, async () => {
    const messages = [{ role: 'user' as const, content: 'word '.repeat(Number(env.TIER0_LIVE_TOO_LONG ?? 3_000_000)) }];
    const turn = await collectTurn(make().generate({ messages, maxOutputTokens: 5 }, testContext()));
    expect(turn).toMatchObject({ state: 'failed', failure: { kind: expect.stringMatching(/context-overflow|rate-limit/) } });
  });

  test.skipIf(env.TIER0_LIVE_NO_SCHEMA === '1')('keeps to a schema', { timeout: 120_000 }, async () => {
    const responseSchema = {
      type: 'object',
      properties: { cause: { type: 'string', enum: ['memory', 'network'] } },
      required: ['cause'],
      additionalProperties: false,
    };
    const turn = await collectTurn(make().generate({ ...hello, responseSchema }, testContext()));
    expect(turn.state === 'said' && ['memory', 'network']).toContain(turn.state === 'said' && JSON.parse(textOf(turn.message)).cause);
  });
});

test.skipIf(!live)('a live run has at least one provider to ask', () => {
  expect(providers.filter(({ ready }) => ready)).not.toEqual([]);
});
