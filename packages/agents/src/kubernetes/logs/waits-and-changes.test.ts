import { type Coverage, formatItemId } from '@tier0/core';
import { expect, test } from 'vitest';
import { examineCluster } from '../../diagnosis/examine.ts';
import { event, MADE_NOW, madeCluster, minutesAgo, node, object, type Part, pod, UNREADY, web } from '../../fixtures/made-cluster.ts';
import { missingObjectIn } from '../objects/missing-named.ts';

/** So many lines, three seconds apart, the last of them just now. */
function lines(count: number, text: string, prefix = 'ERROR'): string {
  return Array.from({ length: count }, (_, index) => {
    const at = new Date(MADE_NOW - 3_000 * (count - index)).toISOString();
    return `${at} ${prefix} ${text}`;
  }).join('\n');
}

const PROBE = { readinessProbe: { exec: { command: ['ready'] } } };
const unready = (container: Part = {}, spec: Part = {}) =>
  pod('p', {
    container: { ...PROBE, ...container },
    status: UNREADY,
    ...(Object.keys(spec).length === 0
      ? {}
      : { spec: { nodeName: 'node-a', containers: [{ name: 'app', image: 'registry.example/web:1', ...PROBE, ...container }], ...spec } }),
  });
const READY = { ready: true, started: true, state: { running: { startedAt: minutesAgo(9) } } };
const ready = (container: Part = {}) =>
  pod('p', { container, status: READY, podStatus: { conditions: [{ type: 'Ready', status: 'True' }] } });

async function examined(objects: readonly Part[], log: string, gaps: readonly Coverage[]) {
  const reader = await madeCluster([node('node-a'), ...web(), ...objects], gaps);
  const context = { signal: AbortSignal.timeout(20_000), now: () => MADE_NOW };
  const readLog = async ({ pod: name }: { readonly pod: string }) => (name === 'p' ? log : undefined);
  return examineCluster(reader, { readLog }, context);
}

/** Root causes of a Deployment `web` whose pod says this. */
async function causes(objects: readonly Part[], log: string, gaps: readonly Coverage[] = []): Promise<readonly string[]> {
  const found = await examined(objects, log, gaps);
  return found.causes.map(({ rootCause }) => `${rootCause.cause} ${formatItemId(rootCause.subject)}: ${rootCause.message}`);
}

/** What its log is told to say. */
async function quoted(objects: readonly Part[], log: string): Promise<string> {
  const { findings } = await examined(objects, log, []);
  const told = findings.filter(({ code }) => code.startsWith('T0-LOG-')).map(({ message }) => message);
  expect(told.length).toBe(1);
  return told.join();
}

const job = (spec: Part, status: Part = {}) => object('Job', 'schema', { apiVersion: 'batch/v1', spec, status });
const failed = { conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', lastTransitionTime: minutesAgo(3) }] };
const WAITS = lines(8, 'waiting for job schema: not complete', 'WARN');

test('who waits for a Job that makes no pods, failed or is not there is no cause itself', async () => {
  expect((await causes([unready(), job({ parallelism: 0 })], WAITS)).join()).toMatch(
    /^scaled-to-zero Job ns\/schema: .*runs no pod: its parallelism is 0/,
  );
  expect((await causes([unready(), job({ suspend: true })], WAITS)).join()).toMatch(/^scaled-to-zero Job ns\/schema: .*is suspended/);
  expect((await causes([unready(), job({}, failed)], WAITS)).join()).toMatch(/^job-backoff-exceeded Job ns\/schema: /);
  const gone = lines(8, 'waiting for job schema: jobs.batch "schema" not found', 'WARN');
  expect((await causes([unready()], gone)).join()).toMatch(/^dependency-misconfigured Job ns\/schema: .*Job schema does not exist/);
  const completed = { ...event('schema', 'Completed', 'Job completed', 'Job'), type: 'Normal' };
  expect((await causes([unready(), completed], gone)).join()).toMatch(/it completed at 11:59 UTC and was deleted since/);
});

test('a Job at work, one that is done and one said once are waited for in peace', async () => {
  const none = (found: readonly string[]) => expect(found.join()).not.toMatch(/Job ns/);
  none(await causes([unready(), job({ parallelism: 1 }, { active: 1, startTime: minutesAgo(1) })], WAITS));
  none(await causes([unready(), job({ parallelism: 0 }, { conditions: [{ type: 'Complete', status: 'True' }] })], WAITS));
  none(await causes([unready(), job({ parallelism: 0 })], lines(1, 'waiting for job schema: not complete', 'WARN')));
  // Another one whose name merely begins with it.
  none(await causes([unready(), job({ parallelism: 0 })], lines(8, 'waiting for job schema-2: not complete', 'WARN')));
});

test.each([
  ['secrets "db" not found', 'Secret', 'db', undefined],
  ['jobs.batch "schema-10" not found', 'Job', 'schema-10', undefined],
  ['Reconciler error name=daily err=Secret "offsite-creds" not found', 'Secret', 'offsite-creds', undefined],
  ['configmap shop/settings does not exist', 'ConfigMap', 'settings', 'shop'],
  ['failed to get secret shop/db: Secret "db" not found', 'Secret', 'db', undefined],
  ['could not find serviceaccount runner in namespace ci', 'ServiceAccount', 'runner', 'ci'],
  ['getting ConfigMap "rules": not found', 'ConfigMap', 'rules', undefined],
])('what the API says is not there is read: %s', (message, objectKind, name, namespace) => {
  expect(missingObjectIn(message)).toEqual({ objectKind, name, namespace });
});

test.each(['secret is not found', 'the job was not found', 'pods "web-1" not found', 'secret key not set', 'user "secret" not found'])(
  'what names no such object is not: %s',
  (message) => {
    expect(missingObjectIn(message)).toBeUndefined();
  },
);

const snapshot = object('Snapshot', 'daily', { apiVersion: 'ops.example.com/v1', spec: { credentialsSecret: 'creds' } });
const elsewhere = { ...snapshot, metadata: { ...(snapshot.metadata as Part), namespace: 'shop' } };
const CUSTOM: readonly Coverage[] = [{ kind: 'Snapshot', state: 'complete' }];
const OPERATOR = lines(20, 'Reconciler error name=daily err=Secret "creds" not found');

test('an operator that speaks of a Secret of its custom object is innocent', async () => {
  expect((await causes([ready(), snapshot], OPERATOR, CUSTOM)).join()).toMatch(
    /^secret-missing Secret ns\/creds: .*which Snapshot daily names/,
  );
  expect((await causes([ready(), elsewhere], OPERATOR, CUSTOM)).join()).toMatch(/^secret-missing Secret shop\/creds: .*of namespace shop/);
  const there = object('Secret', 'creds', { data: {} });
  expect((await causes([ready(), snapshot, there], OPERATOR, CUSTOM)).join()).not.toMatch(/secret-missing/);
  expect((await causes([ready(), snapshot], lines(20, 'Secret "creds" not found, using defaults'))).join()).not.toMatch(/secret-missing/);
});

const service = (selector: Part, applied?: Part) =>
  object('Service', 'tickets', {
    metadata: applied
      ? { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ spec: { selector: applied } }) } }
      : {},
    spec: { clusterIP: '10.9.0.1', selector, ports: [{ port: 80 }] },
  });
const REFUSED = lines(8, 'GET http://tickets/healthz failed: connect ECONNREFUSED 10.9.0.1:80');

test('a refusal by a Service whose selector is on no pod is told with it, and with what it was', async () => {
  const moved = service({ app: 'tickets', slot: 'green' }, { app: 'tickets', slot: 'blue' });
  expect((await causes([unready(), moved], REFUSED)).join()).toMatch(
    /^service-selector-mismatch Service ns\/tickets: .*its selector app=tickets, slot=green is on no pod; it was applied with slot=blue/,
  );
  const meant = object('Deployment', 'tickets', {
    apiVersion: 'apps/v1',
    spec: { replicas: 0, template: { metadata: { labels: { app: 'tickets' } } } },
  });
  expect((await causes([unready(), service({ app: 'tickets' }), meant], REFUSED)).join()).not.toMatch(/is on no pod/);
});

const map = (name: string, data: Part, applied: Part, managed: Part = {}) =>
  object('ConfigMap', name, {
    metadata: {
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: applied }) },
      ...managed,
    },
    data,
  });
const byVariable = { env: [{ name: 'DB_NAME', valueFrom: { configMapKeyRef: { name: 'settings', key: 'DB_NAME' } } }] };
const written = (minutes: number) => ({
  managedFields: [{ manager: 'kubectl-patch', time: minutesAgo(minutes), fieldsV1: { 'f:data': { 'f:DB_NAME': {} } } }],
});

test('a complaint that quotes a value changed by hand is told at its ConfigMap', async () => {
  const log = lines(20, 'pq: database "orders_v2" does not exist');
  const changed = map('settings', { DB_NAME: 'orders_v2' }, { DB_NAME: 'orders' });
  expect((await causes([unready(byVariable), changed], log)).join()).toMatch(
    /^configmap-content-wrong ConfigMap ns\/settings: .*ConfigMap settings \(DB_NAME\) was changed since it was applied/,
  );
  // As it was applied; and a change of something else.
  const same = map('settings', { DB_NAME: 'orders_v2' }, { DB_NAME: 'orders_v2' });
  expect((await causes([unready(byVariable), same], log)).join()).not.toMatch(/ConfigMap/);
  const other = map('settings', { DB_NAME: 'orders_v2', POOL: '9' }, { DB_NAME: 'orders_v2', POOL: '4' });
  expect((await causes([unready(byVariable), other], log)).join()).not.toMatch(/^\S+ ConfigMap/);
  // Changed after the program was started: it never had the new value, and cannot complain of it.
  const late = map('settings', { DB_NAME: 'orders_v2' }, { DB_NAME: 'orders' }, written(2));
  expect((await causes([unready(byVariable), late], log)).join()).not.toMatch(/^configmap-content-wrong/);
});

test('a complaint that speaks of a changed setting is told there; one that merely stands beside a change is not', async () => {
  const mounted = { volumeMounts: [{ name: 'conf', mountPath: '/etc/nginx' }] };
  const volumes = { volumes: [{ name: 'conf', configMap: { name: 'front' } }] };
  const nginx = (seconds: string) => ({ 'nginx.conf': `server { proxy_read_timeout ${seconds}; }` });
  const front = map('front', nginx('1s'), nginx('30s'));
  const log = lines(20, 'upstream timed out (110) while reading response header from upstream');
  expect((await causes([unready(mounted, volumes), front], log)).join()).toMatch(/^configmap-content-wrong ConfigMap ns\/front: /);
  const unrelated = lines(20, 'invoice 17 has no customer');
  expect((await causes([unready(mounted, volumes), front], unrelated)).join()).toMatch(
    /^needs-investigation Deployment ns\/web: .*; ConfigMap front \(nginx.conf\) was changed since it was applied/,
  );
});

test('a program that still has the former value of its ConfigMap has to be started anew', async () => {
  const log = lines(8, 'upstream old-hub.ns.svc.cluster.local: no such host');
  const mounted = { volumeMounts: [{ name: 'conf', mountPath: '/etc/app/hub', subPath: 'hub' }] };
  const volumes = { volumes: [{ name: 'conf', configMap: { name: 'relay' } }] };
  const hosts = { hub: 'new-hub.ns.svc.cluster.local' };
  const relay = map('relay', hosts, { hub: 'old-hub.ns.svc.cluster.local' });
  expect((await causes([unready(mounted, volumes), relay], log)).join()).toMatch(
    /^configuration-not-reloaded Deployment ns\/web: .*former value of key hub of ConfigMap relay.*subPath/,
  );
  // Started after the change: then the name is written elsewhere.
  const before = map('relay', hosts, { hub: 'old-hub.ns.svc.cluster.local' }, written(20));
  expect((await causes([unready(mounted, volumes), before], log)).join()).not.toMatch(/configuration-not-reloaded/);
});

test('a change shortly before the first complaint is named with it, and one after it never', async () => {
  const log = `${new Date(MADE_NOW - 400_000).toISOString()} INFO up\n${lines(20, 'ledger 7 is broken: bad block')}`;
  const keys = (minutes: number) =>
    object('ConfigMap', 'keys', {
      data: { 'ledger.key': 'x' },
      metadata: { managedFields: [{ manager: 'kubectl', time: minutesAgo(minutes), fieldsV1: { 'f:data': { 'f:ledger.key': {} } } }] },
    });
  const mounted = { volumeMounts: [{ name: 'keys', mountPath: '/keys' }] };
  const volumes = { volumes: [{ name: 'keys', configMap: { name: 'keys' } }] };
  const named = /since ConfigMap keys \(ledger\.key\) was changed \d+ s before it first said so/;
  expect(await quoted([unready(mounted, volumes), keys(2)], log)).toMatch(named);
  expect(await quoted([unready(mounted, volumes), keys(0.3)], log)).not.toMatch(/ConfigMap keys/);
  expect(await quoted([unready(mounted, volumes), keys(90)], log)).not.toMatch(/ConfigMap keys/);
});

test('a file that the mount of a Secret lacks is a key that the Secret lacks, read or not; a site that lacks a page is none', async () => {
  const mounted = { volumeMounts: [{ name: 'users', mountPath: '/etc/nginx/auth' }] };
  const volumes = { volumes: [{ name: 'users', secret: { secretName: 'gate' } }] };
  const lacks = (path: string, asked: string) =>
    lines(20, `open() "${path}" failed (2: No such file or directory), request: "GET ${asked} HTTP/1.1"`);
  const secret = (keys: Part) => object('Secret', 'gate', { type: 'Opaque', data: keys });
  const told = /^secret-key-missing Secret ns\/gate: .*would be key htpasswd of Secret gate/;
  expect((await causes([unready(mounted, volumes)], lacks('/etc/nginx/auth/htpasswd', '/api'))).join()).toMatch(told);
  expect((await causes([unready(mounted, volumes), secret({ users: 'eA==' })], lacks('/etc/nginx/auth/htpasswd', '/api'))).join()).toMatch(
    told,
  );
  expect(
    (await causes([unready(mounted, volumes), secret({ htpasswd: 'eA==' })], lacks('/etc/nginx/auth/htpasswd', '/api'))).join(),
  ).not.toMatch(told);
  expect((await causes([unready(mounted, volumes)], lacks('/etc/nginx/auth/logo.png', '/logo.png'))).join()).not.toMatch(/Secret/);
});

const orders = (ports: readonly Part[], more: Part = {}) =>
  object('Service', 'orders-db', { spec: { clusterIP: '10.9.0.7', ports, ...more } });

test('who waits for a port that its Service does not offer is told so by what it says, and who waits for one that it offers waits in peace', async () => {
  const asked = lines(8, 'orders-db:6397 is not reachable yet, sleeping', 'INFO');
  expect((await causes([unready(), orders([{ port: 6379 }])], asked)).join()).toMatch(
    /^dependency-misconfigured Deployment ns\/web: .*cannot reach port 6397 of orders-db, which offers 6379/,
  );
  const quiet = (found: readonly string[]) => expect(found.join()).not.toMatch(/orders-db/);
  quiet(await causes([unready(), orders([{ port: 6397 }], { selector: { app: 'web' } })], asked));
  quiet(await causes([unready(), orders([{ port: 6379 }])], lines(1, 'orders-db:6397 is not reachable yet, sleeping', 'INFO')));
  quiet(
    await causes(
      [unready(), orders([{ port: 6379 }])],
      `${asked}\n${lines(20, 'serving', 'INFO').replaceAll(/[^\n]+Z/g, '2026-11-22T11:59:59.900Z')}`,
    ),
  );
});
