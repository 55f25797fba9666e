import type Anthropic from '@anthropic-ai/sdk';
import { fromSdkError, missingSdk } from '../wire/sdk.ts';
import type { Transport } from '../wire/wire.ts';

export interface AnthropicTransportOptions {
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Carries the wire through the package `@anthropic-ai/sdk`, with its own retries off. */
export function createAnthropicTransport(options: AnthropicTransportOptions): Transport {
  let client: Anthropic | undefined;
  return async function* send(body, signal) {
    client ??= await createClient(options);
    try {
      const stream = (await client.messages.create(body as never, { signal })) as unknown as AsyncIterable<unknown>;
      for await (const event of stream) yield event;
    } catch (error) {
      throw fromSdkError(error);
    }
  };
}

async function createClient({ baseUrl, apiKey, headers, timeoutMs }: AnthropicTransportOptions): Promise<Anthropic> {
  const { default: Client } = await import('@anthropic-ai/sdk').catch(missingSdk('@anthropic-ai/sdk'));
  return new Client({
    apiKey: apiKey ?? 'none',
    baseURL: baseUrl,
    defaultHeaders: { ...headers },
    maxRetries: 0,
    timeout: timeoutMs ?? 120_000,
  });
}
