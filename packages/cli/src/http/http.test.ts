import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Duty } from '../duty/duty.ts';
import { type DutyWorld, endedIncident, startDuty, startDutyWorld, until, waitingIncident } from '../testing/duty-world.ts';
import type { Token } from './callers.ts';
import { createHttpHandler } from './handler.ts';
import { type Listening, listen } from './listen.ts';

let world: DutyWorld;
let server: Listening;
let duty: Duty;
let stop: () => Promise<void>;
let tokens: readonly Token[];
const READER = 'reader-token-of-thirty-letters';
const APPROVER = 'approver-token-of-many-letters';

beforeAll(async () => {
  world = await startDutyWorld('bad-image');
  tokens = [
    { name: 'watcher', scopes: ['read'], token: READER },
    { name: world.approver, scopes: ['read', 'approve', 'operate', 'alerts'], token: APPROVER },
  ];
  ({ duty, stop } = startDuty(world.config()));
  server = await listen(
    createHttpHandler({ duty, tokens, version: '0.0.0', rate: { burst: 100_000, perSecond: 100_000 } }),
    '127.0.0.1:0',
    { hasTokens: true },
  );
  await until(() => waitingIncident(duty), 'a pull request', 120);
}, 180_000);
afterAll(async () => {
  await server?.close();
  await stop?.();
  await world?.close();
});

const call = (path: string, { token = READER, ...init }: RequestInit & { token?: string } = {}) =>
  fetch(`${server.url}${path}`, {
    redirect: 'manual',
    ...init,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...init.headers },
  });
const json = (body: unknown) => ({ method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
const pullRequestState = () => execFileSync('git', ['-C', world.repository, 'show-ref'], { encoding: 'utf8' });

describe('looking', () => {
  test('status, incidents, one incident, impact, items, changes, audit, diagnosis, metrics', async () => {
    expect((await call('/healthz', { token: '' })).status).toBe(200);
    expect(await (await call('/readyz', { token: '' })).json()).toMatchObject({ status: 'ready' });
    const { incidents } = (await (await call('/api/v1/incidents?status=open')).json()) as {
      incidents: { id: string; cause: { subject: string } }[];
    };
    expect(incidents).toHaveLength(1);
    const [first] = incidents;
    expect(await (await call(`/api/v1/incidents/${first?.id}`)).json()).toMatchObject({
      shown: expect.stringMatching(/^[0-9a-f]+/),
      entries: expect.any(Array),
    });
    const item = encodeURIComponent(first?.cause.subject ?? '');
    for (const path of [`impact?item=${item}`, 'items?query=kind:Deployment', `changes?item=${item}`, 'audit', 'diagnosis'])
      expect([path, (await call(`/api/v1/clusters/production/${path}`)).status]).toEqual([path, 200]);
    const metrics = await (await call('/metrics')).text();
    expect(metrics).toContain('tier0_incidents{cluster="production",status="open"} 1');
    expect(metrics).toContain('# TYPE tier0_looks_total counter');
    const open = await (await call('/metrics', { headers: { accept: 'application/openmetrics-text' } })).text();
    expect(open).toContain('# TYPE tier0_looks counter');
    expect(open.endsWith('# EOF\n')).toBe(true);
  });

  test('events go on where a connection was lost', async () => {
    const read = async (headers: Record<string, string>) => {
      const leave = new AbortController();
      const answer = await call('/api/v1/events', { headers, signal: leave.signal });
      expect(answer.headers.get('content-type')).toBe('text/event-stream');
      const reader = answer.body!.getReader();
      let text = '';
      while (!/^id: \d+$/m.test(text)) text += new TextDecoder().decode((await reader.read()).value);
      leave.abort();
      return Number(/^id: (\d+)$/m.exec(text)?.[1]);
    };
    expect(await read({})).toBe(1);
    expect(await read({ 'last-event-id': '2' })).toBe(3);
  });

  test('pages are complete without scripts and hold nothing inline', async () => {
    const home = await (await call('/')).text();
    expect(home).toContain('1 open incident');
    expect(home).toContain('waits for a person');
    const { incidents } = (await (await call('/api/v1/incidents')).json()) as { incidents: { id: string }[] };
    const answer = await call(`/incidents/${incidents[0]?.id}`);
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'");
    const page = await answer.text();
    for (const text of ['Why', 'What depends on it', 'The change', 'Timeline', 'needs a token with the scope'])
      expect(page).toContain(text);
    expect(page).not.toMatch(/ style=| on\w+=|<style|<script>|javascript:/i);
    expect((await call('/', { token: '' })).headers.get('location')).toBe('/login?next=%2F');
  });
});

describe('who may not', () => {
  test('200 attempts without or with a wrong token, of a foreign Origin or Host, or replayed have no effect', async () => {
    const before = pullRequestState();
    const { incidents } = (await (await call('/api/v1/incidents')).json()) as { incidents: { id: string }[] };
    const id = incidents[0]?.id;
    const { shown } = (await (await call(`/api/v1/incidents/${id}`)).json()) as { shown: string };
    const decision = json({ decision: 'approve', shown });
    const form = { method: 'POST', body: new URLSearchParams({ decision: 'approve', shown, reason: 'x' }) };
    const attempts: [string, RequestInit & { token?: string }, number[]][] = [
      [`/api/v1/incidents/${id}/decision`, { ...decision, token: '' }, [401]],
      [`/api/v1/incidents/${id}/decision`, { ...decision, token: 'wrong' }, [401]],
      [`/api/v1/incidents/${id}/decision`, { ...decision, token: READER }, [403]],
      [
        `/api/v1/incidents/${id}/decision`,
        { ...decision, token: APPROVER, headers: { ...decision.headers, origin: 'https://evil.example' } },
        [403],
      ],
      [`/api/v1/incidents/${id}/decision`, { ...json({ decision: 'approve', shown: 'another' }), token: APPROVER }, [409]],
      [`/incidents/${id}`, { ...form, token: '', headers: { cookie: 'tier0_session=guess' } }, [401]],
      [`/incidents/${id}`, { ...form, token: '', headers: { origin: 'null' } }, [403]],
      ['/api/v1/pause', { ...json({ reason: 'x' }), token: READER }, [403]],
      ['/pause', { method: 'POST', token: '' }, [401]],
      ['/webhooks/alertmanager/production', { method: 'POST', body: '{}', token: READER }, [403]],
      [
        '/webhooks/forge/production',
        {
          method: 'POST',
          body: '{}',
          token: '',
          headers: { 'x-hub-signature-256': `sha256=${createHmac('sha256', '').update('{}').digest('hex')}` },
        },
        [403],
      ],
    ];
    for (let round = 0; round < 19; round++) {
      for (const [path, init, statuses] of attempts)
        expect([path, statuses.includes((await call(path, init)).status)]).toEqual([path, true]);
    }
    expect(pullRequestState()).toBe(before);
    expect(duty.paused).toBeUndefined();
    expect(duty.clusters[0]?.alerts).toEqual([]);
  }, 120_000);

  test('another Host is refused: a page elsewhere cannot reach us under its own name. Probes and who has a token may use an address', async () => {
    const { hostname, port } = new URL(server.url);
    const ask = (path: string, headers: Record<string, string> = {}) =>
      new Promise<number | undefined>((resolve, reject) => {
        get({ host: hostname, port, path, headers: { host: '10.1.2.3:8300', ...headers } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        }).on('error', reject);
      });
    expect(await ask('/')).toBe(403);
    expect(await ask('/login')).toBe(403);
    expect(await ask('/healthz')).toBe(200);
    expect(await ask('/metrics', { authorization: `Bearer ${READER}` })).toBe(200);
    expect(await ask('/metrics', { authorization: 'Bearer no' })).toBe(401);
  });

  test('an address beyond this machine needs tokens', async () => {
    await expect(listen(async () => new Response(), '0.0.0.0:0', { hasTokens: false })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('signing in leads to a path of this server only', async () => {
    const body = (next: string) => ({ method: 'POST', token: '', body: new URLSearchParams({ token: READER, next }) });
    for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)'])
      expect((await call('/login', body(next))).headers.get('location')).toBe('/');
    const answer = await call('/login', body('/incidents/x'));
    expect(answer.headers.get('location')).toBe('/incidents/x');
    expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/);
    expect((await call('/login', { ...body('/'), body: new URLSearchParams({ token: 'no' }) })).status).toBe(401);
  });
});

describe('alerts from elsewhere', () => {
  const notification = (alerts: object[]) => ({ version: '4', status: 'firing', alerts });
  const post = (body: unknown) => call('/webhooks/alertmanager/production', { ...json(body), token: APPROVER });
  const firing = {
    status: 'firing',
    labels: { alertname: 'Slow', namespace: 'shop', deployment: 'storefront', severity: 'warning' },
    annotations: { summary: 'slow' },
    startsAt: '2026-03-20T08:00:00Z',
    fingerprint: 'abc',
  };

  test('are taken once, end with their end, and a late end of an earlier one ends nothing', async () => {
    await post(notification([firing]));
    expect(await (await post(notification([firing]))).json()).toEqual({ firing: 1, resolved: 0 });
    expect(duty.clusters[0]?.alerts).toHaveLength(1);
    await post(notification([{ ...firing, status: 'resolved', startsAt: '2026-03-19T08:00:00Z', endsAt: '2026-03-19T09:00:00Z' }]));
    expect(duty.clusters[0]?.alerts).toHaveLength(1);
    await post(notification([{ ...firing, status: 'resolved', endsAt: '2026-03-20T09:00:00Z' }]));
    expect(duty.clusters[0]?.alerts).toEqual([]);
  });

  test.each([
    ['no JSON', 'x'],
    ['another version', { version: '3', status: 'firing', alerts: [] }],
    ['an alert without labels', notification([{ status: 'firing', startsAt: '2026-03-20T08:00:00Z' }])],
    ['a list', []],
  ])('%s is refused with its place', async (_what, body) => {
    const answer = await call('/webhooks/alertmanager/production', {
      method: 'POST',
      token: APPROVER,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('Alertmanager') });
  });
});

/** Requests made from the API's own document, with values that fit, that nearly fit and that do not. */
describe('anything at all', () => {
  test('is answered without a 5xx', async () => {
    const document = (await (await call('/openapi.json')).json()) as {
      paths: Record<string, Record<string, { parameters: { name: string; in: string }[] }>>;
    };
    const NASTY = [
      '',
      '0',
      '-1',
      '1e309',
      'NaN',
      'production',
      '../../etc/passwd',
      '%00',
      'kind:',
      'a'.repeat(3000),
      'Deployment/shop/web',
      '\u202e',
      "' OR 1=1",
      '{"a":',
      'inc-0000000000',
      'open',
      '🚀',
    ];
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const nasty = () => NASTY[random(NASTY.length)] ?? '';
    const statuses = new Map<number, number>();
    for (let round = 0; round < 40; round++) {
      for (const [template, operations] of Object.entries(document.paths)) {
        if (template.endsWith('/events') || template.endsWith('/diagnosis')) continue;
        for (const [method, operation] of Object.entries(operations)) {
          if (method === 'delete' || template.endsWith('/pause')) continue;
          const path = template.replace(/\{\w+\}/g, () => encodeURIComponent(random(3) === 0 ? 'production' : nasty() || 'x'));
          const query = operation.parameters
            .filter((one) => one.in === 'query' && random(3) > 0)
            .map((one) => `${one.name}=${encodeURIComponent(nasty())}`);
          const body =
            method === 'post'
              ? {
                  body: random(2) === 0 ? nasty() : JSON.stringify({ decision: nasty(), shown: nasty(), reason: random(9) }),
                  headers: { 'content-type': random(4) === 0 ? 'text/plain' : 'application/json' },
                }
              : {};
          const answer = await call(`${path}${query.length > 0 ? `?${query.join('&')}` : ''}`, {
            method: method.toUpperCase(),
            token: APPROVER,
            ...body,
          });
          await answer.arrayBuffer();
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        }
      }
    }
    expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
    expect(statuses.get(200)).toBeGreaterThan(20);
    expect(statuses.get(400)).toBeGreaterThan(20);
  }, 120_000);

  test('a body of 2 MiB is refused', async () => {
    const answer = await call('/api/v1/pause', {
      method: 'POST',
      token: APPROVER,
      body: 'x'.repeat(2 * 1024 * 1024),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(413);
  });

  test('too many requests are told to wait', async () => {
    const handler = createHttpHandler({ duty, tokens, version: '0', rate: { burst: 3, perSecond: 1 } });
    const ask = () => handler(new Request('http://127.0.0.1/healthz', { headers: { host: '127.0.0.1' } }));
    const answers = [await ask(), await ask(), await ask(), await ask()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers[3]?.headers.get('retry-after')).toBe('1');
  });
});

test('at last a person approves through the API, and the incident comes to its end', async () => {
  const open = waitingIncident(duty);
  const id = open?.state.incident;
  const { shown } = (await (await call(`/api/v1/incidents/${id}`)).json()) as { shown: string };
  const answer = await call(`/api/v1/incidents/${id}/decision`, {
    ...json({ decision: 'approve', shown, reason: 'read and agreed' }),
    token: APPROVER,
  });
  expect(await answer.json()).toEqual({ status: 'merged', missing: [] });
  const ended = await until(() => endedIncident(duty), 'the end', 120);
  expect(ended.state.status).toBe('resolved');
}, 150_000);
