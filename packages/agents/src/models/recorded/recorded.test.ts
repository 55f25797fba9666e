import { describeLanguageModel, type ModelScene, playScene, sceneOf, testContext } from '@tier0/core/testing';
import { describe, expect, test } from 'vitest';
import {
  anthropicProvider,
  googleProvider,
  openAiChatProvider,
  openAiResponsesProvider,
  startProviderServer,
} from '../../testing/index.ts';
import { createAnthropicModel } from '../anthropic/anthropic.ts';
import { collectTurn } from '../collect-turn.ts';
import { createGoogleModel } from '../google/google.ts';
import { createOpenAiChatModel } from '../openai-chat/openai-chat.ts';
import { createOpenAiResponsesModel } from '../openai-responses/openai-responses.ts';
import { createScriptedModel } from '../scripted.ts';
import { CassetteSchema } from './cassette.ts';
import { createRecordedModel, recordModel } from './recorded.ts';

const PROVIDERS = {
  anthropic: { wire: anthropicProvider, make: (url: string) => createAnthropicModel({ model: 'm', apiKey: 'k', baseUrl: url }) },
  google: { wire: googleProvider, make: (url: string) => createGoogleModel({ model: 'm', apiKey: 'k', baseUrl: url, via: 'genai' }) },
  'openai-chat': {
    wire: openAiChatProvider,
    make: (url: string) => createOpenAiChatModel({ model: 'm', apiKey: 'k', baseUrl: `${url}/v1` }),
  },
  'openai-responses': {
    wire: openAiResponsesProvider,
    make: (url: string) => createOpenAiResponsesModel({ model: 'm', apiKey: 'k', baseUrl: `${url}/v1` }),
  },
} as const;

async function record(name: keyof typeof PROVIDERS, scene: ModelScene) {
  const { wire, make } = PROVIDERS[name];
  const server = await startProviderServer({ wire, scene });
  const model = recordModel(make(server.url));
  try {
    await playScene(model, scene);
  } finally {
    await server.close();
  }
  return CassetteSchema.parse(JSON.parse(JSON.stringify(model.cassette(testContext()))));
}

const skip = {
  abort: 'a cassette has nothing to wait for',
  'cut-stream': 'a cassette that ends early is the same, and the wires show it',
};

for (const name of Object.keys(PROVIDERS) as (keyof typeof PROVIDERS)[]) {
  describeLanguageModel(`a cassette of ${name}`, { play: async (scene) => createRecordedModel(await record(name, scene)), skip });
}

describe('a cassette', () => {
  test('answers only what it was asked when it was made', async () => {
    const model = createRecordedModel(await record('anthropic', sceneOf('text')));
    const other = { messages: [{ role: 'user' as const, content: 'Something else?' }], maxOutputTokens: 5 };
    expect(await collectTurn(model.generate(other, testContext()))).toMatchObject({ state: 'failed', failure: { kind: 'not-found' } });
  });

  test('holds no secret and no key', async () => {
    const scene: ModelScene = {
      name: 'secret',
      claim: '',
      turns: [{ parts: [{ type: 'tool-call', id: 'c', name: 'find_items', arguments: { password: 'hunter2x' } }], finish: 'tool-calls' }],
    };
    const cassette = JSON.stringify(await record('google', scene));
    expect(cassette).not.toContain('hunter2x');
    expect(cassette).toContain('find_items');
  });

  test('cannot be made of a model without a wire', () => {
    expect(() => recordModel(createScriptedModel({ replies: [] }))).toThrow(/speaks no wire/);
  });
});
