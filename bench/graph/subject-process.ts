import { fork } from 'node:child_process';
import { residentBytes, timed } from '../frame/measure.ts';
import { factBatches, type MadeGraph, makeGraph } from './make-graph.ts';
import { graphologySubject, loadGraphology, loadSqlite, loadTier0, type Subject, sqliteSubject, tier0Subject } from './subjects.ts';

/** Who is loaded, with what. */
export interface SubjectRequest {
  readonly subject: 'tier0' | 'graphology' | 'sqlite';
  readonly items: number;
  readonly seed: number;
  /** Database file; for `sqlite` only. */
  readonly file: string;
}

/** What loading cost, without the making of facts; `bytes` stay resident. */
export interface Loaded {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly bytes: number;
}

export interface Question {
  readonly starts: readonly number[];
  /** Absent: as far as it goes. */
  readonly hops?: number | undefined;
  readonly atMs: number;
}

/** Size and wall time of each walk, and what all of them took. */
export interface Walked {
  readonly sizes: readonly number[];
  readonly micros: readonly number[];
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** A loaded subject in a process of its own, so that none pays for the memory of another. */
export interface SubjectProcess {
  readonly loaded: Loaded;
  walk(question: Question): Promise<Walked>;
  end(): Promise<void>;
}

/** Starts a process, loads the subject in it, and measures that. */
export async function startSubject(request: SubjectRequest): Promise<SubjectProcess> {
  const child = fork(import.meta.filename, [JSON.stringify(request)]);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const next = <T>() =>
    new Promise<T>((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`The process of ${request.subject} ended with ${code}.`));
      child.once('exit', onExit);
      child.once('message', (message) => {
        child.off('exit', onExit);
        resolve(message as T);
      });
    });
  const loaded = await next<Loaded>();
  return {
    loaded,
    walk(question) {
      child.send(question);
      return next<Walked>();
    },
    end() {
      child.disconnect();
      return ended;
    },
  };
}

async function load(request: SubjectRequest): Promise<{ readonly loaded: Loaded; readonly subject: Subject }> {
  const graph = makeGraph(request.items, request.seed);
  // Making facts is the bench's own work, so it is measured without a taker and taken off.
  const forming = request.subject === 'tier0' ? await timed(() => formOnly(graph)) : { wallMs: 0, cpuMs: 0 };
  const before = residentBytes();
  const { result, wallMs, cpuMs } = await timed(() => take(request, graph));
  const bytes = residentBytes() - before;
  return { subject: result(), loaded: { wallMs: wallMs - forming.wallMs, cpuMs: cpuMs - forming.cpuMs, bytes } };
}

/** Loads, and gives what makes a subject of it afterwards. */
async function take({ subject, file }: SubjectRequest, graph: MadeGraph): Promise<() => Subject> {
  if (subject === 'tier0') {
    const cmdb = await loadTier0(graph);
    return () => tier0Subject(cmdb.reader());
  }
  if (subject === 'graphology') {
    const peer = await loadGraphology(graph);
    return () => graphologySubject(peer);
  }
  const database = loadSqlite(graph, file);
  return () => sqliteSubject(database);
}

function formOnly(graph: MadeGraph): number {
  let facts = 0;
  for (const batch of factBatches(graph)) facts += batch.length;
  return facts;
}

async function walk(subject: Subject, { starts, hops = Number.POSITIVE_INFINITY, atMs }: Question): Promise<Walked> {
  const micros: number[] = [];
  const { result, wallMs, cpuMs } = await timed(() =>
    starts.map((start) => {
      const startedAt = performance.now();
      const size = subject.reach(start, hops, atMs);
      micros.push((performance.now() - startedAt) * 1000);
      return size;
    }),
  );
  return { sizes: result, micros, wallMs, cpuMs };
}

if (process.send && process.argv[2]?.startsWith('{')) {
  const { loaded, subject } = await load(JSON.parse(process.argv[2]) as SubjectRequest);
  process.on('disconnect', () => process.exit(0));
  process.on('message', async (question) => process.send?.(await walk(subject, question as Question)));
  process.send(loaded);
}
