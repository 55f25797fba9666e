import type { LanguageModel } from '@tier0/core';
import { createOpenAiTransport } from '../openai-chat/openai-transport.ts';
import { hostOf } from '../wire/address.ts';
import { createHttpTransport } from '../wire/http-transport.ts';
import { createWireModel } from '../wire/wire-model.ts';
import { openAiResponsesWire } from './wire.ts';

/** Which model is asked, at which address, and how long it may take. */
export interface OpenAiResponsesModelOptions {
  readonly model: string;
  readonly apiKey?: string | undefined;
  /** Default `https://api.openai.com/v1`. */
  readonly baseUrl?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds one answer may take in all. Default 120,000. */
  readonly timeoutMs?: number | undefined;
  /** `sdk`: through the package `openai`, which must be installed. Default: without an SDK. */
  readonly via?: 'http' | 'sdk' | undefined;
}

/** Models of OpenAI by the Responses API. Nothing is stored there; reasoning is kept encrypted in the conversation. */
export function createOpenAiResponsesModel(options: OpenAiResponsesModelOptions): LanguageModel {
  const { model, timeoutMs, apiKey, baseUrl = 'https://api.openai.com/v1' } = options;
  const headers = { ...options.headers, ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) };
  return createWireModel({
    name: 'openai-responses',
    model,
    timeoutMs,
    host: hostOf(baseUrl),
    wire: openAiResponsesWire,
    transport:
      options.via === 'sdk'
        ? createOpenAiTransport({ ...options, baseUrl, endpoint: 'responses' })
        : createHttpTransport({ baseUrl, path: '/responses', headers, timeoutMs }),
  });
}
