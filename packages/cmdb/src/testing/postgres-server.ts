import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A real PostgreSQL server in a temporary folder, on 127.0.0.1, with full durability and password authentication. */
export interface PostgresServer {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Address of a database; `postgres` by default. */
  url(database?: string): string;
  /** Ends the postmaster with signal 9; its children end when they notice. */
  kill(): Promise<void>;
  /** `pg_ctl stop -m immediate`: no checkpoint, clients are cut off, the next start recovers. */
  stopImmediately(): Promise<void>;
  /** Starts it again on the same port after it was ended. */
  start(): Promise<void>;
  /** Ends it for good and removes its folder. */
  close(): Promise<void>;
}

/** Whether the server's programs are on PATH. */
export const hasPostgres = ['initdb', 'postgres', 'pg_ctl'].every((name) => spawnSync(name, ['--version']).status === 0);

/** PostgreSQL refuses to run as root; then it runs as `nobody`. */
const NOBODY = 65_534;
const AS_USER = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Starts one; `fsync` is off only where a test wants to see that refused. */
export async function startPostgres({ fsync = 'on' }: { readonly fsync?: 'on' | 'off' } = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tier0-postgres-'));
  const data = join(folder, 'data');
  const password = `p4ss ${randomUUID()}`;
  const port = await freePort();
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password);
  chmodSync(folder, 0o700);
  if ('uid' in AS_USER) for (const path of [folder, passwordFile]) chownSync(path, NOBODY, NOBODY);
  const options = ['--no-sync', '-U', 'tier0', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C'];
  await run('initdb', ['-D', data, ...options]);

  let server: ChildProcess | undefined;
  const start = async () => {
    // Children of a killed server hold its memory until they notice; until then a new one refuses.
    for (let attempt = 1; ; attempt++) {
      const { child, isReady, log } = await launch({ data, folder, port, fsync });
      server = child;
      if (isReady) return;
      if (attempt === 100) throw new Error(`PostgreSQL does not start: ${log}`);
      await delay(50);
    }
  };
  const ended = async (end: () => unknown) => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, 'exit');
    await end();
    await exit;
  };
  // Nothing is left behind when the process ends before `close`.
  const onExit = () => server?.kill('SIGKILL');
  process.once('exit', onExit);
  await start();
  return {
    port,
    user: 'tier0',
    password,
    url: (database = 'postgres') => `postgres://tier0:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    kill: () => ended(() => server?.kill('SIGKILL')),
    stopImmediately: () => ended(() => run('pg_ctl', ['-D', data, 'stop', '-m', 'immediate'])),
    start,
    async close() {
      process.removeListener('exit', onExit);
      await ended(() => server?.kill('SIGINT'));
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function launch({
  data,
  folder,
  port,
  fsync,
}: {
  readonly data: string;
  readonly folder: string;
  readonly port: number;
  readonly fsync: string;
}) {
  const settings = [`fsync=${fsync}`, 'synchronous_commit=on', 'max_connections=50', 'shared_buffers=128MB', 'log_statement=none'];
  const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder, ...settings.flatMap((setting) => ['-c', setting])];
  const child = spawn('postgres', args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder, ...AS_USER });
  let log = '';
  const isReady = await new Promise<boolean>((resolve) => {
    child.stderr.on('data', (chunk) => {
      log = `${log}${chunk}`.slice(-10_000);
      if (log.includes('ready to accept connections')) resolve(true);
    });
    child.once('exit', () => resolve(false));
  });
  return { child, isReady, log };
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: tmpdir(), ...AS_USER });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${errors}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, 'close');
  return port;
}
