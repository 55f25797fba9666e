import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { pause, Tier0Error } from '@tier0/core';

/** Real milliseconds after which waiting for the lock gives up. */
const PATIENCE_MS = 10_000;

/** Runs a task while no other process runs one under the same lock file. The lock of a process that died is taken over. */
export async function withFileLock<T>(lock: string, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  await take(lock, signal);
  try {
    return await task();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string, signal: AbortSignal): Promise<void> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += 20) {
    if (await tryTake(lock)) return;
    const holder = Number((await readFile(lock, 'utf8').catch(() => '')).trim());
    if (holder > 0 && !isAlive(holder)) await bury(lock, holder);
    await pause(20, signal);
  }
  throw new Tier0Error({
    code: 'UNAVAILABLE',
    message: `Another process holds ${lock}.`,
    hint: 'Wait for it to finish. If no tier0 process runs, delete the lock file.',
  });
}

/** The lock appears with its content in one step, so nobody ever finds one without a holder. */
async function tryTake(lock: string): Promise<boolean> {
  const own = `${lock}.${randomUUID()}`;
  try {
    await writeFile(own, `${process.pid}\n`);
    await link(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new Tier0Error({
      code: 'UNAVAILABLE',
      message: `Could not take the lock ${lock}: ${(error as NodeJS.ErrnoException).code}.`,
      hint: 'Check that the folder exists, may be written and has space left.',
      cause: error,
    });
  } finally {
    await rm(own, { force: true });
  }
}

/** Moves a dead process's lock away; when somebody else was faster and it is a living one's by now, puts it back. */
async function bury(lock: string, holder: number): Promise<void> {
  const grave = `${lock}.${randomUUID()}`;
  await rename(lock, grave).catch(() => undefined);
  const buried = Number((await readFile(grave, 'utf8').catch(() => '')).trim());
  if (buried > 0 && buried !== holder) await link(grave, lock).catch(() => undefined);
  await rm(grave, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
