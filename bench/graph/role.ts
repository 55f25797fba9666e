import { fork } from 'node:child_process';
import { timed } from '../frame/measure.ts';
import { NOW } from './make-graph.ts';
import { CONTEXT, openSqlitePeer, openTier0, sqliteSubject, tier0Subject } from './subjects.ts';

/** What a child process is asked to measure, in a memory of its own. */
export interface RoleRequest {
  readonly role: 'open-tier0' | 'open-sqlite';
  readonly file: string;
  readonly hub: number;
}

export interface RoleAnswer {
  readonly wallMs: number;
  readonly cpuMs: number;
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

async function perform({ role, file, hub }: RoleRequest): Promise<RoleAnswer> {
  if (role === 'open-tier0') {
    const { result, ...time } = await timed(async () => {
      const cmdb = openTier0(file);
      await cmdb.catchUp(CONTEXT);
      return tier0Subject(cmdb.reader()).reach(hub, Number.POSITIVE_INFINITY, NOW);
    });
    return { ...time, size: result };
  }
  const { result, ...time } = await timed(() => sqliteSubject(openSqlitePeer(file)).reach(hub, Number.POSITIVE_INFINITY, NOW));
  return { ...time, size: result };
}

if (process.send && process.argv[2]?.startsWith('{')) {
  const answer = await perform(JSON.parse(process.argv[2]) as RoleRequest);
  process.send(answer, () => process.exit(0));
}
