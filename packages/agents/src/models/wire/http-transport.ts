import { createHttpClient, type HttpStream } from '@tier0/core/http';
import { readEvents } from './server-sent-events.ts';
import { ProviderRefusal, type Transport, UnreadableAnswer } from './wire.ts';

export interface HttpTransportOptions {
  readonly baseUrl: string;
  /** Below the base address, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds until the answer begins. */
  readonly timeoutMs?: number | undefined;
}

const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 64 * 1024;

/** Posts JSON and reads server-sent events by the client of all adapters: no SDK, and no second attempt, which is the caller's to make. */
export function createHttpTransport({ baseUrl, path, headers, timeoutMs = 120_000 }: HttpTransportOptions): Transport {
  return async function* send(body, signal) {
    const retry = { attempts: 1 };
    const client = createHttpClient({ name: 'the model server', baseUrl, headers, timeoutMs, deadlineMs: timeoutMs, retry });
    const accept = { accept: 'text/event-stream' };
    const answer = await client.open({ method: 'POST', path, json: body, headers: accept, answers: 'any' }, { signal, now: Date.now });
    if (answer.status < 200 || answer.status > 299) throw await refusalOf(answer);
    if (answer.headers['content-type']?.includes('application/json')) yield parse(await readText(answer, MAX_ANSWER_BYTES));
    else yield* parseEvents(answer.chunks);
  };
}

async function* parseEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  for await (const data of readEvents(body, MAX_ANSWER_BYTES)) {
    if (data.trim() === '[DONE]') return;
    yield parse(data);
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new UnreadableAnswer('a piece of the stream is not JSON');
  }
}

async function refusalOf(answer: HttpStream): Promise<ProviderRefusal> {
  const text = await readText(answer, MAX_REFUSAL_BYTES);
  return new ProviderRefusal({ status: answer.status, headers: new Headers(answer.headers), body: jsonOrNothing(text) });
}

/** The beginning of a body: error pages of proxies may be long, and what is needed of them is little. */
async function readText({ chunks }: HttpStream, maxCharacters: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > maxCharacters) break;
  }
  return text;
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
