import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { IS_CLONE } from '../program-name.ts';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { versionOf } from '../version.ts';

/** Version of this program and, in a clone, the commit it stands at; `changed` when the clone differs from it. */
export async function harnessVersion(): Promise<string> {
  const version = await versionOf();
  // Around an installed package is somebody else's repository.
  if (!IS_CLONE) return version;
  const git = async (...args: readonly string[]) => (await promisify(execFile)('git', ['-C', REPOSITORY_ROOT, ...args])).stdout.trim();
  try {
    const changed = (await git('status', '--porcelain', '--untracked-files=no')) !== '';
    return `${version} at ${(await git('rev-parse', 'HEAD')).slice(0, 12)}${changed ? ', changed' : ''}`;
  } catch {
    return version;
  }
}
