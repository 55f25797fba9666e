import { toTier0Error } from '@tier0/core';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import type { Duty } from '../duty/duty.ts';
import { html } from '../page/html.ts';
import { auditPage } from '../page/served/audit.ts';
import { BROWSER_SCRIPT } from '../page/served/browser-script.ts';
import { graphPage } from '../page/served/graph.ts';
import { servedIncident } from '../page/served/incident.ts';
import { incidentsPage } from '../page/served/incidents.ts';
import { type Frame, layout } from '../page/served/layout.ts';
import { SERVED_STYLE } from '../page/served/style.ts';
import { API, clusterOf } from './api.ts';
import { type Caller, createCallers, type Scope, SESSION_COOKIE, type Token } from './callers.ts';
import { decideOnIncident } from './decide.ts';
import { createRateLimit, type GuardOptions, refusalOf } from './guard.ts';
import { findIncidentOnDuty } from './incident-view.ts';
import { metricsText } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';
import { takeAlertmanager, takeForgeWebhook } from './webhooks.ts';

/** Who may call, and within which bounds. */
export interface HttpOptions extends Partial<GuardOptions> {
  readonly duty: Duty;
  /** Bearer tokens. None: whoever reaches the server may look, and do nothing else. */
  readonly tokens: readonly Token[];
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
  const callers = createCallers(tokens, now);
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
    return c.json(takeAlertmanager(clusterOf(duty, c.req.param('cluster')), await c.req.text()));
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

type Need = (c: Context, scope: Scope) => Caller | Response;

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

interface Pages {
  readonly duty: Duty;
  readonly callers: ReturnType<typeof createCallers>;
  readonly need: Need;
  readonly now: () => number;
}

function servePages(app: Hono, { duty, callers, need, now }: Pages): void {
  const toLogin = (c: Context) => c.redirect(`/login?next=${encodeURIComponent(new URL(c.req.url).pathname)}`, 303);
  const page = (c: Context, caller: Caller | undefined, frame: Pick<Frame, 'title' | 'here' | 'body' | 'incident'>, status = 200) =>
    c.html(
      layout({
        ...frame,
        clusters: duty.clusters.map(({ desk }) => desk.config.name),
        paused: duty.paused,
        isDraining: duty.isDraining,
        caller: callers.needsToken ? caller?.name : undefined,
        mayOperate: caller?.scopes.includes('operate') ?? false,
      }),
      status as 200,
    );
  /** A page for who may look; others are led to sign in. */
  const looking = (make: (c: Context, caller: Caller) => Promise<Response> | Response) => async (c: Context) => {
    const caller = callers.of(c.req.raw);
    return caller?.scopes.includes('read') ? make(c, caller) : toLogin(c);
  };
  const incidentPage = async (c: Context, caller: Caller, said?: string) => {
    const found = findIncidentOnDuty(duty, c.req.param('incident') ?? '');
    if (!found)
      return page(
        c,
        caller,
        { title: 'Not found', here: 'incidents', body: html`<h1>There is no such incident</h1><p><a href="/">All incidents</a></p>` },
        404,
      );
    const body = await servedIncident(found.cluster, found.incident, { caller, said }, contextOf(c));
    const title = found.incident.state.results.open?.title ?? found.incident.state.incident;
    return page(c, caller, { title, here: 'incidents', body, incident: found.incident.state.incident });
  };

  app.get('/assets/style.css', (c) => c.body(SERVED_STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/assets/page.js', (c) => c.body(BROWSER_SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.get('/favicon.ico', (c) => c.body(null, 204));
  app.get(
    '/',
    looking((c, caller) =>
      page(c, caller, {
        title: 'Incidents',
        here: 'incidents',
        body: incidentsPage(duty, { nowMs: now(), mayOperate: caller.scopes.includes('operate') }),
      }),
    ),
  );
  app.get(
    '/incidents/:incident',
    looking((c, caller) => incidentPage(c, caller)),
  );
  app.get(
    '/clusters/:cluster/graph',
    looking((c, caller) => {
      const ago = Number(c.req.query('ago') ?? 0);
      const minutesAgo = Number.isFinite(ago) ? Math.min(Math.max(Math.round(ago), 0), 1440) : 0;
      const question = { item: c.req.query('item') || undefined, query: c.req.query('query') || undefined, minutesAgo };
      return page(c, caller, { title: 'Graph', here: 'graph', body: graphPage(clusterOf(duty, c.req.param('cluster')), question) });
    }),
  );
  app.get(
    '/clusters/:cluster/audit',
    looking(async (c, caller) =>
      page(c, caller, { title: 'Audit', here: 'audit', body: await auditPage(clusterOf(duty, c.req.param('cluster')), contextOf(c)) }),
    ),
  );
  app.get('/login', (c) =>
    page(c, callers.of(c.req.raw), { title: 'Sign in', here: 'login', body: loginForm(c.req.query('next'), callers.needsToken) }),
  );
  app.post('/login', async (c) => {
    const form = await c.req.parseBody();
    const session = callers.begin(String(form.token ?? ''));
    if (session === undefined)
      return page(
        c,
        undefined,
        { title: 'Sign in', here: 'login', body: loginForm(String(form.next ?? ''), callers.needsToken, 'No such token.') },
        401,
      );
    const secure = new URL(c.req.url).protocol === 'https:' ? '; Secure' : '';
    c.header('set-cookie', `${SESSION_COOKIE}=${session}; HttpOnly; SameSite=Strict; Path=/${secure}`);
    return c.redirect(ownPath(String(form.next ?? '')), 303);
  });
  app.post('/logout', (c) => {
    callers.end(c.req.raw);
    c.header('set-cookie', `${SESSION_COOKIE}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0`);
    return c.redirect('/login', 303);
  });
  app.post('/incidents/:incident', async (c) => {
    const caller = need(c, 'approve');
    if (caller instanceof Response) return caller;
    const found = findIncidentOnDuty(duty, c.req.param('incident'));
    const form = await c.req.parseBody();
    if (!found || (form.decision !== 'approve' && form.decision !== 'reject')) return incidentPage(c, caller);
    const decision = {
      decision: form.decision,
      reason: String(form.reason ?? '').slice(0, 2_000),
      shown: String(form.shown ?? ''),
      by: caller.name,
    } as const;
    try {
      const outcome = await decideOnIncident(found.cluster, found.incident, decision, contextOf(c));
      if (outcome.missing.length === 0) return c.redirect(`/incidents/${found.incident.state.incident}`, 303);
      return await incidentPage(c, caller, `Your approval is counted; still missing: ${outcome.missing.join('; ')}.`);
    } catch (error) {
      const { message, hint } = toTier0Error(error);
      return incidentPage(c, caller, `${message} ${hint}`);
    }
  });
  app.post('/pause', async (c) => {
    const caller = need(c, 'operate');
    if (caller instanceof Response) return caller;
    const reason = String((await c.req.parseBody()).reason ?? '')
      .trim()
      .slice(0, 500);
    await duty.pause(caller.name, reason || 'no reason was given');
    return c.redirect('/', 303);
  });
  app.post('/resume', async (c) => {
    const caller = need(c, 'operate');
    if (caller instanceof Response) return caller;
    await duty.resume(caller.name);
    return c.redirect('/', 303);
  });
}

function contextOf(c: Context) {
  return { signal: AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(TIMEOUT_MS)]), now: Date.now };
}

/** Only a path of this server is gone to after signing in. */
function ownPath(path: string): string {
  return /^\/(?![/\\])[^\r\n]*$/.test(path) ? path : '/';
}

function loginForm(next: string | undefined, needsToken: boolean, said?: string) {
  return html`<header><h1>Sign in</h1></header><section>${!needsToken && html`<p class="hint">No token is configured: everybody who reaches this address may look, and nobody can decide. Name tokens under "http.tokens".</p>`}${said !== undefined && html`<p class="fail" role="alert">${said}</p>`}<form method="post" class="inline"><input type="hidden" name="next" value="${next ?? '/'}"><label for="token">Token</label><input type="password" id="token" name="token" required autocomplete="current-password"><button>Sign in</button></form></section>`;
}
