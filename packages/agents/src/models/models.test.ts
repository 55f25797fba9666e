import type { LanguageModel } from '@tier0/core';
import { describeLanguageModel, type ModelScene } from '@tier0/core/testing';
import { afterEach } from 'vitest';
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
import { createGoogleModel } from './google/google.ts';
import { createOpenAiChatModel } from './openai-chat/openai-chat.ts';
import { createOpenAiResponsesModel } from './openai-responses/openai-responses.ts';

const servers: ProviderServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function stage(wire: ProviderWire, scene: ModelScene): Promise<string> {
  const server = await startProviderServer({ wire, scene });
  servers.push(server);
  return server.url;
}

const base = { model: 'm', apiKey: 'key', timeoutMs: 5_000 };

/** Every way to every provider, over HTTP. */
const WAYS: Readonly<Record<string, (scene: ModelScene) => Promise<LanguageModel>>> = {
  'openai-chat by http': async (scene) => createOpenAiChatModel({ ...base, baseUrl: `${await stage(openAiChatProvider, scene)}/v1` }),
  'openai-chat by openai': async (scene) =>
    createOpenAiChatModel({ ...base, via: 'sdk', baseUrl: `${await stage(openAiChatProvider, scene)}/v1` }),
  'openai-responses by http': async (scene) =>
    createOpenAiResponsesModel({ ...base, baseUrl: `${await stage(openAiResponsesProvider, scene)}/v1` }),
  'openai-responses by openai': async (scene) =>
    createOpenAiResponsesModel({ ...base, via: 'sdk', baseUrl: `${await stage(openAiResponsesProvider, scene)}/v1` }),
  'anthropic by http': async (scene) => createAnthropicModel({ ...base, baseUrl: await stage(anthropicProvider, scene) }),
  'anthropic by @anthropic-ai/sdk': async (scene) =>
    createAnthropicModel({ ...base, via: 'sdk', baseUrl: await stage(anthropicProvider, scene) }),
  'google by http': async (scene) => createGoogleModel({ ...base, baseUrl: await stage(googleProvider, scene) }),
  'google by @google/genai': async (scene) => createGoogleModel({ ...base, via: 'genai', baseUrl: await stage(googleProvider, scene) }),
  'google by @google/generative-ai': async (scene) =>
    createGoogleModel({ ...base, via: 'generative-ai', baseUrl: await stage(googleProvider, scene) }),
};

for (const [name, play] of Object.entries(WAYS)) describeLanguageModel(name, { play });
