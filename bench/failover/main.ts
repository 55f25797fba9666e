// Four replicas on one real PostgreSQL; in each round the carrier of an incident is killed, frozen or cut off, or the database stands still.
// Counted: incidents, effects had twice or never, writes under lost leases that got through, and how long until another one carries on.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createPostgresDutyStore } from '@tier0/cmdb/stores/postgres';
import { hasPostgres, startPostgres } from '@tier0/cmdb/testing';
import { foldIncident } from '@tier0/core';
import { Random } from '../../scenarios/author/random.ts';
import { CountingWorld, serveWorld } from '../duty/outside-world.ts';
import { percentile, spreadOf } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Row, toRecord } from '../frame/record.ts';

const options = readOptions(['rounds', 'lease', 'minutes', 'seed']);
const rounds = options.count('rounds', 200);
const leaseMs = options.count('lease', 2_000);
const stopAt = performance.now() + options.count('minutes', 60) * 60_000;
const random = new Random(options.count('seed', 1));
const NAMES = ['one', 'two', 'three', 'four'];
const FAULTS = ['kill -9', 'SIGSTOP', 'cut connections', 'slow disk'] as const;
const context = { signal: new AbortController().signal, now: Date.now };

if (!hasPostgres) {
  process.stderr.write('This bench needs initdb, postgres and pg_ctl on PATH.\n');
  process.exit(2);
}
const server = await startPostgres();
const world = new CountingWorld(Date.now);
const served = await serveWorld(world);
const store = createPostgresDutyStore({ server: server.url(), schema: 'tier0_duty' });
await store.record.list(context);
const replicas = new Map<string, ChildProcess>();
const start = (name: string) => {
  const program = new URL('replica.ts', import.meta.url).pathname;
  const args = [
    '--conditions=tier0-source',
    '--disable-warning=ExperimentalWarning',
    program,
    name,
    served.url,
    server.url(),
    String(leaseMs),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  replicas.set(name, child);
  return new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
};
process.once('exit', () => {
  for (const child of replicas.values()) child.kill('SIGKILL');
});
await Promise.all(NAMES.map(start));

const takeOvers = new Map<string, number[]>();
const starting: Promise<void>[] = [];
let played = 0;
for (; played < rounds && performance.now() < stopAt; played++) {
  const item = `kubernetes:bench/apps/Deployment/app-${played}`;
  // Decided only some leases later, so that the incident is under way whatever happens.
  world.break(item, { decideAfterMs: leaseMs * 1.5 + random.next() * leaseMs, decision: 'merged', helps: true });
  const incident = await until(async () => incidentOf(item), 60_000);
  const carrier = incident === undefined ? undefined : await until(async () => holderOf(incident), 60_000);
  if (incident === undefined || carrier === undefined) continue;
  await delay(random.next() * leaseMs);
  const fault = FAULTS[played % FAULTS.length] as (typeof FAULTS)[number];
  const before = tokenOf(incident);
  const began = performance.now();
  await strike(fault, carrier.holder);
  if (fault === 'kill -9' || fault === 'SIGSTOP') {
    const heir = await until(async () => {
      const now = holderOf(incident);
      return now && now.holder !== carrier.holder && now.token > before ? now : (await isEnded(incident)) ? carrier : undefined;
    }, leaseMs * 20);
    if (heir && heir.holder !== carrier.holder) takeOvers.set(fault, [...(takeOvers.get(fault) ?? []), performance.now() - began]);
  }
  if (fault === 'kill -9') starting.push(start(carrier.holder));
  if (fault === 'SIGSTOP') replicas.get(carrier.holder)?.kill('SIGCONT');
}
await Promise.all(starting);
const all = [...world.faults.keys()];
await until(async () => ((await endings()).filter((status) => status !== undefined).length >= all.length ? true : undefined), 120_000);

const ids = await store.record.list(context);
const byItem = new Map<string, string[]>();
const ends: Record<string, number> = {};
let gaps = 0;
for (const id of ids) {
  const entries = await store.record.read(id, context);
  const state = foldIncident(id, entries);
  if (entries.some(({ sequence }, index) => sequence !== index + 1)) gaps++;
  const item = state.results.open?.items[0];
  if (item) byItem.set(item, [...(byItem.get(item) ?? []), id]);
  ends[state.status ?? 'open'] = (ends[state.status ?? 'open'] ?? 0) + 1;
}
const doubledIncidents = [...byItem.values()].filter((known) => known.length > 1).length;
const lost = all.filter((item) => !world.effects.has(`propose ${item}`) || !world.effects.has(`apply ${item}`)).length;
const verdict = await store.audit.verify(context);
for (const child of replicas.values()) child.kill('SIGKILL');
await store.close();
served.close();
await server.close();

const everyTakeOver = [...takeOvers.values()].flat();
const count = (measure: string, value: number): Row => ({
  measure,
  subject: 'tier0',
  unit: '',
  median: value,
  min: value,
  max: value,
  n: played,
});
publish(
  toRecord('failover', {
    rows: [
      count('rounds', played),
      count('incidents-doubled', doubledIncidents),
      count('effects-doubled', world.doubled().length),
      count('effects-lost', lost),
      count('records-with-gaps', gaps),
      count('audit-unsound', verdict.sound ? 0 : 1),
      ...[['all', everyTakeOver] as const, ...takeOvers]
        .filter(([, values]) => values.length > 0)
        .flatMap(([name, values]) => [
          { measure: `take-over-${name.replace(/\W+/g, '-')}`, subject: 'tier0', unit: 'ms', ...spreadOf(values) },
          {
            measure: `take-over-${name.replace(/\W+/g, '-')}-p95-in-leases`,
            subject: 'tier0',
            unit: 'leases',
            ...spreadOf([
              percentile(
                [...values].sort((a, b) => a - b),
                0.95,
              ) / leaseMs,
            ]),
          },
        ]),
    ],
    notes: [
      `4 replicas, lease ${leaseMs} ms, faults in turn: ${FAULTS.join(', ')}; ends: ${JSON.stringify(ends)}.`,
      'Replicas run the real intake, leases, records and carriers; Git is stood in for by a world that knows effects by key.',
      'Cut connections: every connection to the database is terminated. Slow disk: every process of the database stands still for up to a lease and a half.',
      world.doubled().slice(0, 5).join('; '),
    ].filter(Boolean),
  }),
  options.json,
);

async function strike(fault: (typeof FAULTS)[number], carrier: string): Promise<void> {
  if (fault === 'kill -9') replicas.get(carrier)?.kill('SIGKILL');
  if (fault === 'SIGSTOP') replicas.get(carrier)?.kill('SIGSTOP');
  if (fault === 'cut connections')
    sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL');
  if (fault === 'slow disk') await standStill(random.next() * leaseMs * 1.5);
}

/** Stops every process of the server, as a disk that does not answer would. */
async function standStill(milliseconds: number): Promise<void> {
  const pids = sql('SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()').split('\n').filter(Boolean).map(Number);
  const signal = (name: NodeJS.Signals) => {
    for (const pid of pids) {
      try {
        if (readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres')) process.kill(pid, name);
      } catch {
        // It has ended meanwhile.
      }
    }
  };
  signal('SIGSTOP');
  await delay(milliseconds);
  signal('SIGCONT');
}

function sql(statement: string): string {
  return execFileSync('psql', [server.url(), '-Atc', statement], { encoding: 'utf8' }).trim();
}

function incidentOf(item: string): string | undefined {
  const found = sql(
    `SELECT incident FROM tier0_duty.incident_entries WHERE entry->'result'->'items' ? '${item}' AND entry->>'step' = 'open' LIMIT 1`,
  );
  return found || undefined;
}

function holderOf(incident: string): { readonly holder: string; readonly token: number } | undefined {
  const [holder, token] = sql(
    `SELECT holder, token FROM tier0_duty.leases WHERE name = 'bench/incident/${incident}' AND ends_at > clock_timestamp()`,
  ).split('|');
  return holder ? { holder, token: Number(token) } : undefined;
}

function tokenOf(incident: string): number {
  return Number(sql(`SELECT token FROM tier0_duty.leases WHERE name = 'bench/incident/${incident}'`));
}

async function isEnded(incident: string): Promise<boolean> {
  return foldIncident(incident, await store.record.read(incident, context)).status !== undefined;
}

async function endings(): Promise<readonly (string | undefined)[]> {
  const ids = await store.record.list(context);
  return Promise.all(ids.map(async (id) => foldIncident(id, await store.record.read(id, context)).status));
}

async function until<T>(look: () => Promise<T | undefined>, patienceMs: number): Promise<T | undefined> {
  const end = performance.now() + patienceMs;
  while (performance.now() < end) {
    const seen = await look().catch(() => undefined);
    if (seen !== undefined) return seen;
    await delay(50);
  }
  return undefined;
}
