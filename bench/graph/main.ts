import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteCmdbStore } from '@tier0/cmdb';
import { hasPostgres } from '../../packages/cmdb/src/testing/postgres-server.ts';
import { interleave, percentile, spreadOf, timed } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Ratio, type Row, toRecord } from '../frame/record.ts';
import { BETWEEN, hubsOf, type MadeGraph, makeGraph, NOW, randomItems } from './make-graph.ts';
import { measureCrashes } from './measure-crashes.ts';
import { measurePostgres } from './measure-postgres.ts';
import { measureWrites } from './measure-writes.ts';
import { runRole } from './role.ts';
import { graphologySubject, loadGraphology, loadSqlite, loadTier0, type Subject, sqliteSubject, tier0Subject } from './subjects.ts';

const options = readOptions(['items', 'seed', 'rounds', 'crash-rounds']);
const items = options.count('items', 1_000_000);
const seed = options.count('seed', 20_261_122);
const rounds = options.count('rounds', 3);
const crashRounds = options.value('crash-rounds') === undefined ? 0 : options.count('crash-rounds', 1000);
const HUBS = 10;
const RANDOM_STARTS = 1000;
/** Walks of three hops asked of SQLite, which is slower and would take all day. */
const SQLITE_STARTS = 200;
const ALL = Number.POSITIVE_INFINITY;

const rows: Row[] = [];
const ratios: Ratio[] = [];
const notes: string[] = [
  'bulk-load of tier0 is without the making of the facts, which is the work of the bench; graphology is given its attributes directly.',
  'cold-open starts with an open process and a warm page cache; it ends with the first closure of the first hub.',
  'History, provenance, validity check and type filter are on for everybody; peers carry the same attributes, types and validity.',
  'SQLite as a peer is a table of items and one of relations with covering indexes both ways, in a file of its own: the record of tier0 is a log, which nobody would query.',
];

const folder = mkdtempSync(join(tmpdir(), 'tier0-bench-graph-'));
try {
  const sizes = [...new Set([Math.max(1000, Math.round(items / 100)), Math.max(1000, Math.round(items / 10)), items])];
  for (const size of sizes) await measureSize(size, size === items);
  if (crashRounds > 0) rows.push(...(await measureCrashes(crashRounds, folder)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
publish(toRecord('graph', { rows, ratios, notes, peers: ['graphology', 'pg'] }), options.json);

async function measureSize(size: number, isFull: boolean): Promise<void> {
  const at = (measure: string) => (isFull ? measure : `${measure}-${size}`);
  say(`${size} items`);
  const graph = makeGraph(size, seed);
  const hubs = hubsOf(graph, HUBS);
  await measureLoads(size, at, hubs[0] as number);
  const file = join(folder, `${size}.db`);
  const peerFile = join(folder, `${size}-peer.db`);
  say('loading all subjects');
  const store = createSqliteCmdbStore({ file });
  const persisted = await timed(() => loadTier0(graph, store));
  rows.push({ measure: at('bulk-load-durable'), subject: 'tier0', ...spreadOf([persisted.wallMs]), unit: 'ms wall' });
  const cmdb = persisted.result;
  const database = loadSqlite(graph, peerFile);
  const subjects = {
    tier0: tier0Subject(cmdb.reader()),
    graphology: graphologySubject(await loadGraphology(graph)),
    sqlite: sqliteSubject(database),
  };
  await measureHubs(at, subjects, hubs, isFull);
  measureRandom(at, subjects, graph, isFull);
  if (isFull) {
    say('durable writes');
    const written = await measureWrites({ cmdb, database, graph, rounds: Math.max(3, rounds) });
    rows.push(...written.rows);
    ratios.push(...written.ratios);
    if (hasPostgres) {
      say('PostgreSQL');
      const shared = await measurePostgres({ embedded: cmdb, graph, rounds: Math.max(3, rounds) });
      rows.push(...shared.rows);
      ratios.push(...shared.ratios);
    } else notes.push('PostgreSQL was not measured: initdb, postgres and pg_ctl are not on PATH.');
  }
  database.close();
  await store.close?.();
  if (isFull) await measureOpening({ file, peerFile }, hubs[0] as number);
}

async function measureLoads(size: number, at: (measure: string) => string, hub: number): Promise<void> {
  say('bulk load and memory, each in a process of its own');
  const found: Record<string, { cpu: number[]; wall: number[]; bytes: number[] }> = {};
  for (let round = 0; round < 3; round++) {
    for (const subject of ['tier0', 'graphology'] as const) {
      const answer = await runRole({ role: `load-${subject}`, items: size, seed, file: '', hub });
      found[subject] ??= { cpu: [], wall: [], bytes: [] };
      found[subject].cpu.push(answer.cpuMs);
      found[subject].wall.push(answer.wallMs);
      found[subject].bytes.push(answer.bytes / size);
    }
  }
  for (const [subject, { cpu, wall, bytes }] of Object.entries(found)) {
    rows.push({ measure: at('bulk-load'), subject, ...spreadOf(cpu), unit: 'ms CPU' });
    rows.push({ measure: at('bulk-load-wall'), subject, ...spreadOf(wall), unit: 'ms wall' });
    rows.push({ measure: at('bytes-per-item'), subject, ...spreadOf(bytes), unit: 'B' });
  }
  compare(at('bulk-load'), 'graphology', '>= 5');
  compare(at('bytes-per-item'), 'graphology', undefined);
}

async function measureHubs(
  at: (measure: string) => string,
  subjects: Readonly<Record<string, Subject>>,
  hubs: readonly number[],
  isFull: boolean,
) {
  say('closures of the hubs');
  const sizes = assertEqual(subjects, hubs, ALL, NOW);
  const visited = sizes.reduce((sum, size) => sum + size, 0);
  const run = (subject: Subject, ms: number) => () => {
    for (const hub of hubs) subject.reach(hub, ALL, ms);
  };
  const now = await interleave(
    mapValues(subjects, (subject) => run(subject, NOW)),
    { rounds, warmUp: 2 },
  );
  for (const [subject, timings] of Object.entries(now)) {
    const perVisited = timings.map(({ cpuMs }) => (cpuMs * 1e6) / visited);
    rows.push({ measure: at('hub-closure'), subject, ...spreadOf(timings.map(({ wallMs }) => wallMs / hubs.length)), unit: 'ms wall' });
    rows.push({ measure: at('hub-closure-visited'), subject, ...spreadOf(perVisited), unit: 'ns CPU a visited item' });
  }
  notes.push(`${at('hub-closure')}: ${Math.round(visited / hubs.length)} items a closure on average, the same for everybody.`);
  compare(at('hub-closure'), 'graphology', '>= 50');
  compare(at('hub-closure'), 'sqlite', '>= 30');
  if (!isFull) return;
  assertEqual(subjects, hubs, ALL, BETWEEN);
  const { tier0 } = subjects as { readonly tier0: Subject };
  const pairs = await interleave({ past: run(tier0, BETWEEN), now: run(tier0, NOW) }, { rounds: rounds * 3, warmUp: 2 });
  const past = spreadOf((pairs.past ?? []).map(({ wallMs }) => wallMs / hubs.length));
  const current = spreadOf((pairs.now ?? []).map(({ wallMs }) => wallMs / hubs.length));
  rows.push({ measure: 'as-of-closure', subject: 'tier0', ...past, unit: 'ms wall' });
  ratios.push({ measure: 'as-of-closure', peer: 'current closure', ratio: past.median / current.median, better: 'lower', target: '<= 3' });
}

function measureRandom(
  at: (measure: string) => string,
  subjects: Readonly<Record<string, Subject>>,
  graph: MadeGraph,
  isFull: boolean,
): void {
  say('three hops from random items');
  const starts = randomItems(graph.items, RANDOM_STARTS, seed + 1);
  assertEqual(subjects, starts.slice(0, SQLITE_STARTS), 3, NOW);
  for (const start of starts) subjects.tier0?.reach(start, 3, NOW);
  for (const [subject, { reach }] of Object.entries(subjects)) {
    const times = starts.slice(0, subject === 'sqlite' ? SQLITE_STARTS : RANDOM_STARTS).map((start) => {
      const startedAt = performance.now();
      reach(start, 3, NOW);
      return (performance.now() - startedAt) * 1000;
    });
    times.sort((a, b) => a - b);
    const spread = { min: times[0] as number, max: times.at(-1) as number, n: times.length };
    rows.push({ measure: at('three-hops-p50'), subject, median: percentile(times, 0.5), ...spread, unit: 'us wall' });
    rows.push({ measure: at('three-hops-p95'), subject, median: percentile(times, 0.95), ...spread, unit: 'us wall' });
  }
  if (isFull) compare('three-hops-p50', 'graphology', 'p50 <= 10 us, p95 <= 300 us');
}

async function measureOpening(files: { readonly file: string; readonly peerFile: string }, hub: number): Promise<void> {
  say('opening what was persisted');
  const found: Record<string, number[]> = { tier0: [], sqlite: [] };
  const sizes = new Set<number>();
  for (let round = 0; round < Math.max(3, rounds); round++) {
    for (const subject of ['tier0', 'sqlite'] as const) {
      const file = subject === 'tier0' ? files.file : files.peerFile;
      const answer = await runRole({ role: `open-${subject}`, items, seed, file, hub });
      found[subject]?.push(answer.wallMs);
      sizes.add(answer.size);
    }
  }
  if (sizes.size !== 1) throw new Error(`The closures after opening differ: ${[...sizes].join(', ')}.`);
  for (const [subject, times] of Object.entries(found)) rows.push({ measure: 'cold-open', subject, ...spreadOf(times), unit: 'ms wall' });
  compare('cold-open', 'sqlite', 'tier0 <= 1,000 ms');
}

/** How many times more a peer needs than tier0. */
function compare(measure: string, peer: string, target: string | undefined): void {
  const median = (subject: string) => rows.find((row) => row.measure === measure && row.subject === subject)?.median as number;
  ratios.push({ measure, peer, ratio: median(peer) / median('tier0'), better: 'higher', target });
}

function assertEqual(subjects: Readonly<Record<string, Subject>>, starts: readonly number[], hops: number, ms: number): readonly number[] {
  return starts.map((start) => {
    const sizes = mapValues(subjects, (subject) => subject.reach(start, hops, ms));
    if (new Set(Object.values(sizes)).size !== 1) throw new Error(`Closures of item ${start} differ: ${JSON.stringify(sizes)}.`);
    return Object.values(sizes)[0] as number;
  });
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function say(text: string): void {
  process.stderr.write(`bench graph: ${text}\n`);
}
