import { Tier0Error } from '@tier0/core';
import type { RunEntry } from './run-entry.ts';

/** Append-only memory of runs. The state of a run is a fold over it. */
export interface RunLog {
  /** Durable when it resolves. Throws CONFLICT when `sequence` entries are not what the run has: somebody else is at it. */
  append(run: string, sequence: number, entries: readonly RunEntry[]): Promise<void>;
  /** Oldest first; empty for an unknown run. */
  read(run: string): Promise<readonly RunEntry[]>;
}

/** A log that lasts as long as the process; `forget` releases a run. */
export interface MemoryRunLog extends RunLog {
  /** Drops the entries of a run. */
  forget(run: string): void;
}

/** For tests, and for runs that nobody needs to take up again. */
export function createMemoryRunLog(): MemoryRunLog {
  const runs = new Map<string, RunEntry[]>();
  return {
    async append(run, sequence, entries) {
      const log = runs.get(run) ?? [];
      if (log.length !== sequence) throw conflict(run, sequence);
      log.push(...entries);
      runs.set(run, log);
    },
    async read(run) {
      return [...(runs.get(run) ?? [])];
    },
    forget(run) {
      runs.delete(run);
    },
  };
}

/** The error of an append that came too late. */
export function conflict(run: string, sequence: number): Tier0Error {
  return new Tier0Error({
    code: 'CONFLICT',
    message: `The run "${run}" does not have ${sequence} entries: another process works on it.`,
    hint: 'Let one process work on a run; read the log again and go on from there.',
  });
}
