import { Tier0Error } from '@tier0/core';
import { createHttpClient, type HttpAnswer, type HttpClient, nodeTransport, retryAfterMs } from '@tier0/core/http';
import { type Credentials, createCredentials } from './kubeconfig/credentials.ts';
import { readContext } from './kubeconfig/kubeconfig.ts';

/** Answer of the API server to one GET. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
  /** The server's clock, milliseconds since the epoch, to the second; undefined when it told none. */
  readonly dateMs?: number | undefined;
  /** How long the server asks to be left alone (`Retry-After`), milliseconds; undefined when it did not. */
  readonly retryAfterMs?: number | undefined;
}

/** An answer that has no end of its own: its head is there, its body is read as it comes. */
export interface ApiStream extends Omit<ApiAnswer, 'body'> {
  /** Chunks of the body. Throws when the connection breaks; ends it when the reader stops reading. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** A way to the API server: one verb, GET, and the one question that is asked by POST and changes nothing. */
export interface ApiConnection {
  /** Address without credentials, for messages. */
  readonly server: string;
  /** `accept` is the media type wanted; JSON by default. */
  get(path: string, signal: AbortSignal, accept?: string): Promise<ApiAnswer>;
  /** As `get`, but resolves with the head of the answer; only the wait for it is bounded. Nothing is read ahead of the reader. */
  open(path: string, signal: AbortSignal): Promise<ApiStream>;
  /** Asks whether somebody else may do something (SubjectAccessReview). */
  review(question: object, signal: AbortSignal): Promise<ApiAnswer>;
}

const REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';

export interface ConnectionOptions {
  /** Kubeconfig as YAML text. */
  readonly kubeconfig: string;
  readonly context?: string | undefined;
  readonly requestTimeoutMs: number;
  /** Bytes of one answer at most. */
  readonly maxBytes: number;
}

/** Reads the kubeconfig; nothing is sent yet. */
export async function connect(options: ConnectionOptions): Promise<ApiConnection> {
  const context = readContext(options.kubeconfig, options.context);
  const server = `${context.server.protocol}//${context.server.host}`;
  const client = clientOf(options, context.server, createCredentials(context, options.kubeconfig));
  return {
    server,
    async get(path, signal, accept = 'application/json') {
      refuseDots(server, path);
      const answer = await client.send({ path, headers: { accept }, answers: 'any' }, { signal, now: Date.now });
      return { ...headOf(answer), body: answer.text() };
    },
    async open(path, signal) {
      refuseDots(server, path);
      const stream = await client.open({ path, answers: 'any' }, { signal, now: Date.now });
      return { ...headOf(stream), chunks: stream.chunks };
    },
    async review(question, signal) {
      const headers = { accept: 'application/json' };
      const request = { method: 'POST' as const, path: REVIEWS, headers, json: question, answers: 'any' as const, repeatable: true };
      const answer = await client.send(request, { signal, now: Date.now });
      return { ...headOf(answer), body: answer.text() };
    },
  };
}

/** A read is asked again twice where the server asks for patience; a kind that waits longer is said in its coverage. */
function clientOf({ requestTimeoutMs, maxBytes }: ConnectionOptions, baseUrl: URL, connection: Credentials): HttpClient {
  return createHttpClient({
    name: 'The API server',
    baseUrl,
    // Most API servers are near: compressing takes longer than sending.
    headers: { 'user-agent': 'tier0-cmdb', 'accept-encoding': 'identity' },
    timeoutMs: requestTimeoutMs,
    deadlineMs: requestTimeoutMs + MAX_ASKED_MS,
    maxBytes,
    retry: { attempts: 3, maxAskedMs: MAX_ASKED_MS },
    hints: { unreachable: 'Compare the address in the kubeconfig, and that the API server runs ("kubectl get --raw /readyz").' },
    transport: nodeTransport({ connection }),
  });
}

/** Longest wait the server may ask for before its refusal counts. Milliseconds. */
const MAX_ASKED_MS = 5_000;

function headOf({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>): Omit<ApiAnswer, 'body'> {
  const dateMs = Date.parse(headers.date ?? '');
  const askedMs = retryAfterMs(headers, Date.now());
  return { status, ...(Number.isNaN(dateMs) ? {} : { dateMs }), ...(askedMs ? { retryAfterMs: askedMs } : {}) };
}

/** Names come from the cluster: one called `..` would make another question of this one. Throws INVALID_INPUT. */
function refuseDots(server: string, path: string): void {
  if (!/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path.split('?')[0] ?? '')) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${JSON.stringify(path.slice(0, 200))} is not asked of ${server}: a name in it is "." or "..".`,
    hint: 'No API server has such a name: look at what answers in its place.',
  });
}
