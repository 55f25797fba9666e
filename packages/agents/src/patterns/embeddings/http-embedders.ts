import { type CallContext, Tier0Error } from '@tier0/core';
import { createHttpClient, type HttpClient, type HttpClientOptions } from '@tier0/core/http';
import { z } from 'zod';
import type { Embedder } from '../knowledge/knowledge-base.ts';

/** A model behind an HTTP API. Texts leave this machine for it. */
export interface HttpEmbedderOptions {
  readonly model: string;
  /** Default: the provider's own address. */
  readonly url?: string | undefined;
  /** Sent to that address only. Compatible servers on one's own machine often need none. */
  readonly apiKey?: string | undefined;
  /** Dimensions asked for, where the model offers a choice. */
  readonly dimensions?: number | undefined;
  readonly http?: Partial<Pick<HttpClientOptions, 'transport' | 'timeoutMs' | 'retry'>> | undefined;
}

const OpenAiSchema = z.object({ data: z.array(z.object({ index: z.number().int().nonnegative(), embedding: z.array(z.number()) })) });
const OllamaSchema = z.object({ embeddings: z.array(z.array(z.number())) });
const GoogleSchema = z.object({ embeddings: z.array(z.object({ values: z.array(z.number()) })) });

/** Embeddings of OpenAI, and of every server that speaks its API (`POST /embeddings`): vLLM, LM Studio, LocalAI, Ollama's `/v1`. */
export function createOpenAiEmbedder(options: HttpEmbedderOptions): Embedder {
  const { model, url = 'https://api.openai.com/v1', dimensions } = options;
  const client = clientOf('OpenAI embeddings', url, bearer(options), options);
  return {
    name: nameOf('openai', options),
    async embed(texts, context) {
      const json = { model, input: texts, encoding_format: 'float', ...(dimensions === undefined ? {} : { dimensions }) };
      const { data } = await ask(client, { path: '/embeddings', json, schema: OpenAiSchema }, context);
      return toVectors([...data].sort((a, b) => a.index - b.index).map(({ embedding }) => embedding));
    },
  };
}

/** Embeddings of an Ollama server (`POST /api/embed`). */
export function createOllamaEmbedder(options: HttpEmbedderOptions): Embedder {
  const { model, url = 'http://127.0.0.1:11434' } = options;
  const client = clientOf('Ollama', url, bearer(options), options);
  return {
    name: nameOf('ollama', options),
    async embed(texts, context) {
      const { embeddings } = await ask(client, { path: '/api/embed', json: { model, input: texts }, schema: OllamaSchema }, context);
      return toVectors(embeddings);
    },
  };
}

/** Embeddings of Google's Gemini API (`models/<model>:batchEmbedContents`). */
export function createGoogleEmbedder(options: HttpEmbedderOptions): Embedder {
  const { model, url = 'https://generativelanguage.googleapis.com/v1beta', apiKey, dimensions } = options;
  if (!/^[\w.-]+$/.test(model))
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `"${model}" is no name of a model.`,
      hint: 'Name it as the provider does, without a slash.',
    });
  const client = clientOf('Gemini embeddings', url, apiKey === undefined ? {} : { 'x-goog-api-key': apiKey }, options);
  return {
    name: nameOf('google', options),
    async embed(texts, context) {
      const requests = texts.map((text) => ({
        model: `models/${model}`,
        content: { parts: [{ text }] },
        ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
      }));
      const { embeddings } = await ask(
        client,
        { path: `/models/${model}:batchEmbedContents`, json: { requests }, schema: GoogleSchema },
        context,
      );
      return toVectors(embeddings.map(({ values }) => values));
    },
  };
}

function clientOf(name: string, url: string, headers: Readonly<Record<string, string>>, { http }: HttpEmbedderOptions): HttpClient {
  return createHttpClient({ name, baseUrl: url, headers, maxBytes: 64 * 1024 * 1024, ...http });
}

function bearer({ apiKey }: HttpEmbedderOptions): Readonly<Record<string, string>> {
  return apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
}

/** Vectors of one model in two sizes are not comparable: the size is part of the name. */
function nameOf(provider: string, { model, dimensions }: HttpEmbedderOptions): string {
  return `${provider}:${model}${dimensions === undefined ? '' : `:${dimensions}`}`;
}

interface Asked<T> {
  readonly path: string;
  readonly json: unknown;
  readonly schema: z.ZodType<T>;
}

async function ask<T>(client: HttpClient, { path, json, schema }: Asked<T>, context: CallContext): Promise<T> {
  const answer = await client.send({ method: 'POST', path, json, repeatable: true }, context);
  const parsed = schema.safeParse(answer.json());
  if (parsed.success) return parsed.data;
  throw new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `The embedding service answered ${path} with something else than embeddings.`,
    hint: 'Check that the address and the model are those of an embedding API.',
    cause: parsed.error,
  });
}

function toVectors(rows: readonly (readonly number[])[]): readonly Float32Array[] {
  return rows.map((row) => Float32Array.from(row));
}
