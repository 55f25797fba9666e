import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { Tier0Error } from '../errors/tier0-error.ts';
import { pause } from '../time/pause.ts';
import { fileFailure } from './file-failure.ts';
import { makeFolderOf } from './folder.ts';
import { FILE_MODE } from './modes.ts';

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** When it was taken. ISO 8601, UTC. */
  readonly since: string;
  /** What for, e.g. `resume`. */
  readonly purpose: string;
  /** Tells this process from a later one with the same number. */
  readonly started?: string | undefined;
}

/** How a lock is taken. */
export interface FileLockOptions {
  /** Told to whoever finds it held. */
  readonly purpose?: string | undefined;
  /** Real milliseconds to wait for it; 0: not at all. Default 10,000. */
  readonly patienceMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** A lock that is held. */
export interface FileLock {
  /** Gives it back; a second time does nothing. */
  release(): Promise<void>;
}

const LOOK_EVERY_MS = 20;

/**
 * Takes a lock that only one process has at a time. One left by a process that has ended is taken over. Throws CONFLICT, naming the holder,
 * when it is still held after the patience.
 */
export async function takeFileLock(lock: string, options: FileLockOptions): Promise<FileLock> {
  const { patienceMs = 10_000, purpose = 'work', signal } = options;
  await makeFolderOf(lock);
  const own = await describeSelf(purpose);
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    if (await tryTake(lock, own)) return { release: () => giveBack(lock, own) };
    const holder = await readHolder(lock);
    const isStale = holder !== undefined && !(await isAlive(holder));
    if (isStale) await bury(lock, holder);
    else if (waitedMs >= patienceMs) throw held(lock, holder);
    await pause(isStale ? 0 : LOOK_EVERY_MS, signal);
  }
}

/** Runs a task under a lock, and gives it back whatever happens. */
export async function withFileLock<T>(lock: string, options: FileLockOptions, task: () => Promise<T>): Promise<T> {
  const { release } = await takeFileLock(lock, options);
  try {
    return await task();
  } finally {
    await release();
  }
}

/** The lock appears with its content in one step, so nobody ever finds one without a holder. */
async function tryTake(lock: string, own: LockHolder): Promise<boolean> {
  const beside = `${lock}.${randomUUID()}`;
  try {
    await writeFile(beside, JSON.stringify(own), { mode: FILE_MODE });
    await link(beside, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fileFailure(`take the lock ${lock}`, error);
  } finally {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}

/** Only one's own: after a takeover by mistake the new holder keeps it. */
async function giveBack(lock: string, own: LockHolder): Promise<void> {
  const holder = await readHolder(lock);
  if (holder && isSame(holder, own)) await rm(lock, { force: true });
}

/** When this process began does not change. */
let ownStart: Promise<string | undefined> | undefined;

async function describeSelf(purpose: string): Promise<LockHolder> {
  ownStart ??= startOf(process.pid);
  const started = await ownStart;
  return { pid: process.pid, host: hostname(), since: new Date().toISOString(), purpose, ...(started === undefined ? {} : { started }) };
}

/** Undefined: nobody holds it any more. A file that says nothing readable belongs to a holder that is not known, and is waited for. */
async function readHolder(lock: string): Promise<LockHolder | undefined> {
  const text = await readFile(lock, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw fileFailure(`read the lock ${lock}`, error);
  });
  if (text === undefined) return undefined;
  try {
    const said: unknown = JSON.parse(text);
    // A bare number is the lock of an earlier version.
    const { pid, host, since, purpose, started } = (typeof said === 'number' ? { pid: said, host: hostname() } : said) as Record<
      string,
      unknown
    >;
    const known = { host: String(host), since: String(since ?? 'unknown'), purpose: String(purpose ?? 'work') };
    if (typeof pid === 'number') return { pid, ...known, ...(typeof started === 'string' ? { started } : {}) };
  } catch {
    // Told below.
  }
  return { pid: 0, host: '', since: '', purpose: 'something unknown' };
}

/** A process on another machine cannot be asked: it counts as alive. */
async function isAlive({ pid, host, started }: LockHolder): Promise<boolean> {
  if (pid <= 0 || host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = await startOf(pid);
  return started === undefined || now === undefined || now === started;
}

/** When a process began, where the system tells it: the number of one that has ended may be given out again. */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // Field 22 is the start in clock ticks after boot; the name in field 2 may hold spaces and brackets.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

/** Moves the lock of a process that has ended away; when somebody else was faster and it is a living one's by now, puts it back. */
async function bury(lock: string, holder: LockHolder): Promise<void> {
  const grave = `${lock}.${randomUUID()}`;
  await rename(lock, grave).catch(() => undefined);
  const buried = await readHolder(grave);
  if (buried && !isSame(buried, holder)) await link(grave, lock).catch(() => undefined);
  await rm(grave, { force: true });
}

function isSame(a: LockHolder, b: LockHolder): boolean {
  return a.pid === b.pid && a.host === b.host && a.since === b.since && a.started === b.started;
}

function held(lock: string, holder: LockHolder | undefined): Tier0Error {
  const who = holder?.pid ? `process ${holder.pid} on ${holder.host} (${holder.purpose}, since ${holder.since})` : 'another process';
  return new Tier0Error({
    code: 'CONFLICT',
    message: `${lock} is held by ${who}.`,
    hint: `Wait for it to finish. If no such process runs any more, remove ${lock}.`,
    retryable: true,
  });
}
