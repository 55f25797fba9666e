import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSqliteCmdbStore } from '@tier0/cmdb';
import { hasPostgres } from '../../packages/cmdb/src/testing/postgres-server.ts';
import { percentile, spreadOf, timed } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Ratio, type Row, toRecord } from '../frame/record.ts';
import { BETWEEN, hubsOf, type MadeGraph, makeGraph, NOW, randomItems } from './make-graph.ts';
import { measureCrashes } from './measure-crashes.ts';
import { measurePostgres } from './measure-postgres.ts';
import { measureWrites } from './measure-writes.ts';
import { runRole } from './role.ts';
import { type Loaded, type Question, type SubjectProcess, startSubject, type Walked } from './subject-process.ts';
import { loadTier0, openSqlitePeer } from './subjects.ts';

const options = readOptions(['items', 'seed', 'rounds', 'crash-rounds']);
const items = options.count('items', 1_000_000);
const seed = options.count('seed', 20_261_122);
const rounds = options.count('rounds', 3);
const crashRounds = options.value('crash-rounds') === undefined ? 0 : options.count('crash-rounds', 1000);
const HUBS = 10;
const RANDOM_STARTS = 1000;
/** Walks of three hops asked of SQLite, which is slower. */
const SQLITE_STARTS = 200;
/** Runs that are not counted, at most. */
const WARM_UP = 20;
/** A subject that has taken longer than this over one measure is not asked again. */
const CAP_MS = 60_000;

/** All three, each in a process of its own. */
type Subjects = Readonly<Record<'tier0' | 'graphology' | 'sqlite', SubjectProcess>>;

const rows: Row[] = [];
const ratios: Ratio[] = [];
const notes: string[] = [
  'bulk-load of tier0 is without the making of the facts, which is the work of the bench; graphology is given its attributes directly.',
  'cold-open starts with an open process and a warm page cache; it ends with the first closure of the first hub.',
  'Every subject is loaded and asked in a process of its own; times are taken there. Rounds are interleaved.',
  'bulk-load-durable is measured while SQLite loads its peer database in another process, and for information only.',
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
  const file = join(folder, `${size}.db`);
  const peerFile = join(folder, `${size}-peer.db`);
  say('durable load of tier0, with SQLite loading beside it');
  const store = createSqliteCmdbStore({ file });
  const [persisted, sqlite] = await Promise.all([
    timed(() => loadTier0(graph, store)),
    startSubject({ subject: 'sqlite', items: size, seed, file: peerFile }),
  ]);
  rows.push({ measure: at('bulk-load-durable'), subject: 'tier0', ...spreadOf([persisted.wallMs]), unit: 'ms wall' });
  const subjects: Subjects = { ...(await measureLoads(size, at)), sqlite };
  await measureHubs(at, subjects, hubs, isFull);
  await measureRandom(at, subjects, graph, isFull);
  await Promise.all(Object.values(subjects).map((subject) => subject.end()));
  if (isFull) {
    say('durable writes');
    const database = openSqlitePeer(peerFile);
    const written = await measureWrites({ cmdb: persisted.result, database, graph, rounds: Math.max(3, rounds) });
    rows.push(...written.rows);
    ratios.push(...written.ratios);
    database.close();
    if (hasPostgres) {
      say('PostgreSQL');
      const shared = await measurePostgres({ embedded: persisted.result, graph, rounds: Math.max(3, rounds) });
      rows.push(...shared.rows);
      ratios.push(...shared.ratios);
    } else notes.push('PostgreSQL was not measured: initdb, postgres and pg_ctl are not on PATH.');
  }
  await store.close?.();
  if (isFull) await measureOpening({ file, peerFile }, hubs[0] as number);
}

/** Loads tier0 and graphology in turn, each time in a new process; the last ones stay for the walks. */
async function measureLoads(size: number, at: (measure: string) => string): Promise<Pick<Subjects, 'tier0' | 'graphology'>> {
  const found: Record<string, Loaded[]> = { tier0: [], graphology: [] };
  const last: Partial<Record<string, SubjectProcess>> = {};
  for (let round = 0; round < 3; round++) {
    for (const subject of ['tier0', 'graphology'] as const) {
      const loads = found[subject] as Loaded[];
      if (isSpent(loads)) continue;
      say(`bulk load and memory of ${subject}, round ${round + 1}`);
      await last[subject]?.end();
      const started = await startSubject({ subject, items: size, seed, file: '' });
      last[subject] = started;
      loads.push(started.loaded);
    }
  }
  for (const [subject, loads] of Object.entries(found)) {
    noteRounds(at('bulk-load'), subject, loads.length, 3);
    rows.push({ measure: at('bulk-load'), subject, ...spreadOf(loads.map(({ cpuMs }) => cpuMs)), unit: 'ms CPU' });
    rows.push({ measure: at('bulk-load-wall'), subject, ...spreadOf(loads.map(({ wallMs }) => wallMs)), unit: 'ms wall' });
    rows.push({ measure: at('bytes-per-item'), subject, ...spreadOf(loads.map(({ bytes }) => bytes / size)), unit: 'B' });
  }
  compare(at('bulk-load'), 'graphology', '>= 5');
  compare(at('bytes-per-item'), 'graphology', undefined);
  return { tier0: last.tier0 as SubjectProcess, graphology: last.graphology as SubjectProcess };
}

async function measureHubs(at: (measure: string) => string, subjects: Subjects, hubs: readonly number[], isFull: boolean): Promise<void> {
  say('closures of the hubs');
  const sizes = await assertEqual(subjects, { starts: hubs, atMs: NOW });
  const visited = sizes.reduce((sum, size) => sum + size, 0);
  const found: Record<string, Walked[]> = mapValues(subjects, () => []);
  for (const subject of Object.values(subjects)) await warmUp(subject, { starts: hubs, atMs: NOW });
  for (let round = 0; round < rounds; round++) {
    for (const [name, subject] of Object.entries(subjects)) {
      const walks = found[name] as Walked[];
      if (!isSpent(walks)) walks.push(await subject.walk({ starts: hubs, atMs: NOW }));
    }
  }
  for (const [subject, walks] of Object.entries(found)) {
    noteRounds(at('hub-closure'), subject, walks.length, rounds);
    rows.push({ measure: at('hub-closure'), subject, ...spreadOf(walks.map(({ wallMs }) => wallMs / hubs.length)), unit: 'ms wall' });
    const perVisited = walks.map(({ cpuMs }) => (cpuMs * 1e6) / visited);
    rows.push({ measure: at('hub-closure-visited'), subject, ...spreadOf(perVisited), unit: 'ns CPU a visited item' });
  }
  notes.push(`${at('hub-closure')}: ${Math.round(visited / hubs.length)} items a closure on average, the same for everybody.`);
  compare(at('hub-closure'), 'graphology', '>= 50');
  compare(at('hub-closure'), 'sqlite', '>= 30');
  if (isFull) await measurePast(subjects, hubs);
}

async function measurePast(subjects: Subjects, hubs: readonly number[]): Promise<void> {
  say('closures of the hubs in the past');
  await assertEqual(subjects, { starts: hubs, atMs: BETWEEN });
  const [past, current]: [number[], number[]] = [[], []];
  await warmUp(subjects.tier0, { starts: hubs, atMs: BETWEEN });
  for (let round = 0; round < rounds * 3; round++) {
    const then = await subjects.tier0.walk({ starts: hubs, atMs: BETWEEN });
    const now = await subjects.tier0.walk({ starts: hubs, atMs: NOW });
    past.push(then.wallMs / hubs.length);
    current.push(now.wallMs / hubs.length);
  }
  const ratio = spreadOf(past).median / spreadOf(current).median;
  rows.push({ measure: 'as-of-closure', subject: 'tier0', ...spreadOf(past), unit: 'ms wall' });
  ratios.push({ measure: 'as-of-closure', peer: 'current closure', ratio, better: 'lower', target: '<= 3' });
}

async function measureRandom(at: (measure: string) => string, subjects: Subjects, graph: MadeGraph, isFull: boolean): Promise<void> {
  say('three hops from random items');
  const starts = randomItems(graph.items, RANDOM_STARTS, seed + 1);
  await assertEqual(subjects, { starts: starts.slice(0, SQLITE_STARTS), hops: 3, atMs: NOW });
  await subjects.tier0.walk({ starts, hops: 3, atMs: NOW });
  for (const [subject, { walk }] of Object.entries(subjects)) {
    const asked = starts.slice(0, subject === 'sqlite' ? SQLITE_STARTS : RANDOM_STARTS);
    const times = [...(await walk({ starts: asked, hops: 3, atMs: NOW })).micros].sort((a, b) => a - b);
    const spread = { min: times[0] as number, max: times.at(-1) as number, n: times.length };
    rows.push({ measure: at('three-hops-p50'), subject, median: percentile(times, 0.5), ...spread, unit: 'us wall' });
    rows.push({ measure: at('three-hops-p95'), subject, median: percentile(times, 0.95), ...spread, unit: 'us wall' });
  }
  if (isFull) compare('three-hops-p50', 'graphology', 'p50 <= 10 us, p95 <= 300 us');
}

/** Runs that are not counted, until the code of a subject is compiled: for a second, or until enough are done. */
async function warmUp(subject: SubjectProcess, question: Question): Promise<void> {
  const startedAt = performance.now();
  for (let round = 0; round < WARM_UP && performance.now() - startedAt < 1000; round++) await subject.walk(question);
}

/** Whether a subject has taken so long over a measure that its further rounds are left out. */
function isSpent(done: readonly { readonly wallMs: number }[]): boolean {
  return done.reduce((sum, { wallMs }) => sum + wallMs, 0) > CAP_MS;
}

function noteRounds(measure: string, subject: string, done: number, wanted: number): void {
  if (done < wanted) notes.push(`${measure}: ${subject} had ${done} of ${wanted} rounds, because they took more than ${CAP_MS / 1000} s.`);
}

async function measureOpening(files: { readonly file: string; readonly peerFile: string }, hub: number): Promise<void> {
  say('opening what was persisted');
  const found: Record<string, number[]> = { tier0: [], sqlite: [] };
  const sizes = new Set<number>();
  for (let round = 0; round < Math.max(3, rounds); round++) {
    for (const subject of ['tier0', 'sqlite'] as const) {
      const file = subject === 'tier0' ? files.file : files.peerFile;
      const answer = await runRole({ role: `open-${subject}`, file, hub });
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

/** Asks everybody the same; gives the sizes. Ends the bench where they differ. */
async function assertEqual(subjects: Subjects, question: Question): Promise<readonly number[]> {
  const { tier0, ...peers } = subjects;
  const { sizes } = await tier0.walk(question);
  for (const [name, peer] of Object.entries(peers)) {
    const other = await peer.walk(question);
    const wrong = sizes.findIndex((size, index) => size !== other.sizes[index]);
    if (wrong === -1) continue;
    throw new Error(`Closures of item ${question.starts[wrong]} differ: tier0 ${sizes[wrong]}, ${name} ${other.sizes[wrong]}.`);
  }
  return sizes;
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function say(text: string): void {
  process.stderr.write(`bench graph: ${Math.round(performance.now() / 1000)} s: ${text}\n`);
}
