import { type CallContext, redact, Tier0Error } from '@tier0/core';
import {
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  type HttpHeaders,
  nextLink,
  type RefusedAnswer,
  readPages,
  retryAfterMs,
} from '@tier0/core/http';
import type { z } from 'zod';

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
  readonly headers: HttpHeaders;
  readonly body: unknown;
}

/** One forge's API. Every failure is a Tier0Error that names the request and never the token. */
export interface ForgeHttp {
  /** Reads one thing. Throws NOT_FOUND. */
  get<T>(path: string, schema: z.ZodType<T>, context: CallContext): Promise<T>;
  /** Reads one thing with the headers that came with it: some forges say there what the token may. */
  inspect<T>(path: string, schema: z.ZodType<T>, context: CallContext): Promise<{ readonly value: T; readonly headers: HttpHeaders }>;
  /** Reads a list by its `Link: rel="next"`. Throws BUDGET_EXCEEDED for one of more than 100 pages: what is missing could be a refusal. */
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
const MAX_PAGES = 100;
/** Answers kept for `If-None-Match`. */
const KEPT_ANSWERS = 200;

/** Sends nothing before the first call. */
export function createForgeHttp(options: ForgeHttpOptions): ForgeHttp {
  const client = clientOf(options);
  const kept = new Map<string, { readonly etag: string; readonly answer: HttpAnswer }>();

  /** The same client for whoever reads, with what was read before. */
  const reading: HttpClient = {
    ...client,
    async send(request, context) {
      const known = kept.get(request.path);
      const conditional = known ? { headers: { 'if-none-match': known.etag }, answers: [304] } : {};
      const answer = await client.send({ ...request, ...conditional }, context);
      if (answer.status === 304 && known) return known.answer;
      if (answer.headers.etag) remember(kept, request.path, { etag: answer.headers.etag, answer });
      return answer;
    },
  };

  return {
    get: (path, schema, context) =>
      told(context, async () => parse(options, schema, toForgeAnswer(await reading.send({ path }, context)).body, path)),
    inspect: (path, schema, context) =>
      told(context, async () => {
        const { headers, body } = toForgeAnswer(await client.send({ path }, context));
        return { value: parse(options, schema, body, path), headers };
      }),
    list: (path, schema, context) =>
      told(context, async () => {
        const entries = [];
        const pages = readPages(reading, { first: { path }, next: nextRequest, maxPages: MAX_PAGES }, context);
        for await (const page of pages) entries.push(...parse(options, schema.array(), toForgeAnswer(page).body, path));
        return entries;
      }),
    send: ({ method, path, body, answers = [] }, context) =>
      // What was perhaps done is looked for by the caller, not done again.
      told(context, async () => toForgeAnswer(await client.send({ method, path, json: body, answers, repeatable: false }, context))),
  };
}

function clientOf(options: ForgeHttpOptions): HttpClient {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maxWaitMs = DEFAULT_MAX_WAIT_MS, permissionHint } = options;
  return createHttpClient({
    name: options.name,
    baseUrl: options.apiUrl,
    headers: options.headers,
    timeoutMs,
    deadlineMs: timeoutMs + maxWaitMs,
    retry: { attempts: 3, maxAskedMs: maxWaitMs },
    patience: waitOf,
    hints: {
      unauthorised: permissionHint,
      forbidden: (headers) => {
        const scopes = headers['x-accepted-github-permissions'] ?? headers['x-accepted-oauth-scopes'];
        return scopes ? `${permissionHint} This request needs: ${scopes}.` : permissionHint;
      },
      notFound: `Check the number and the repository. A token that may not see it gets the same answer. ${permissionHint}`,
      refused: 'Read what the forge says and correct the request.',
      unavailable: 'Try again; what was done already is found.',
      unanswered: 'It is not known whether it was done: run the same step again, it finds what is there.',
    },
  });
}

/** A caller who no longer wants the answer gets their own reason. */
async function told<T>(context: CallContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    context.signal.throwIfAborted();
    throw error;
  }
}

function nextRequest(answer: HttpAnswer): { readonly path: string } | undefined {
  const path = nextLink(answer);
  return path === undefined ? undefined : { path };
}

function toForgeAnswer(answer: HttpAnswer): ForgeAnswer {
  return { status: answer.status, headers: answer.headers, body: toJson(answer.text()) };
}

function remember<T>(kept: Map<string, T>, url: string, value: T): void {
  kept.delete(url);
  kept.set(url, value);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_ANSWERS && oldest !== undefined) kept.delete(oldest);
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function parse<T>(options: ForgeHttpOptions, schema: z.ZodType<T>, body: unknown, path: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `${options.name} answered GET ${path.split('?')[0]} with something else than expected: ${issue?.path.join('.')} ${issue?.message}.`,
    hint: 'Check that the API URL is that of the forge, and its version.',
  });
}

/** How forges say that requests came too fast, where neither a status nor a header does: GitHub's secondary limits are plain 403s. */
const TOO_FAST = /secondary rate limit|abuse detection|rate limit exceeded/i;
/** What GitHub asks for where it names no time. */
const UNNAMED_WAIT_MS = 60_000;

/** Milliseconds to wait where a forge says by 403 or 429 that the rate is used up; undefined when the answer is about something else. */
function waitOf({ status, headers, said }: RefusedAnswer, nowMs: number): number | undefined {
  const askedMs = retryAfterMs(headers, nowMs);
  const isExhausted = (headers['x-ratelimit-remaining'] ?? headers['ratelimit-remaining']) === '0';
  const isTooFast = status === 429 || (status === 403 && (askedMs !== undefined || isExhausted || TOO_FAST.test(said)));
  if (!isTooFast) return undefined;
  if (askedMs !== undefined) return askedMs;
  const reset = Number(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset']);
  return isExhausted && Number.isFinite(reset) && reset > 0 ? Math.max(reset * 1000 - nowMs, 0) : UNNAMED_WAIT_MS;
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
