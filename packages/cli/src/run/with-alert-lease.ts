import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Alert, type CallContext, digestOf } from '@tier0/core';
import { makeStateFolder, withFileLock } from '@tier0/core/files';

/** Real milliseconds to wait for another process of this machine that works on the same alert: as long as a model and a forge may take. */
const PATIENCE_MS = 120_000;

/**
 * Works on an alert of a repository as the only process of this account on this machine, whatever state folders the processes keep: the second
 * begins when the first has proposed, and finds its pull request. Throws CONFLICT, naming the holder, when that takes too long.
 */
export async function withAlertLease<T>(
  about: { readonly alert: Alert; readonly repository: string },
  { signal }: CallContext,
  task: () => Promise<T>,
): Promise<T> {
  const folder = join(tmpdir(), `tier0-${process.getuid?.() ?? 'user'}`);
  await makeStateFolder(folder);
  const name = digestOf([about.repository, about.alert.fingerprint]).slice(0, 32);
  return withFileLock(join(folder, `alert-${name}.lock`), { purpose: 'work on an alert', patienceMs: PATIENCE_MS, signal }, task);
}
