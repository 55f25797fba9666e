import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallContext } from '@tier0/core';
import { runGit } from '../git/git.ts';
import { createMirror, type Mirror } from '../git/mirror.ts';

/** A real bare repository in a temporary folder, with a person who commits to it. */
export interface TestRepository {
  /** Temporary folder that holds everything; removed by `remove`. */
  readonly directory: string;
  /** Path of the bare repository. */
  readonly url: string;
  /** The mirror that `commit` uses. */
  readonly mirror: Mirror;
  /** A further mirror of the same repository, as another process would have. */
  newMirror(url?: string): Mirror;
  /** Commits files onto a branch as a person would; the branch starts from `main` when it is new. Returns the commit id. */
  commit(branch: string, files: Readonly<Record<string, string | undefined>>, author?: string): Promise<string>;
  /** Text of a file at a commit or branch; undefined when there is none. */
  read(ref: string, path: string): Promise<string | undefined>;
  /** Deletes the folder. */
  remove(): Promise<void>;
}

let clock = Date.parse('2026-11-22T10:00:00.000Z');

/** A context whose clock is the real one, for calls that do not care. */
export function anyContext(): CallContext {
  return { signal: new AbortController().signal, now: () => Date.now() };
}

/** Makes the repository with a first commit on `main`. */
export async function createTestRepository(files: Readonly<Record<string, string>> = { 'README.md': '# test\n' }): Promise<TestRepository> {
  const directory = await mkdtemp(join(tmpdir(), 'tier0-gitops-'));
  const url = join(directory, 'remote.git');
  await runGit({ args: ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', url], directory });
  // Housekeeping after every push would only slow the tests down.
  await appendFile(join(url, 'config'), '[receive]\n\tautogc = false\n');
  let mirrors = 0;
  const newMirror = (from = url) => createMirror({ url: from, directory: join(directory, `mirror-${++mirrors}`) });
  const mirror = newMirror();
  const repository: TestRepository = {
    directory,
    url,
    mirror,
    newMirror,
    async commit(branch, changes, author = 'ada') {
      const context = anyContext();
      await mirror.fetch(context);
      const tip = await mirror.resolve(branch, context);
      const parent = tip ?? (await mirror.resolve('main', context));
      clock += 1000;
      const commit = await mirror.commitFiles(
        {
          parents: parent ? [parent] : [],
          files: new Map(Object.entries(changes)),
          message: `${author} changes ${Object.keys(changes).join(', ')}`,
          author: { name: author, email: `${author}@example.com` },
          date: new Date(clock).toISOString(),
        },
        context,
      );
      const result = await mirror.push([{ ref: `refs/heads/${branch}`, commit, expected: tip }], context);
      if (result.status !== 'pushed') throw new Error(result.reason);
      return commit;
    },
    async read(ref, path) {
      const context = anyContext();
      await mirror.fetch(context);
      const commit = await mirror.resolve(ref, context);
      const bytes = commit ? await mirror.readFile(commit, path, context) : undefined;
      return bytes ? Buffer.from(bytes).toString('utf8') : undefined;
    },
    // A git that was aborted may still write for a moment.
    remove: () => rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
  await repository.commit('main', files);
  return repository;
}
