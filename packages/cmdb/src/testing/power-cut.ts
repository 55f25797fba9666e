import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CrashOptions } from './crash-rounds.ts';

/**
 * A file layer below the writing process that drops everything since the last synchronisation: a small library that is preloaded.
 * Undefined where it cannot be built: it needs Linux and a C compiler.
 */
export function powerCuts(folder: string): Pick<CrashOptions, 'environment' | 'beforeStart' | 'afterKill'> | undefined {
  const library = join(folder, 'power-cut.so');
  const synced = join(folder, 'synced');
  if (process.platform !== 'linux') return undefined;
  try {
    const source = join(import.meta.dirname, 'power-cut.c');
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-w', '-o', library, source, '-ldl'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  mkdirSync(synced, { recursive: true });
  return {
    environment: { ...process.env, LD_PRELOAD: library, TIER0_SYNCED: synced },
    beforeStart: (file) => move(file, join(synced, basename(file))),
    // The shared memory of the log is never synchronised, and a snapshot's new name may be lost: then both are as they were before.
    afterKill: (file) => move(join(synced, basename(file)), file),
  };
}

/** Puts the files of one database in the place of those of another; what one has not, the other has not then. */
function move(from: string, to: string): void {
  for (const suffix of ['', '-wal', '-shm', '-graph']) {
    rmSync(`${to}${suffix}`, { force: true });
    if (suffix !== '-shm' && existsSync(`${from}${suffix}`)) copyFileSync(`${from}${suffix}`, `${to}${suffix}`);
  }
}
