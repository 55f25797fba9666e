// Whether the web side of a duty stands: requests made from its own OpenAPI document and broken in every way, over real HTTP, for minutes; and
// attempts to have an effect without the right to it. Counted: answers by status, server errors, effects, growth of the memory.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createDuty, createHttpHandler, DutyConfigSchema, listen, startScenario } from 'tier0';
import { Random } from '../../scenarios/author/random.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Row, toRecord } from '../frame/record.ts';
import { brokenBodies, hostileWords, type Operation, operationsOf, rawRequests } from './requests.ts';

const options = readOptions(['minutes', 'seed', 'attempts']);
const minutes = options.count('minutes', 10);
const attempts = options.count('attempts', 200);
const random = new Random(options.count('seed', 1));
/** Requests after which everything was loaded that is loaded at all. */
const WARM = 4_000;
const TOKENS = { reader: 'a-token-that-may-only-read-things', approver: 'a-token-that-may-approve-what-is-shown' };

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;
const world = await startScenario(join(import.meta.dirname, '../../scenarios/written/bad-image'));
const folder = await mkdtemp(join(tmpdir(), 'tier0-fuzz-'));
await writeFile(join(folder, 'kubeconfig'), world.kubeconfigText);
const config = DutyConfigSchema.parse({
  state: join(folder, 'state'),
  clusters: [{ name: 'production', kubeconfig: join(folder, 'kubeconfig'), repository: { url: world.repository, path: world.path } }],
  times: { confirm: '2s', poll: '1s' },
});
const duty = createDuty({ config, variables: process.env });
const handler = createHttpHandler({
  duty,
  tokens: [
    { name: 'reader', scopes: ['read'], token: TOKENS.reader },
    { name: world.approver, scopes: ['read', 'approve', 'operate', 'alerts'], token: TOKENS.approver },
  ],
  version: '0',
  rate: { burst: 1_000_000, perSecond: 1_000_000 },
});
const server = await listen(handler, '127.0.0.1:0', { hasTokens: true });
const ended = new AbortController();
const running = duty.run(ended.signal);
const statuses = new Map<number | string, number>();
const serverErrors: string[] = [];
let effects = 0;
try {
  const incident = await waitForIncident();
  const operations = operationsOf((await (await fetch(`${server.url}/openapi.json`)).json()) as object);
  let before = memoryMiB();
  const stopAt = performance.now() + minutes * 60_000;
  let asked = 0;
  while (performance.now() < stopAt) {
    await Promise.all(Array.from({ length: 8 }, () => one(operations)));
    asked += 8;
    if (asked % 400 === 0) await rawRound();
    // What is compiled and cached once is no growth.
    if (asked === WARM) before = memoryMiB();
    if (asked % 8_000 === 0) process.stderr.write(`bench fuzz: ${asked} requests, ${serverErrors.length} server errors\n`);
  }
  const after = memoryMiB();
  const wrong = await withoutRight(incident);
  publish(toRecord('fuzz', { rows: rowsOf({ asked, before, after, wrong }), notes: notesOf() }), options.json);
} finally {
  ended.abort();
  await running;
  await server.close();
  await world.close();
  await rm(folder, { recursive: true, force: true });
}
if (serverErrors.length > 0 || effects > 0) process.exitCode = 1;

interface Incident {
  readonly id: string;
  readonly pullRequest?: { readonly asksForDecision: boolean };
}

async function waitForIncident(): Promise<Incident> {
  for (let tries = 0; tries < 120; tries++) {
    const answer = await fetch(`${server.url}/api/v1/incidents`, { headers: { authorization: `Bearer ${TOKENS.reader}` } });
    const { incidents = [] } = (await answer.json()) as { incidents?: readonly Incident[] };
    const found = incidents.find(({ pullRequest }) => pullRequest?.asksForDecision === true);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new Error('No incident asked for a decision in two minutes.');
}

/** One operation, with parameters and a body that are broken in some way; the token is the one that may only read. */
async function one(operations: readonly Operation[]): Promise<void> {
  const operation = random.pick(operations);
  const word = () => random.pick(hostileWords);
  const path = operation.path.replaceAll(/\{\w+\}/g, () => (random.next() < 0.3 ? 'production' : encodeURIComponent(word())));
  const query =
    operation.query.length === 0 || random.next() < 0.3
      ? ''
      : `?${operation.query.map((name) => `${name}=${encodeURIComponent(word())}`).join('&')}`;
  const method = random.next() < 0.1 ? random.pick(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'POST', 'GET']) : operation.method;
  const body = method === 'GET' || method === 'HEAD' ? undefined : random.pick(brokenBodies(operation.body, word));
  const type = random.next() < 0.8 ? 'application/json' : random.pick(['text/plain', 'application/xml', 'multipart/form-data', '']);
  const stop = AbortSignal.timeout(operation.isStream ? 200 : 20_000);
  try {
    const answer = await fetch(`${server.url}${path}${query}`, {
      method,
      headers: {
        authorization: `Bearer ${TOKENS.reader}`,
        'content-type': type,
        'last-event-id': random.next() < 0.1 ? word().replaceAll(/[^\x20-\x7e]/g, '?') : '0',
      },
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
      signal: stop,
    });
    await answer.arrayBuffer().catch(() => undefined);
    note(answer.status, `${method} ${path}${query}`);
  } catch (error) {
    if (!operation.isStream) note(error instanceof Error ? error.name : 'error', `${method} ${path}`);
  }
}

function note(status: number | string, what: string): void {
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
  // 503 says that duty is not ready or the cluster does not answer: an answer that is meant.
  if (typeof status === 'number' && status >= 500 && status !== 503) serverErrors.push(`${status} ${what.slice(0, 200)}`);
}

/** What is no HTTP, or hardly: each on a connection of its own, which must end. */
async function rawRound(): Promise<void> {
  const { hostname, port } = new URL(server.url);
  for (const text of rawRequests) {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.end(text, 'latin1'));
      let heard = '';
      socket.setTimeout(3_000, () => socket.destroy());
      socket.on('data', (part) => {
        heard += part.toString('latin1');
      });
      socket.on('error', () => resolve(heard));
      socket.on('close', () => resolve(heard));
    });
    note(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0), `raw ${JSON.stringify(text.slice(0, 60))}`);
  }
}

/**
 * Attempts to decide, to pause and to bring alerts in without the right to; effects are what the record shows afterwards. A right token under
 * another Host is none of them: no browser sends it by mistake, and a proxy may name the server otherwise.
 */
async function withoutRight({ id }: Incident): Promise<number> {
  const shown = ((await (await call(`/api/v1/incidents/${id}`, { token: TOKENS.reader })).json()) as { shown?: string }).shown;
  const decision = JSON.stringify({ decision: 'approve', reason: 'fuzz', shown });
  const alert = JSON.stringify({ version: '4', groupKey: 'g', status: 'firing', receiver: 'r', alerts: [] });
  let refused = 0;
  for (let index = 0; index < attempts; index++) {
    const [path, body] = random.pick([
      [`/api/v1/incidents/${id}/decision`, decision],
      ['/api/v1/pause', '{"paused":true,"reason":"fuzz"}'],
      ['/webhooks/alertmanager/production', alert],
      ['/webhooks/forge/production', '{"action":"closed","pull_request":{"merged":true}}'],
    ] as const);
    const how = random.pick([
      {},
      { token: 'not-a-token-that-anybody-has-given' },
      { token: TOKENS.reader },
      { token: TOKENS.approver.slice(0, -1) },
      { token: TOKENS.approver, origin: 'https://elsewhere.example' },
      { cookie: `session=${TOKENS.approver}` },
      { cookie: `session=${TOKENS.approver}`, host: 'elsewhere.example' },
    ]);
    const isForge = path.includes('/forge/');
    const answer = await call(path, { ...how, body, signature: isForge ? 'sha256=00' : undefined });
    if (answer.status >= 400) refused += 1;
    await answer.arrayBuffer();
  }
  const after = (await (await call('/api/v1/incidents', { token: TOKENS.reader })).json()) as {
    incidents?: readonly (Incident & { status: string })[];
  };
  const mine = after.incidents?.find((other) => other.id === id);
  const isPaused = ((await (await call('/api/v1/pause', { token: TOKENS.reader })).json()) as { paused?: boolean }).paused === true;
  effects = attempts - refused + (isPaused ? 1 : 0) + (mine?.pullRequest?.asksForDecision === true ? 0 : 1);
  return refused;
}

interface Attempt {
  readonly token?: string;
  readonly origin?: string;
  readonly host?: string;
  readonly cookie?: string;
  readonly body?: string;
  readonly signature?: string | undefined;
}

/** With a Host of its own choosing, which `fetch` does not allow. */
async function call(path: string, { token, origin, host, cookie, body, signature }: Attempt): Promise<Response> {
  const headers = {
    'content-type': 'application/json',
    host: host ?? new URL(server.url).host,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(origin === undefined ? {} : { origin }),
    ...(cookie === undefined ? {} : { cookie }),
    ...(signature === undefined ? {} : { 'x-hub-signature-256': signature }),
  };
  const request = new Request(`http://${headers.host}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    ...(body === undefined ? {} : { body }),
  });
  return handler(request);
}

function memoryMiB(): number {
  collect();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

interface Measured {
  readonly asked: number;
  readonly before: number;
  readonly after: number;
  readonly wrong: number;
}

function rowsOf({ asked, before, after, wrong }: Measured): readonly Row[] {
  const row = (measure: string, value: number, unit: string): Row => ({
    measure,
    subject: 'tier0',
    unit,
    median: value,
    min: value,
    max: value,
    n: 1,
  });
  return [
    row('requests', asked, 'requests'),
    row('server-errors', serverErrors.length, 'answers of 5xx'),
    row('attempts-without-right', attempts, 'attempts'),
    row('refused', wrong, 'attempts'),
    row('effects', effects, 'effects'),
    row('heap-growth', after - before, 'MiB'),
  ];
}

function notesOf(): readonly string[] {
  const told = [...statuses].sort().map(([status, count]) => `${status}: ${count}`);
  return [`Answers by status: ${told.join(', ')}.`, ...serverErrors.slice(0, 10)];
}
