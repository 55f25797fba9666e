import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { CallContext } from '@tier0/core';
import { createBareRepository, createMirror } from '@tier0/gitops';

export interface InitRepositoryOptions {
  /** Where the bare repository is made. */
  readonly directory: string;
  readonly branch: string;
  /** Folder whose files are its first commit. */
  readonly files: string;
  /** Date of the commit. ISO 8601, UTC. */
  readonly date: string;
}

/** Makes a bare repository whose first commit holds the files of a folder. */
export async function initRepository(options: InitRepositoryOptions, context: CallContext): Promise<void> {
  await mkdir(dirname(options.directory), { recursive: true });
  await createBareRepository({ directory: options.directory, branch: options.branch }, context);
  const mirror = createMirror({ url: options.directory, directory: `${options.directory}.seed` });
  const commit = await mirror.commitFiles(
    {
      parents: [],
      files: await filesOf(options.files),
      message: 'Declare the cluster\n',
      author: { name: 'Platform team', email: 'platform@example.com' },
      date: options.date,
    },
    context,
  );
  await mirror.push([{ ref: `refs/heads/${options.branch}`, commit, expected: undefined }], context);
}

async function filesOf(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(
    paths.map(async (path) => [relative(folder, path).replaceAll('\\', '/'), await readFile(path)] as const),
  );
  return new Map(contents);
}
