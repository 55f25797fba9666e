import type { JsonValue, LanguageModel } from '@tier0/core';
import { expectedLog, MODEL_SCENES, type ModelScene, playScene } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import {
  anthropicProvider,
  googleProvider,
  openAiChatProvider,
  openAiResponsesProvider,
  type ProviderWire,
  startProviderServer,
} from '../testing/index.ts';
import { anthropicWire } from './anthropic/wire.ts';
import { googleWire } from './google/wire.ts';
import { openAiChatWire } from './openai-chat/wire.ts';
import { openAiResponsesWire } from './openai-responses/wire.ts';
import { createHttpTransport } from './wire/http-transport.ts';
import type { ChunkReader, JsonObject, Transport, Wire } from './wire/wire.ts';
import { createWireModel } from './wire/wire-model.ts';

/** Adapters with one mistake each that real ones have made. The contract is only worth something if it finds every one. */
interface WrongAdapter {
  readonly mistake: string;
  readonly provider: ProviderWire;
  readonly path: string;
  readonly wire: Wire;
  readonly caughtBy: string;
  readonly transport?: (url: string) => Transport;
}

const chat = openAiChatWire();
const WRONG: readonly WrongAdapter[] = [
  {
    mistake: 'openai-chat forgets what a gateway sent beside a call',
    provider: openAiChatProvider,
    path: '/v1/chat/completions',
    wire: { ...chat, body: (request, model) => without(chat.body(request, model), 'extra_content') },
    caughtBy: 'reasoning',
  },
  {
    mistake: 'openai-responses leaves reasoning items out of the next turn',
    provider: openAiResponsesProvider,
    path: '/v1/responses',
    wire: {
      ...openAiResponsesWire,
      body: (request, model) => {
        const body = openAiResponsesWire.body(request, model);
        return { ...body, input: (body.input as readonly JsonObject[]).filter((item) => item.type !== 'reasoning') };
      },
    },
    caughtBy: 'reasoning',
  },
  {
    mistake: 'anthropic counts input tokens without those from the cache',
    provider: anthropicProvider,
    path: '/v1/messages',
    wire: {
      ...anthropicWire,
      reader: (request) =>
        changed(anthropicWire.reader(request), (event) => {
          if (event.type !== 'usage') return event;
          return { ...event, usage: { ...event.usage, inputTokens: (event.usage.raw as { readonly input_tokens: number }).input_tokens } };
        }),
    },
    caughtBy: 'text',
  },
  {
    mistake: 'anthropic sends each result in a message of its own',
    provider: anthropicProvider,
    path: '/v1/messages',
    wire: { ...anthropicWire, body: (request, model) => splitMessages(anthropicWire.body(request, model)) },
    caughtBy: 'reasoning',
  },
  {
    mistake: 'google drops the signature of a part',
    provider: googleProvider,
    path: '/v1beta/models/m:streamGenerateContent?alt=sse',
    wire: { ...googleWire, body: (request, model) => without(googleWire.body(request, model), 'thoughtSignature') },
    caughtBy: 'reasoning',
  },
  {
    mistake: 'any wire decodes every chunk of bytes by itself',
    provider: openAiChatProvider,
    path: '/v1/chat/completions',
    wire: chat,
    caughtBy: 'text',
    transport: (url) => careless(url),
  },
  {
    mistake: 'any wire takes a broken connection for the end',
    provider: openAiChatProvider,
    path: '/v1/chat/completions',
    wire: { ...chat, reader: (request) => ({ ...chat.reader(request), end: () => [{ type: 'finish', reason: 'stop' }] }) },
    caughtBy: 'length',
  },
];

test.each(WRONG)('the contract is red when $mistake', async (wrong) => {
  const red: string[] = [];
  for (const scene of MODEL_SCENES.filter((one) => !['abort', 'cut-stream'].includes(one.name))) {
    if (JSON.stringify(await play(wrong, scene)) !== JSON.stringify(expectedLog(scene))) red.push(scene.name);
  }
  expect(red).toContain(wrong.caughtBy);
});

async function play({ provider, path, wire, transport }: WrongAdapter, scene: ModelScene) {
  const server = await startProviderServer({ wire: provider, scene, chunkBytes: 1 });
  const url = server.url + path;
  const headers = { [provider.keyHeader]: 'key' };
  const model: LanguageModel = createWireModel({
    name: wire.name,
    model: 'm',
    host: 'local',
    wire,
    transport: transport?.(url) ?? createHttpTransport({ baseUrl: server.url, path, headers }),
  });
  try {
    return await playScene(model, scene);
  } finally {
    await server.close();
  }
}

function without(value: JsonObject, field: string): JsonObject {
  return JSON.parse(JSON.stringify(value, (key, one: JsonValue) => (key === field ? undefined : one))) as JsonObject;
}

function splitMessages(body: JsonObject): JsonObject {
  const messages = body.messages as readonly { readonly role: string; readonly content: readonly JsonValue[] }[];
  return { ...body, messages: messages.flatMap(({ role, content }) => content.map((block) => ({ role, content: [block] }))) };
}

function changed(
  reader: ChunkReader,
  change: (event: ReturnType<ChunkReader['end']>[number]) => ReturnType<ChunkReader['end']>[number],
): ChunkReader {
  return { read: (chunk) => reader.read(chunk).map(change), end: () => reader.end().map(change) };
}

function careless(url: string): Transport {
  return async function* send(body, signal) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer key' },
      body: JSON.stringify(body),
      signal,
    });
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
      for (const byte of chunk) text += new TextDecoder().decode(new Uint8Array([byte]));
    for (const line of text.split('\n')) if (line.startsWith('data: {')) yield JSON.parse(line.slice(6));
  };
}
