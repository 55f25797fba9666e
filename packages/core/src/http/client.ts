import { performance } from 'node:perf_hooks';
import { Tier0Error } from '../errors/tier0-error.ts';
import type { CallContext } from '../ports/adapter.ts';
import { pause } from '../time/pause.ts';
import {
  answeredFailure,
  busyFailure,
  cancelledFailure,
  HttpBound,
  type HttpHints,
  isPassing,
  quotaFailure,
  type RequestName,
  unreachedFailure,
  wasNeverSent,
} from './failures.ts';
import { nodeTransport } from './node-transport.ts';
import { MAX_REDIRECTS, redirectTarget } from './redirect.ts';
import { DEFAULT_RETRY, isIdempotent, isLater, isQuota, jitteredMs, type RetryPolicy, retryAfterMs } from './retry.ts';
import type { HttpStream, HttpTransport } from './transport.ts';

/** One server, and how it is spoken to. */
export interface HttpClientOptions {
  /** Name of the server in errors, e.g. `Prometheus`. */
  readonly name: string;
  /** Requests go below this address, and nowhere else: credentials are its own. */
  readonly baseUrl: string | URL;
  /** Headers of every request, credentials among them; a function is asked anew each time, so that a token may change. */
  readonly headers?: HttpHeaders | (() => Promise<HttpHeaders> | HttpHeaders) | undefined;
  /** What to do about failures, in the words of this server. */
  readonly hints?: HttpHints | undefined;
  /** Milliseconds until a connection stands. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds one attempt may take, its body included. Default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds for all attempts and waits together. Default 60,000. */
  readonly deadlineMs?: number | undefined;
  /** Bytes of one decoded answer at most. Default 16 MiB. */
  readonly maxBytes?: number | undefined;
  /** Attempts and waits; what is left out keeps its default. */
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Milliseconds to wait where an answer other than 429, 502, 503 and 504 asks for patience; undefined when it does not. */
  readonly patience?: ((answer: RefusedAnswer, nowMs: number) => number | undefined) | undefined;
  readonly transport?: HttpTransport | undefined;
  /** From 0 to below 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  readonly clock?: HttpClock | undefined;
}

/** What a server said instead of doing it. */
export interface RefusedAnswer extends Pick<HttpAnswer, 'status' | 'headers'> {
  /** Its words, from the body; at most 64 KiB. */
  readonly said: string;
}

/** Real time, or a test's. */
export interface HttpClock {
  /** Milliseconds that never go back. */
  readonly elapsedMs: () => number;
  /** Resolves after the wait, rejects when the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Header values by name. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** What is asked. */
export interface HttpRequest {
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | undefined;
  /** Below `baseUrl` when it begins with a slash; else a whole address of the same origin. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly headers?: HttpHeaders | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** Sent as JSON, instead of `body`. */
  readonly json?: unknown;
  /** Statuses besides 2xx that the caller understands; "any" for one who judges every status, once asking again has not helped. */
  readonly answers?: readonly number[] | 'any' | undefined;
  /** Whether sending it twice is harmless. Default: what the method says. */
  readonly repeatable?: boolean | undefined;
  /** These replace those of the client for this request. */
  readonly timeoutMs?: number | undefined;
  readonly deadlineMs?: number | undefined;
  readonly maxBytes?: number | undefined;
}

/** What is asked where the answer has no end of its own. */
export interface HttpStreamRequest extends HttpRequest {
  /** Longest silence between two chunks. Milliseconds, default no bound. */
  readonly idleTimeoutMs?: number | undefined;
}

/** A whole answer. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: HttpHeaders;
  readonly url: URL;
  readonly bytes: Uint8Array;
  /** The body as UTF-8. */
  text(): string;
  /** The body as JSON. Throws MALFORMED_RESPONSE. */
  json(): unknown;
}

/** The way to one server. Every failure is a Tier0Error that names the request and never a header, a query or a body. */
export interface HttpClient {
  readonly baseUrl: URL;
  /** Sends, waits and tries again as the policy says, and reads the answer to its end. */
  send(request: HttpRequest, context: CallContext): Promise<HttpAnswer>;
  /** The same, but resolves with the head of the answer; only the wait for it is bounded. No answer that has begun is asked for again. */
  open(request: HttpStreamRequest, context: CallContext): Promise<HttpStream>;
}

/** Sends nothing before the first call. Throws INVALID_INPUT for an address that is none of HTTP. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const baseUrl = readBaseUrl(options);
  const settings = { ...options, baseUrl, transport: options.transport ?? nodeTransport() };
  return {
    baseUrl,
    send: (request, context) => attempts(settings, request, context, readWhole),
    open: (request, context) => attempts(settings, request, context, readHead),
  };
}

interface Settings extends HttpClientOptions {
  readonly baseUrl: URL;
  readonly transport: HttpTransport;
}

/** One request on its way: all that an attempt needs. */
interface Call extends RequestName {
  readonly settings: Settings;
  readonly request: HttpStreamRequest;
  readonly context: CallContext;
  readonly isRepeatable: boolean;
}

type Reader<T> = (stream: HttpStream, call: Call, bounds: Bounds) => Promise<T>;

function readBaseUrl({ name, baseUrl }: HttpClientOptions): URL {
  const url = URL.parse(String(baseUrl));
  if ((url?.protocol === 'http:' || url?.protocol === 'https:') && url.username === '' && url.password === '') return url;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The address of ${name} is not one of http or https without credentials${url ? ` (${url.protocol}//${url.host})` : ''}.`,
    hint: 'Give it as https://host:port/path, and credentials by their own option.',
  });
}

/** The one loop: an attempt, a judgement, perhaps a wait within the deadline. */
async function attempts<T>(settings: Settings, request: HttpStreamRequest, context: CallContext, reader: Reader<T>): Promise<T> {
  const method = request.method ?? 'GET';
  const url = addressOf(settings, request);
  const isRepeatable = request.repeatable ?? isIdempotent(method);
  const call: Call = { settings, request, context, isRepeatable, name: settings.name, method, url };
  const policy = { ...DEFAULT_RETRY, ...settings.retry };
  const elapsedMs = settings.clock?.elapsedMs ?? (() => performance.now());
  const endsAt = elapsedMs() + (request.deadlineMs ?? settings.deadlineMs ?? 60_000);
  for (let attempt = 1; ; attempt++) {
    const leftMs = endsAt - elapsedMs();
    const outcome = await tryOnce(call, leftMs, reader);
    if ('value' in outcome) return outcome.value;
    const waitMs = Math.max(outcome.askedMs ?? 0, jitteredMs(attempt, policy, settings.random ?? Math.random));
    const isTooLong = waitMs >= endsAt - elapsedMs() || (outcome.askedMs ?? 0) > policy.maxAskedMs;
    if (attempt >= policy.attempts || outcome.isFinal || isTooLong) {
      if (outcome.answer && request.answers === 'any') return outcome.answer as T;
      throw isTooLong && outcome.answer && !outcome.isFinal ? busyFailure(call, outcome.answer.status, waitMs) : outcome.failure;
    }
    await (settings.clock?.pause ?? pause)(waitMs, context.signal).catch((reason: unknown) => {
      throw cancelledFailure(call, reason);
    });
  }
}

type Attempted<T> =
  | { readonly value: T }
  | { readonly failure: Tier0Error; readonly isFinal: boolean; readonly answer?: HttpAnswer; readonly askedMs?: number | undefined };

async function tryOnce<T>(call: Call, leftMs: number, reader: Reader<T>): Promise<Attempted<T>> {
  const { settings, request, context, isRepeatable } = call;
  const bounds = startBounds(Math.min(request.timeoutMs ?? settings.timeoutMs ?? 30_000, Math.max(leftMs, 1)), context.signal);
  try {
    const stream = await follow(call, bounds.signal);
    const isTaken =
      isAnswer(stream.status, request) ||
      (request.answers === 'any' && (reader === (readHead as unknown) || !isLater(stream.status, isRepeatable)));
    if (isTaken) return { value: await reader(stream, call, bounds) };
    return await judgeRefusal(stream, call, bounds);
  } catch (error) {
    if (error instanceof Tier0Error) throw error;
    if (context.signal.aborted) throw cancelledFailure(call, error);
    const reason = bounds.reason() ?? error;
    const isFinal = !(isPassing(reason) && (isRepeatable || wasNeverSent(reason)));
    return { failure: unreachedFailure(call, reason, settings.hints ?? {}), isFinal };
  } finally {
    bounds.end();
  }
}

function isAnswer(status: number, { answers = [] }: HttpRequest): boolean {
  return (status >= 200 && status < 300) || (answers !== 'any' && answers.includes(status));
}

/** Reads what the server explains and decides whether it may be asked again. */
async function judgeRefusal(stream: HttpStream, call: Call, bounds: Bounds): Promise<Attempted<never>> {
  const { settings, context, isRepeatable } = call;
  const { status, headers } = stream;
  const said = await readExplanation(stream, bounds);
  if (status === 429 && isQuota(said)) throw quotaFailure(call, said);
  const patienceMs = settings.patience?.({ status, headers, said }, context.now());
  const askedMs = patienceMs ?? retryAfterMs(headers, context.now());
  const mayRepeat = patienceMs !== undefined || isLater(status, isRepeatable);
  const failure = answeredFailure(call, { status, headers, said: explanationOf(said) }, settings.hints ?? {});
  return { failure, isFinal: !mayRepeat, askedMs, answer: toAnswer(stream, Buffer.from(said), call) };
}

/** Bytes of an explanation that are looked at. */
const EXPLANATION_BYTES = 64 * 1024;

async function readExplanation(stream: HttpStream, bounds: Bounds): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream.chunks) {
      bounds.signal.throwIfAborted();
      parts.push(chunk);
      bytes += chunk.length;
      if (bytes >= EXPLANATION_BYTES) break;
    }
  } catch {
    // The status says enough.
  }
  stream.discard();
  return Buffer.concat(parts).subarray(0, EXPLANATION_BYTES).toString('utf8');
}

/** The sentence in the ways APIs hold one (`message`, `error`, `error.message`, `detail`); else the text, unless it is a page. */
function explanationOf(said: string): string {
  try {
    const body = JSON.parse(said) as Record<string, unknown> | null;
    const sentences = ['message', 'error', 'errors', 'error_description', 'detail', 'scope'].flatMap((key) => sentencesOf(body?.[key]));
    return sentences.join(' ');
  } catch {
    return /<html|<!doctype/i.test(said) ? '' : said;
  }
}

function sentencesOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  const { message } = value as { readonly message?: unknown };
  return [typeof message === 'string' ? message : JSON.stringify(value)];
}

/** Sends, and goes on to other addresses of the same origin. */
async function follow(call: Call, signal: AbortSignal): Promise<HttpStream> {
  const { settings, request, method } = call;
  const { body, type } = bodyOf(request);
  const own = typeof settings.headers === 'function' ? await settings.headers() : (settings.headers ?? {});
  const headers = lowerCase({ 'user-agent': 'tier0', accept: 'application/json', ...type, ...own, ...request.headers });
  const connectTimeoutMs = settings.connectTimeoutMs ?? 10_000;
  let url = call.url;
  for (let hops = 0; ; hops++) {
    signal.throwIfAborted();
    const stream = await untilAborted(settings.transport({ url, method, headers, body, signal, connectTimeoutMs }), signal);
    const target = isAnswer(stream.status, request) ? undefined : redirectOf(call, stream);
    if (!target) return stream;
    stream.discard();
    if (hops === MAX_REDIRECTS) throw tooManyRedirects(call);
    url = target;
  }
}

function redirectOf(call: Call, stream: HttpStream): URL | undefined {
  try {
    return redirectTarget(call.name, call.method, stream);
  } catch (error) {
    stream.discard();
    throw error;
  }
}

function lowerCase(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function bodyOf({ body, json }: HttpRequest): { readonly body?: string | Uint8Array | undefined; readonly type: HttpHeaders } {
  if (json === undefined) return { body, type: {} };
  return { body: JSON.stringify(json), type: { 'content-type': 'application/json' } };
}

/** A transport that does not mind its signal must not hold the caller. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function addressOf({ name, baseUrl }: Settings, { path, query = {} }: HttpRequest): URL {
  const below = path.startsWith('/') ? baseUrl.origin + baseUrl.pathname.replace(/\/$/, '') + path : path;
  const url = URL.parse(below);
  if (url?.origin !== baseUrl.origin) {
    throw new Tier0Error({
      code: 'MALFORMED_RESPONSE',
      message: `${name} names an address on another server than ${baseUrl.origin}.`,
      hint: 'Check the address of the server, and what stands between it and here. Nothing was sent there.',
    });
  }
  for (const [key, value] of Object.entries(query)) for (const one of [value].flat()) url.searchParams.append(key, one);
  return url;
}

function tooManyRedirects(call: Call): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `${call.name} redirects ${call.method} ${call.url.pathname} more than ${MAX_REDIRECTS} times.`,
    hint: 'Check the address of the server, and what stands between it and here.',
  });
}

/** The time one attempt has. */
interface Bounds {
  readonly signal: AbortSignal;
  /** The bound that was reached, if any. */
  reason(): unknown;
  /** Begins to count anew; with nothing given, counts no more. */
  restart(timeoutMs?: number): void;
  end(): void;
}

function startBounds(timeoutMs: number, caller: AbortSignal): Bounds {
  const own = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const restart = (ms?: number) => {
    clearTimeout(timer);
    if (ms !== undefined) timer = setTimeout(() => own.abort(new HttpBound('timeout', `no whole answer within ${Math.round(ms)} ms`)), ms);
  };
  restart(timeoutMs);
  return {
    signal: AbortSignal.any([caller, own.signal]),
    reason: () => (own.signal.aborted ? own.signal.reason : undefined),
    restart,
    end: () => clearTimeout(timer),
  };
}

async function readWhole(stream: HttpStream, call: Call, bounds: Bounds): Promise<HttpAnswer> {
  const maxBytes = call.request.maxBytes ?? call.settings.maxBytes ?? 16 * 1024 * 1024;
  return toAnswer(stream, await untilAborted(collect(stream, maxBytes), bounds.signal), call);
}

function toAnswer({ status, headers, url }: HttpStream, bytes: Buffer, call: Call): HttpAnswer {
  const text = () => bytes.toString('utf8');
  return { status, headers, url, bytes, text, json: () => parseJson(text(), call) };
}

async function collect(stream: HttpStream, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bounded(stream, maxBytes)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* bounded(stream: HttpStream, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of stream.chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      stream.discard();
      throw new HttpBound('too-large', `the answer is larger than ${maxBytes} bytes`);
    }
    yield chunk;
  }
}

function parseJson(text: string, call: Call): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Tier0Error({
      code: 'MALFORMED_RESPONSE',
      message: `${call.name} did not answer with JSON (${call.method} ${call.url.origin}${call.url.pathname}).`,
      hint: 'Check that the address is the one of the API, not of its website.',
      cause,
    });
  }
}

/** The head is there: from now on only silence and size are bounded, and failures are told in the client's words. */
async function readHead(stream: HttpStream, call: Call): Promise<HttpStream> {
  return { ...stream, chunks: told(stream, call) };
}

async function* told(stream: HttpStream, call: Call): AsyncGenerator<Uint8Array> {
  const { request, context, settings } = call;
  const bounds = startBounds(2 ** 31 - 1, context.signal);
  bounds.restart(request.idleTimeoutMs);
  const chunks = bounded(stream, request.maxBytes ?? Number.POSITIVE_INFINITY);
  try {
    for (;;) {
      const next = await untilAborted(chunks.next(), bounds.signal);
      if (next.done) return;
      bounds.restart();
      yield next.value;
      bounds.restart(request.idleTimeoutMs);
    }
  } catch (error) {
    if (context.signal.aborted) throw cancelledFailure(call, error);
    throw unreachedFailure(call, bounds.reason() ?? error, settings.hints ?? {});
  } finally {
    bounds.end();
    stream.discard();
  }
}
