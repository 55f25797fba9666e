import type { GenerativeModel } from '@google/generative-ai';
import { missingSdk } from '../wire/sdk.ts';
import type { Transport } from '../wire/wire.ts';
import type { GoogleTransportOptions } from './genai-transport.ts';
import { fromGoogleError } from './google-error.ts';

/**
 * Carries the codec through `@google/generative-ai`. Only the raw chunks of its stream are used: its chat sessions and joined responses
 * lose thought signatures and repeat parts.
 */
export function createGenerativeAiTransport(options: GoogleTransportOptions): Transport {
  let client: GenerativeModel | undefined;
  return async function* send(body, signal) {
    client ??= await createClient(options);
    try {
      const { stream, response } = await client.generateContentStream(body as never, { signal });
      response.catch(() => undefined); // The joined response fails beside the stream; the stream says why.
      for await (const chunk of stream) yield chunk;
    } catch (error) {
      throw fromGoogleError(error);
    }
  };
}

async function createClient({ model, baseUrl, apiKey, headers, timeoutMs }: GoogleTransportOptions): Promise<GenerativeModel> {
  const { GoogleGenerativeAI } = await import('@google/generative-ai').catch(missingSdk('@google/generative-ai'));
  const customHeaders = headers ? { customHeaders: { ...headers } } : {};
  return new GoogleGenerativeAI(apiKey ?? 'none').getGenerativeModel(
    { model },
    { baseUrl, timeout: timeoutMs ?? 120_000, ...customHeaders },
  );
}
