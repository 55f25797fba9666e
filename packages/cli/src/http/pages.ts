import { Tier0Error, toTier0Error } from '@tier0/core';
import type { Context, Hono } from 'hono';
import type { Duty } from '../duty/duty.ts';
import { html } from '../page/html.ts';
import { auditPage } from '../page/served/audit.ts';
import { BROWSER_SCRIPT } from '../page/served/browser-script.ts';
import { graphPage } from '../page/served/graph.ts';
import { servedIncident } from '../page/served/incident.ts';
import { incidentsPage } from '../page/served/incidents.ts';
import { type Frame, layout } from '../page/served/layout.ts';
import { SERVED_STYLE } from '../page/served/style.ts';
import { clusterOf } from './api.ts';
import { type Caller, type createCallers, SESSION_COOKIE } from './callers.ts';
import { decideOnIncident } from './decide.ts';
import type { Need } from './handler.ts';
import { findIncidentOnDuty } from './incident-view.ts';

/** Longest the making of a page may take, real milliseconds. */
const TIMEOUT_MS = 30_000;

/** What pages are made from, and who is let at them. */
export interface Pages {
  readonly duty: Duty;
  readonly callers: ReturnType<typeof createCallers>;
  readonly need: Need;
  readonly now: () => number;
}

/** The pages for people, and the forms on them. Each is complete without a script. */
export function servePages(app: Hono, { duty, callers, need, now }: Pages): void {
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
    const form = await formOf(c);
    const session = await callers.begin(String(form.token ?? ''));
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
    const form = await formOf(c);
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
    const reason = String((await formOf(c)).reason ?? '')
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

/** The fields of a form. Throws INVALID_INPUT for a body that is none. */
async function formOf(c: Context): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await c.req.parseBody();
  } catch (cause) {
    throw new Tier0Error({ code: 'INVALID_INPUT', message: 'The form is not understood.', hint: 'Send it as a browser does.', cause });
  }
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
