import type { GoogleGenAI } from '@google/genai';
import { missingSdk } from '../wire/sdk.ts';
import type { Transport } from '../wire/wire.ts';
import { fromGoogleError } from './google-error.ts';

export interface GoogleTransportOptions {
  readonly model: string;
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Carries the codec through `@google/genai`, which does not retry unless asked to. */
export function createGenAiTransport(options: GoogleTransportOptions): Transport {
  let client: GoogleGenAI | undefined;
  return async function* send({ contents, generationConfig, ...rest }, signal) {
    client ??= await createClient(options);
    const config = { ...(generationConfig as object), ...rest, abortSignal: signal };
    try {
      for await (const chunk of await client.models.generateContentStream({ model: options.model, contents, config } as never)) yield chunk;
    } catch (error) {
      throw fromGoogleError(error);
    }
  };
}

async function createClient({ baseUrl, apiKey, headers, timeoutMs }: GoogleTransportOptions): Promise<GoogleGenAI> {
  const { GoogleGenAI: Client } = await import('@google/genai').catch(missingSdk('@google/genai'));
  return new Client({
    apiKey: apiKey ?? 'none',
    httpOptions: { baseUrl, apiVersion: 'v1beta', headers: { ...headers }, timeout: timeoutMs ?? 120_000 },
  });
}
