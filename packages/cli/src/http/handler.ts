import { toTier0Error } from '@tier0/core';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import type { Duty } from '../duty/duty.ts';
import { API, clusterOf } from './api.ts';
import { type Caller, createCallers, type Scope, type Token } from './callers.ts';
import { createRateLimit, type GuardOptions, refusalOf } from './guard.ts';
import { metricsText } from './metrics.ts';
import { createOidc, type OidcOptions } from './oidc.ts';
import { openApiDocument } from './openapi.ts';
import { servePages } from './pages.ts';
import type { Route } from './route.ts';
import { takeAlertmanager, takeForgeWebhook } from './webhooks.ts';

/** Who may call, and within which bounds. */
export interface HttpOptions extends Partial<GuardOptions> {
  readonly duty: Duty;
  /** Bearer tokens. None: whoever reaches the server may look, and do nothing else. */
  readonly tokens: readonly Token[];
  /** Tokens of an OpenID Connect issuer, besides those. */
  readonly oidc?: OidcOptions | undefined;
  readonly version: string;
  /** Requests of one caller at once, and a second in the long run. Default 200 and 50. */
  readonly rate?: { readonly burst: number; readonly perSecond: number } | undefined;
}

/** Bytes of a request's body at most. */
const MAX_BODY = 1024 * 1024;
/** Longest a request may take that is no stream, real milliseconds. */
const TIMEOUT_MS = 30_000;

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** HTTP statuses of our error codes; what is not named is 500. */
const STATUSES: Readonly<Record<string, number>> = {
  INVALID_INPUT: 400,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  UNSUPPORTED: 409,
  RATE_LIMITED: 429,
  TIMEOUT: 503,
  UNAVAILABLE: 503,
};

/** The whole web side of a duty as one handler of the web's own Request and Response: API, pages, webhooks, metrics. It never throws. */
export function createHttpHandler(options: HttpOptions): (request: Request) => Promise<Response> {
  const { duty, tokens, hosts = [], origins = [] } = options;
  const now = () => Date.now();
  const callers = createCallers(tokens, now, options.oidc && createOidc(options.oidc, now));
  const limit = createRateLimit({ ...(options.rate ?? { burst: 200, perSecond: 50 }), now });
  const app = new Hono();

  app.use('*', async (c, next) => {
    const isProbe = c.req.path === '/healthz' || c.req.path === '/readyz';
    const refusal = isProbe ? undefined : refusalOf(c.req.raw, { hosts, origins });
    if (refusal !== undefined)
      return problem(
        c,
        403,
        'PERMISSION_DENIED',
        `Not let in: ${refusal}.`,
        'Call it by its own name; http.hosts and http.origins name others.',
      );
    await callers.recognise(c.req.raw);
    const waitSeconds = limit.ask(callers.of(c.req.raw)?.name ?? 'nobody');
    if (waitSeconds !== undefined) {
      c.header('retry-after', String(waitSeconds));
      return problem(c, 429, 'RATE_LIMITED', 'Too many requests.', `Wait ${waitSeconds} s.`);
    }
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.res.headers.set(name, value);
  });
  app.use(
    '*',
    bodyLimit({
      maxSize: MAX_BODY,
      onError: (c) => {
        // What is still to come of the body is not read: the connection is of no use afterwards.
        c.header('connection', 'close');
        return problem(c, 413, 'INVALID_INPUT', `The body is longer than ${MAX_BODY} bytes.`, 'Send less.');
      },
    }),
  );
  app.onError((error, c) => answerError(c, error));
  app.notFound((c) =>
    problem(c, 404, 'NOT_FOUND', 'There is nothing here.', 'GET /openapi.json lists what there is; / is the page for people.'),
  );

  const need = (c: Context, scope: Scope): Caller | Response => {
    const caller = callers.of(c.req.raw);
    if (caller === undefined) {
      c.header('www-authenticate', 'Bearer');
      return problem(c, 401, 'PERMISSION_DENIED', 'A token is needed.', 'Send "Authorization: Bearer TOKEN"; people sign in at /login.');
    }
    if (caller.scopes.includes(scope)) return caller;
    return problem(
      c,
      403,
      'PERMISSION_DENIED',
      `${caller.name} may not do this: it needs the scope "${scope}".`,
      'Name a token with it in http.tokens.',
    );
  };

  app.get('/healthz', (c) => c.json({ status: 'alive' }));
  app.get('/readyz', (c) =>
    c.json({ status: duty.isReady ? 'ready' : 'not ready', draining: duty.isDraining }, duty.isReady && !duty.isDraining ? 200 : 503),
  );
  app.get('/openapi.json', (c) => c.json(openApiDocument(API, options.version)));
  app.get('/metrics', (c) => {
    const caller = need(c, 'read');
    if (caller instanceof Response) return caller;
    const isOpen = c.req.header('accept')?.includes('application/openmetrics-text') ?? false;
    const type = isOpen ? 'application/openmetrics-text; version=1.0.0; charset=utf-8' : 'text/plain; version=0.0.4; charset=utf-8';
    return c.body(metricsText(duty, isOpen ? 'openmetrics' : 'text'), 200, { 'content-type': type });
  });
  for (const one of API)
    app.on(one.method.toUpperCase(), one.path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) => serveRoute(c, one, { duty, need }));

  app.post('/webhooks/alertmanager/:cluster', async (c) => {
    const caller = need(c, 'alerts');
    if (caller instanceof Response) return caller;
    return c.json(await takeAlertmanager(clusterOf(duty, c.req.param('cluster')), await c.req.text()));
  });
  app.post('/webhooks/forge/:cluster', async (c) =>
    c.json(takeForgeWebhook(clusterOf(duty, c.req.param('cluster')), c.req.raw, new Uint8Array(await c.req.arrayBuffer()))),
  );
  servePages(app, { duty, callers, need, now });
  return async (request) => {
    try {
      return await app.fetch(request);
    } catch (error) {
      const { code, message, hint } = toTier0Error(error);
      return Response.json({ code, message, hint }, { status: 500, headers: SECURITY_HEADERS });
    }
  };
}

/** Who calls, where that one may do what is asked; else the refusal. */
export type Need = (c: Context, scope: Scope) => Caller | Response;

async function serveRoute(c: Context, one: Route, { duty, need }: { readonly duty: Duty; readonly need: Need }): Promise<Response> {
  const caller = need(c, one.scope);
  if (caller instanceof Response) return caller;
  const query = parsed(one.query, c.req.query(), 'query');
  const body = one.body === undefined ? undefined : parsed(one.body, await jsonOf(c), 'body');
  const signal = one.answer === undefined ? c.req.raw.signal : AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const lastEventId = Number(c.req.header('last-event-id') ?? 0);
  const answer = await one.handle({
    duty,
    caller,
    path: c.req.param() as Readonly<Record<string, string>>,
    query,
    body,
    signal,
    lastEventId: Number.isSafeInteger(lastEventId) && lastEventId > 0 ? lastEventId : 0,
  });
  return answer instanceof Response ? answer : c.json(answer);
}

class Malformed extends Error {}

function parsed(schema: z.ZodType | undefined, value: unknown, what: string): unknown {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Malformed(`The ${what} is not understood: ${issue?.path.join('.') || 'all of it'}: ${issue?.message}.`);
}

async function jsonOf(c: Context): Promise<unknown> {
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? ''))
    throw new Malformed('The body is no JSON: Content-Type says otherwise.');
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed('The body is not JSON.');
  }
}

function answerError(c: Context, error: unknown): Response {
  if (error instanceof Malformed) return problem(c, 400, 'INVALID_INPUT', error.message, 'GET /openapi.json says what is expected.');
  if (error instanceof URIError) return problem(c, 400, 'INVALID_INPUT', 'The path is not understood.', 'Escape it as URLs are.');
  const { code, message, hint } = toTier0Error(error);
  return problem(c, STATUSES[code] ?? 500, code, message, hint);
}

function problem(c: Context, status: number, code: string, message: string, hint: string): Response {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
  return c.json({ code, message, hint }, status as 400);
}
