import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { CmdbCommit } from '@tier0/core';
import { FactGraph } from '../graph/engine/fact-graph.ts';
import { Moment } from '../graph/engine/moment.ts';
import { fromSnapshot } from '../graph/graph-snapshot.ts';
import { createReader } from '../graph/reader.ts';
import { ObjectVersions } from '../graph/world.ts';
import { createSqliteCmdbStore } from '../stores/sqlite.ts';
import { crashFacts } from './crash-facts.ts';
import { idsOf, START, seededRandom } from './fact-maker.ts';
import { oracleAt, oracleReach } from './fact-oracle.ts';

/** How often, where, and what happens to the files in between. */
export interface CrashOptions {
  readonly folder: string;
  readonly rounds: number;
  readonly seed: number;
  /** Rounds on one database before a new one is begun. Default 25. */
  readonly roundsPerFile?: number | undefined;
  /** Done before a writer starts: what lies there now is on the disk. */
  readonly beforeStart?: ((file: string) => void) | undefined;
  /** Done to the files after each kill and before they are opened again: what a power cut would. */
  readonly afterKill?: ((file: string) => void) | undefined;
  /** Environment of the writer, for a file layer below it. Default: that of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/** What was found after all kills. */
export interface CrashReport {
  readonly rounds: number;
  readonly acknowledged: number;
  /** Acknowledged commits that were not there, or not as they were written. */
  readonly lost: number;
  /** Closures that differ from the oracle's after reopening. */
  readonly wrong: number;
  /** Rounds that reopened with the help of a snapshot. */
  readonly withSnapshot: number;
}

/** Kills a writing process with signal 9 at random points, again and again, and looks at what is left each time. */
export async function crashRounds(options: CrashOptions): Promise<CrashReport> {
  const random = seededRandom(options.seed);
  const report = { rounds: 0, acknowledged: 0, lost: 0, wrong: 0, withSnapshot: 0 };
  let seed = options.seed * 1_000_000;
  let acknowledged = new Map<number, number>();
  for (let round = 0; round < options.rounds; round++) {
    const isFirst = round % (options.roundsPerFile ?? 25) === 0;
    if (isFirst) acknowledged = new Map();
    const file = join(options.folder, `crash-${Math.floor(round / (options.roundsPerFile ?? 25))}.db`);
    options.beforeStart?.(file);
    const lines = await writeAndKill({ file, seed, afterMs: random() * 120, environment: options.environment });
    options.afterKill?.(file);
    for (const [sequence, written] of lines) {
      acknowledged.set(sequence, written);
      seed = Math.max(seed, written);
    }
    seed += 100;
    const found = await look(file, acknowledged, random);
    report.rounds++;
    report.acknowledged += lines.length;
    report.lost += found.lost;
    report.wrong += found.wrong;
    report.withSnapshot += found.withSnapshot ? 1 : 0;
  }
  return report;
}

function writeAndKill(run: {
  readonly file: string;
  readonly seed: number;
  readonly afterMs: number;
  readonly environment: CrashOptions['environment'];
}): Promise<readonly (readonly [sequence: number, seed: number])[]> {
  const writer = join(import.meta.dirname, 'crash-writer.ts');
  const flags = ['--conditions=tier0-source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, writer, run.file, String(run.seed)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: run.environment ?? process.env,
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    // The clock starts with the first acknowledged commit: before it there is nothing to lose.
    if (output === '') setTimeout(() => child.kill('SIGKILL'), run.afterMs);
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('close', (_code, signal) => {
      if (signal !== 'SIGKILL') return reject(new Error(`The writer ended by itself: ${errors}`));
      const whole = output.split('\n').slice(0, -1);
      resolve(whole.map((line) => line.split(' ').map(Number) as [number, number]));
    });
  });
}

async function look(file: string, acknowledged: ReadonlyMap<number, number>, random: () => number) {
  const store = createSqliteCmdbStore({ file });
  const context = { signal: new AbortController().signal, now: Date.now };
  const commits: CmdbCommit[] = [];
  for await (const commit of store.load(context)) commits.push(commit);
  const snapshot = await store.snapshots?.read(context);
  const graph = snapshot ? fromSnapshot(snapshot) : new FactGraph();
  for await (const commit of store.since(graph.commits.newest, context)) graph.apply(commit);
  await store.close?.();

  const bySequence = new Map(commits.map((commit) => [commit.sequence, commit.facts]));
  const lost = [...acknowledged].filter(([sequence, seed]) => !isDeepStrictEqual(bySequence.get(sequence), crashFacts(seed))).length;
  const world = { graph, objects: new ObjectVersions(0), trust: (slice: number) => slice };
  let wrong = 0;
  for (const validAt of [START + 100_000, START + random() * 20_000].map(Math.floor)) {
    const oracle = oracleAt(commits, validAt, Number.POSITIVE_INFINITY);
    const reader = createReader(world, new Moment(graph, { validAt, ...graph.commits.knownAt(Number.POSITIVE_INFINITY) }));
    for (const id of idsOf(40).slice(0, 10)) {
      const expected = oracleReach(oracle, id, { direction: 'downstream', hops: Number.POSITIVE_INFINITY });
      const reached = [...reader.reach(id).ids()];
      if (!isDeepStrictEqual(reached.sort(), [...expected.keys()].sort())) wrong++;
    }
  }
  return { lost, wrong, withSnapshot: snapshot !== undefined };
}
