import { readEvents } from './server-sent-events.ts';
import { ProviderRefusal, type Transport, UnreadableAnswer } from './wire.ts';

export interface FetchTransportOptions {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 64 * 1024;

/** Posts JSON and reads server-sent events with the `fetch` of Node: no SDK, no retry, no redirect that would take a key elsewhere. */
export function createFetchTransport({ url, headers }: FetchTransportOptions): Transport {
  return async function* send(body, signal) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify(body),
      signal,
      redirect: 'error',
    });
    if (!response.ok || !response.body) throw await refusalOf(response);
    if (response.headers.get('content-type')?.includes('application/json')) yield await response.json();
    else yield* parseEvents(response.body);
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

async function refusalOf(response: Response): Promise<ProviderRefusal> {
  const { status, headers } = response;
  return new ProviderRefusal({ status, headers, body: await readRefusal(response) });
}

/** Error pages of proxies may be long and not JSON; what is needed of them is little. */
async function readRefusal(response: Response): Promise<unknown> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_REFUSAL_BYTES) break;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
