import type OpenAI from 'openai';
import { fromSdkError, missingSdk } from '../wire/sdk.ts';
import type { JsonObject, Transport } from '../wire/wire.ts';

export interface OpenAiTransportOptions {
  readonly baseUrl?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs?: number | undefined;
  readonly endpoint: 'chat' | 'responses';
}

/** Carries a wire through the package `openai`, with its own retries off. */
export function createOpenAiTransport(options: OpenAiTransportOptions): Transport {
  let client: OpenAI | undefined;
  return async function* send(body, signal) {
    client ??= await createClient(options);
    try {
      for await (const chunk of await open(client, options.endpoint, body, signal)) yield chunk;
    } catch (error) {
      throw fromSdkError(error);
    }
  };
}

async function createClient({ baseUrl, apiKey, headers, timeoutMs }: OpenAiTransportOptions): Promise<OpenAI> {
  const { default: Client } = await import('openai').catch(missingSdk('openai'));
  return new Client({
    apiKey: apiKey ?? 'none',
    baseURL: baseUrl ?? null,
    defaultHeaders: { ...headers },
    maxRetries: 0,
    timeout: timeoutMs ?? 120_000,
  });
}

/** The body is a whole request of the wire already; the SDK's types describe the same JSON. */
function open(client: OpenAI, endpoint: 'chat' | 'responses', body: JsonObject, signal: AbortSignal): Promise<AsyncIterable<unknown>> {
  const request = body as never;
  return endpoint === 'chat'
    ? (client.chat.completions.create(request, { signal }) as unknown as Promise<AsyncIterable<unknown>>)
    : (client.responses.create(request, { signal }) as unknown as Promise<AsyncIterable<unknown>>);
}
