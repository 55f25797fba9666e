import { fork } from 'node:child_process';
import { residentBytes, timed } from '../frame/measure.ts';
import { factBatches, type MadeGraph, makeGraph, NOW } from './make-graph.ts';
import { CONTEXT, loadGraphology, loadTier0, openSqlitePeer, openTier0, sqliteSubject, tier0Subject } from './subjects.ts';

/** What a child process is asked to measure, in a memory of its own. */
export interface RoleRequest {
  readonly role: 'load-tier0' | 'load-graphology' | 'open-tier0' | 'open-sqlite';
  readonly items: number;
  readonly seed: number;
  readonly file: string;
  readonly hub: number;
}

export interface RoleAnswer {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly bytes: number;
  readonly size: number;
}

/** Runs a role in a process of its own. */
export function runRole(request: RoleRequest): Promise<RoleAnswer> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [JSON.stringify(request)]);
    let answer: RoleAnswer | undefined;
    child.on('message', (message) => {
      answer = message as RoleAnswer;
    });
    child.on('exit', (code) => (answer && code === 0 ? resolve(answer) : reject(new Error(`Role ${request.role} ended with ${code}.`))));
  });
}

async function perform({ role, items, seed, file, hub }: RoleRequest): Promise<RoleAnswer> {
  if (role === 'open-tier0') {
    const { result, ...time } = await timed(async () => {
      const cmdb = openTier0(file);
      await cmdb.catchUp(CONTEXT);
      return tier0Subject(cmdb.reader()).reach(hub, Number.POSITIVE_INFINITY, NOW);
    });
    return { ...time, bytes: residentBytes(), size: result };
  }
  if (role === 'open-sqlite') {
    const { result, ...time } = await timed(() => sqliteSubject(openSqlitePeer(file)).reach(hub, Number.POSITIVE_INFINITY, NOW));
    return { ...time, bytes: residentBytes(), size: result };
  }
  const graph = makeGraph(items, seed);
  // Making facts is the bench's own work, so it is measured without a taker and taken off.
  const forming = role === 'load-tier0' ? await timed(() => formOnly(graph)) : { wallMs: 0, cpuMs: 0 };
  const before = residentBytes();
  const { result, ...time } = await timed<unknown>(() => (role === 'load-tier0' ? loadTier0(graph) : loadGraphology(graph)));
  const bytes = residentBytes() - before;
  // Whoever was loaded must still be there when the memory is read.
  return { wallMs: time.wallMs - forming.wallMs, cpuMs: time.cpuMs - forming.cpuMs, bytes, size: result ? items : 0 };
}

function formOnly(graph: MadeGraph): number {
  let facts = 0;
  for (const batch of factBatches(graph)) facts += batch.length;
  return facts;
}

if (process.send && process.argv[2]?.startsWith('{')) {
  const answer = await perform(JSON.parse(process.argv[2]) as RoleRequest);
  process.send(answer, () => process.exit(0));
}
