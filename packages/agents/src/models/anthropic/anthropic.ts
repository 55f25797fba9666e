import type { LanguageModel } from '@tier0/core';
import { hostOf } from '../wire/address.ts';
import { createHttpTransport } from '../wire/http-transport.ts';
import { createWireModel } from '../wire/wire-model.ts';
import { createAnthropicTransport } from './anthropic-transport.ts';
import { anthropicWire } from './wire.ts';

/** Which model is asked, at which address, and how long it may take. */
export interface AnthropicModelOptions {
  readonly model: string;
  readonly apiKey?: string | undefined;
  /** Without the version. Default `https://api.anthropic.com`. */
  readonly baseUrl?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds one answer may take in all. Default 120,000. */
  readonly timeoutMs?: number | undefined;
  /** `sdk`: through the package `@anthropic-ai/sdk`, which must be installed. Default: without an SDK. */
  readonly via?: 'http' | 'sdk' | undefined;
}

/** The version of the API that is spoken. Like the SDK of that version, the key goes as a bearer token. */
const API_VERSION = '2026-10-21';

/** Models of Anthropic by the Messages API, with cache breakpoints after instructions, tools and the conversation so far. */
export function createAnthropicModel(options: AnthropicModelOptions): LanguageModel {
  const { model, timeoutMs, apiKey, baseUrl = 'https://api.anthropic.com' } = options;
  const headers = { 'anthropic-version': API_VERSION, ...options.headers, ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) };
  return createWireModel({
    name: 'anthropic',
    model,
    timeoutMs,
    host: hostOf(baseUrl),
    wire: anthropicWire,
    transport:
      options.via === 'sdk'
        ? createAnthropicTransport({ ...options, baseUrl })
        : createHttpTransport({ baseUrl, path: '/v1/messages', headers, timeoutMs }),
  });
}
