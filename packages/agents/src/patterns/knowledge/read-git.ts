import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type CallContext, Tier0Error } from '@tier0/core';
import { type FoundFiles, mayHoldKnowledge } from './read-folder.ts';

const run = promisify(execFile);
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Lists the files of a commit of a Git repository, bare or not. Contents are named by their blobs, so what is known already is never read.
 * Only objects are read: no hook, filter or setting of the repository runs. Throws NOT_FOUND where there is no such repository or revision.
 */
export async function findFilesInGit(repository: string, context: CallContext, revision = 'HEAD'): Promise<FoundFiles> {
  const git = async (...args: string[]) => {
    const fixed = ['-C', repository, '-c', 'core.fsmonitor=false', '--no-optional-locks'];
    const { stdout } = await run('git', [...fixed, ...args], { encoding: 'buffer', maxBuffer: MOST_BYTES, signal: context.signal });
    return stdout;
  };
  const commit = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`).then(
    (output) => output.toString().trim(),
    (cause) => {
      throw noRepository(repository, revision, cause);
    },
  );
  const listing = (await git('ls-tree', '-r', '-z', '-l', '--full-tree', commit)).toString();
  const changedAt = new Date(Number((await git('log', '-1', '--format=%ct', commit)).toString()) * 1000).toISOString();
  const files = listing.split('\0').flatMap((line) => {
    const [, mode, blob, size, path] = /^(\d+) blob ([0-9a-f]+) +(\d+)\t([\s\S]+)$/.exec(line) ?? [];
    // Mode 120000 is a link, whose content is a path.
    if (path === undefined || blob === undefined || mode === '120000' || !mayHoldKnowledge(path)) return [];
    return [{ path, size: Number(size), commit, blob, changedAt, read: () => git('cat-file', 'blob', blob) }];
  });
  return { files, problems: [] };
}

function noRepository(repository: string, revision: string, cause: unknown): Tier0Error {
  return new Tier0Error({
    code: 'NOT_FOUND',
    message: `There is no commit "${revision}" in the Git repository "${repository}".`,
    hint: 'Name a repository that was cloned to this machine, and a branch, tag or commit of it.',
    cause,
  });
}
