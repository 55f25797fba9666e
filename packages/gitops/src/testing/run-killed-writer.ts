import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChangeProposal } from '@tier0/core';

/** Where the writer that will be killed works. */
export interface KilledWriter {
  /** Repository. */
  readonly url: string;
  /** Its mirror. */
  readonly directory: string;
  /** A strict server of one kind; absent: the local forge. */
  readonly server?: { readonly kind: 'github' | 'gitlab' | 'gitea'; readonly apiUrl: string } | undefined;
}

/** Runs a writer in a process of its own, which kills itself right after one remote step. Gives the signal it ended by. */
export function runKilledWriter(at: KilledWriter, proposal: ChangeProposal, step: string): Promise<string | null> {
  const script = fileURLToPath(new URL('./killed-writer.ts', import.meta.url));
  const place = at.server ? [at.server.kind, at.server.apiUrl] : [];
  const args = ['--conditions=tier0-source', script, at.url, at.directory, JSON.stringify(proposal), step, ...place];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (_code, signal) => resolve(signal));
  });
}
