import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isTier0Error, pause } from '@tier0/core';

/** Git holds a lock for milliseconds; one that did not move for this long, in real milliseconds, belongs to a process that died. */
const STALE_AFTER_MS = 5_000;
const LOOK_EVERY_MS = 250;

/**
 * Runs a task on a mirror; when a lock is in its way, waits for whoever holds it, and takes away what a killed git left behind (git
 * forgets some locks even on SIGTERM). Only for folders that are caches: in the repository itself nothing is ever taken away.
 */
export async function withoutStaleLocks<T>(directory: string, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  const patience = performance.now() + 2 * STALE_AFTER_MS;
  for (;;) {
    try {
      return await task();
    } catch (error) {
      if (!isLocked(error, directory) || performance.now() > patience) throw error;
      const removed = await removeStaleLocks(directory);
      if (removed === 0) await pause(LOOK_EVERY_MS, signal);
    }
  }
}

function isLocked(error: unknown, directory: string): boolean {
  return isTier0Error(error) && error.message.includes(".lock': File exists") && error.message.includes(directory);
}

async function removeStaleLocks(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  let removed = 0;
  for (const entry of entries) {
    if (!entry.isFile() || !entry.name.endsWith('.lock')) continue;
    const file = join(entry.parentPath, entry.name);
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs < STALE_AFTER_MS) continue;
    await rm(file, { force: true });
    removed += 1;
  }
  return removed;
}
