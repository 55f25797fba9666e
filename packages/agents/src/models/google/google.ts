import type { LanguageModel } from '@tier0/core';
import { hostOf } from '../wire/address.ts';
import { createHttpTransport } from '../wire/http-transport.ts';
import type { Transport } from '../wire/wire.ts';
import { createWireModel } from '../wire/wire-model.ts';
import { createGenAiTransport } from './genai-transport.ts';
import { createGenerativeAiTransport } from './generative-ai-transport.ts';
import { googleWire } from './wire.ts';

/** Which model is asked, at which address, and how long it may take. */
export interface GoogleModelOptions {
  readonly model: string;
  readonly apiKey?: string | undefined;
  /** Without the version. Default `https://generativelanguage.googleapis.com`. */
  readonly baseUrl?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds one answer may take in all. Default 120,000. */
  readonly timeoutMs?: number | undefined;
  /**
   * `genai`: through `@google/genai`. `generative-ai`: through `@google/generative-ai`, of which only the raw chunks are used, so that
   * thought signatures survive. Either must be installed. Default: without an SDK.
   */
  readonly via?: 'http' | 'genai' | 'generative-ai' | undefined;
}

/** Gemini models. One codec, whichever way it is carried. */
export function createGoogleModel(options: GoogleModelOptions): LanguageModel {
  const { model, timeoutMs, baseUrl = 'https://generativelanguage.googleapis.com' } = options;
  return createWireModel({
    name: 'google',
    model,
    timeoutMs,
    host: hostOf(baseUrl),
    wire: googleWire,
    transport: transportOf({ ...options, baseUrl }),
  });
}

function transportOf(options: GoogleModelOptions & { readonly baseUrl: string }): Transport {
  if (options.via === 'genai') return createGenAiTransport(options);
  if (options.via === 'generative-ai') return createGenerativeAiTransport(options);
  const { baseUrl, timeoutMs } = options;
  const headers = { ...options.headers, ...(options.apiKey ? { 'x-goog-api-key': options.apiKey } : {}) };
  const path = `/v1beta/models/${encodeURIComponent(options.model)}:streamGenerateContent?alt=sse`;
  return createHttpTransport({ baseUrl, path, headers, timeoutMs });
}
