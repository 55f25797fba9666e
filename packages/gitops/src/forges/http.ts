import { type CallContext, redact, Tier0Error, type Tier0ErrorCode } from '@tier0/core';
import type { z } from 'zod';
import { pause } from '../pause.ts';

/** How one forge's API is spoken to. */
export interface ForgeHttpOptions {
  /** Name of the forge in errors. */
  readonly name: string;
  /** Address before every path, without a slash at the end. */
  readonly apiUrl: string;
  /** Headers of every request; asked anew each time, so that a token may change. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  /** What to do about 401 and 403, as an instruction. */
  readonly permissionHint: string;
  /** Milliseconds one request may take. Default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds it waits when the forge says "later"; beyond that RATE_LIMITED is thrown. Default 10,000. */
  readonly maxWaitMs?: number | undefined;
}

/** What the forge answered. */
export interface ForgeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** One forge's API. Every failure is a Tier0Error that names the request and never the token. */
export interface ForgeHttp {
  /** Reads one thing. Throws NOT_FOUND. */
  get<T>(path: string, schema: z.ZodType<T>, context: CallContext): Promise<T>;
  /** Reads a list by its `Link: rel="next"`, newest 2,000 entries at most. */
  list<T>(path: string, schema: z.ZodType<T>, context: CallContext): Promise<readonly T[]>;
  /** Sends; statuses that are answers rather than failures are named. */
  send(request: SendRequest, context: CallContext): Promise<ForgeAnswer>;
}

export interface SendRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `apiUrl`, or a whole address of the same origin. */
  readonly path: string;
  readonly body?: unknown;
  /** Statuses besides 2xx that the caller understands. */
  readonly answers?: readonly number[] | undefined;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_WAIT_MS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_ENTRIES = 2_000;
/** Answers kept for `If-None-Match`. */
const KEPT_ANSWERS = 200;

/** Sends nothing before the first call. */
export function createForgeHttp(options: ForgeHttpOptions): ForgeHttp {
  const origin = new URL(options.apiUrl).origin;
  const kept = new Map<string, { readonly etag: string; readonly answer: ForgeAnswer }>();

  const read = async (url: string, context: CallContext): Promise<ForgeAnswer> => {
    const known = kept.get(url);
    const headers: Readonly<Record<string, string>> = known ? { 'if-none-match': known.etag } : {};
    const answer = await request(options, { method: 'GET', url, headers, answers: known ? [304] : [] }, context);
    if (answer.status === 304 && known) return known.answer;
    const etag = answer.headers.get('etag');
    if (etag) remember(kept, url, { etag, answer });
    return answer;
  };

  return {
    async get(path, schema, context) {
      const url = addressOf(options, origin, path);
      return parse(options, schema, (await read(url, context)).body, url);
    },
    async list(path, schema, context) {
      const entries = [];
      for (let url: string | undefined = addressOf(options, origin, path); url && entries.length < MAX_ENTRIES; ) {
        const answer: ForgeAnswer = await read(url, context);
        entries.push(...parse(options, schema.array(), answer.body, url));
        const next = /<([^>]+)>;\s*rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
        url = next && addressOf(options, origin, next);
      }
      return entries;
    },
    send({ method, path, body, answers = [] }, context) {
      return request(options, { method, url: addressOf(options, origin, path), body, answers, headers: {} }, context);
    },
  };
}

function remember<T>(kept: Map<string, T>, url: string, value: T): void {
  kept.delete(url);
  kept.set(url, value);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_ANSWERS && oldest !== undefined) kept.delete(oldest);
}

/** A next page elsewhere would be given the token. */
function addressOf(options: ForgeHttpOptions, origin: string, path: string): string {
  if (path.startsWith('/')) return options.apiUrl + path;
  if (URL.parse(path)?.origin === origin) return path;
  throw new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `${options.name} names a next page on another server than ${origin}.`,
    hint: 'Check the API URL of the forge, and what stands between it and here.',
  });
}

interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly answers: readonly number[];
}

/** Asks, waits once more when told "later" and the wait is short, and makes failures of everything that is no answer. */
async function request(options: ForgeHttpOptions, wanted: RawRequest, context: CallContext): Promise<ForgeAnswer> {
  for (let attempt = 0; ; attempt++) {
    const answer = await exchange(options, wanted, context);
    if ((answer.status >= 200 && answer.status < 300) || wanted.answers.includes(answer.status)) return answer;
    const waitMs = waitOf(answer, context.now());
    if (waitMs === undefined) throw failure(options, wanted, answer);
    if (attempt > 0 || waitMs > (options.maxWaitMs ?? DEFAULT_MAX_WAIT_MS)) throw rateLimited(options, wanted, waitMs);
    await pause(waitMs, context.signal);
  }
}

async function exchange(options: ForgeHttpOptions, wanted: RawRequest, context: CallContext): Promise<ForgeAnswer> {
  context.signal.throwIfAborted();
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS)]);
  const body = wanted.body === undefined ? undefined : JSON.stringify(wanted.body);
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const headers = { 'user-agent': 'tier0', ...(await options.headers()), ...type, ...wanted.headers };
  try {
    const response = await fetch(wanted.url, { method: wanted.method, headers, body: body ?? null, signal, redirect: 'manual' });
    return { status: response.status, headers: response.headers, body: toJson(await readBounded(response)) };
  } catch (error) {
    context.signal.throwIfAborted();
    throw unreachable(options, wanted, error);
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function parse<T>(options: ForgeHttpOptions, schema: z.ZodType<T>, body: unknown, url: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `${options.name} answered GET ${pathOf(url)} with something else than expected: ${issue?.path.join('.')} ${issue?.message}.`,
    hint: 'Check that the API URL is that of the forge, and its version.',
  });
}

/** Milliseconds to wait before the request makes sense again; undefined when the answer is not about rates. */
function waitOf(answer: ForgeAnswer, nowMs: number): number | undefined {
  const { headers, status } = answer;
  const after = headers.get('retry-after');
  const exhausted = (headers.get('x-ratelimit-remaining') ?? headers.get('ratelimit-remaining')) === '0';
  if (status !== 429 && !(status === 403 && (after !== null || exhausted))) return undefined;
  if (after !== null && Number.isFinite(Number(after))) return Number(after) * 1000;
  const reset = Number(headers.get('x-ratelimit-reset') ?? headers.get('ratelimit-reset'));
  return Number.isFinite(reset) && reset > 0 ? Math.max(reset * 1000 - nowMs, 0) : 60_000;
}

function rateLimited(options: ForgeHttpOptions, wanted: RawRequest, waitMs: number): Tier0Error {
  return new Tier0Error({
    code: 'RATE_LIMITED',
    message: `${options.name} takes no more requests for ${Math.ceil(waitMs / 1000)} s (${nameOf(wanted)}).`,
    hint: 'Try again then, or use an account with a higher limit.',
  });
}

function unreachable(options: ForgeHttpOptions, wanted: RawRequest, error: unknown): Tier0Error {
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String((error as Error).message ?? error);
  return new Tier0Error({
    code: timedOut ? 'TIMEOUT' : 'UNAVAILABLE',
    message: `${options.name} did not answer ${nameOf(wanted)}: ${redact(cause)}.`,
    hint: 'It is not known whether it was done: run the same step again, it finds what is there.',
  });
}

const CODES: Readonly<Record<number, Tier0ErrorCode>> = {
  401: 'PERMISSION_DENIED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  412: 'CONFLICT',
};

function failure(options: ForgeHttpOptions, wanted: RawRequest, answer: ForgeAnswer): Tier0Error {
  const { status } = answer;
  const code = status >= 500 ? 'UNAVAILABLE' : status >= 300 && status < 400 ? 'NOT_FOUND' : (CODES[status] ?? 'INVALID_INPUT');
  return new Tier0Error({
    code,
    message: `${options.name} answered ${status} to ${nameOf(wanted)}: ${saidBy(answer)}`,
    hint: hintFor(options, answer, code),
  });
}

function hintFor(options: ForgeHttpOptions, answer: ForgeAnswer, code: Tier0ErrorCode): string {
  if (code === 'PERMISSION_DENIED') {
    const scopes = answer.headers.get('x-accepted-github-permissions') ?? answer.headers.get('x-accepted-oauth-scopes');
    return scopes ? `${options.permissionHint} This request needs: ${scopes}.` : options.permissionHint;
  }
  if (answer.status >= 300 && answer.status < 400)
    return 'The repository or the API has moved: give its new name in the options of the forge.';
  if (code === 'NOT_FOUND')
    return `Check the number and the repository. A token that may not see it gets the same answer. ${options.permissionHint}`;
  if (code === 'UNAVAILABLE') return 'Try again; what was done already is found.';
  return 'Read what the forge says and correct the request.';
}

/** What the forge said, in at most 300 characters on one line, without secrets. */
export function saidBy(answer: ForgeAnswer): string {
  const { body } = answer;
  const parts =
    typeof body === 'object' && body !== null
      ? Object.entries(body).filter(([key]) => /^(message|errors?|error_description|scope)$/.test(key))
      : [];
  const text =
    parts.length > 0 ? parts.map(([, value]) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ') : String(body);
  return redact(text).replace(/\s+/g, ' ').slice(0, 300);
}

function nameOf(wanted: RawRequest): string {
  return `${wanted.method} ${pathOf(wanted.url)}`;
}

/** Without query: it may name people and branches, and is long. */
function pathOf(url: string): string {
  return new URL(url).pathname;
}
