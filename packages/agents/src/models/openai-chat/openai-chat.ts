import type { LanguageModel } from '@tier0/core';
import { hostOf } from '../wire/address.ts';
import { createHttpTransport } from '../wire/http-transport.ts';
import { createWireModel } from '../wire/wire-model.ts';
import { createOpenAiTransport } from './openai-transport.ts';
import type { OpenAiChatQuirks } from './quirks.ts';
import { openAiChatWire } from './wire.ts';

/** Which model is asked, at which address, and how long it may take. */
export interface OpenAiChatModelOptions {
  /** Address up to and including the version, e.g. `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string;
  readonly model: string;
  /** Sent as a bearer token; local servers need none. */
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds one answer may take in all. Default 120,000. */
  readonly timeoutMs?: number | undefined;
  /** In what the server differs from OpenAI's; `probeOpenAiChat` finds out. */
  readonly quirks?: OpenAiChatQuirks | undefined;
  /** `sdk`: through the package `openai`, which must be installed. Default: without an SDK. */
  readonly via?: 'http' | 'sdk' | undefined;
}

/** Any server that speaks OpenAI's Chat Completions: Ollama, vLLM, LM Studio, gateways, and OpenAI itself. */
export function createOpenAiChatModel(options: OpenAiChatModelOptions): LanguageModel {
  const { baseUrl, model, timeoutMs, via } = options;
  const headers = { ...options.headers, ...(options.apiKey ? { authorization: `Bearer ${options.apiKey}` } : {}) };
  return createWireModel({
    name: 'openai-chat',
    model,
    timeoutMs,
    host: hostOf(baseUrl),
    wire: openAiChatWire(options.quirks),
    transport:
      via === 'sdk'
        ? createOpenAiTransport({ ...options, endpoint: 'chat' })
        : createHttpTransport({ baseUrl, path: '/chat/completions', headers, timeoutMs }),
  });
}
