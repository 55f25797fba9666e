import { lstat, open, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type CallContext, Tier0Error } from '@tier0/core';
import { fileFailure } from '@tier0/core/files';

/** A file that may hold knowledge. */
export interface FoundFile {
  /** Path below the root, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** ISO 8601, UTC. */
  readonly changedAt?: string | undefined;
  /** Commit it stands in, when it comes out of Git. */
  readonly commit?: string | undefined;
  /** Name of its content, when that is known without reading it (a Git blob). */
  readonly blob?: string | undefined;
  read(): Promise<Uint8Array>;
}

/** Files of a place, and what in it could not be looked at. */
export interface FoundFiles {
  readonly files: readonly FoundFile[];
  readonly problems: readonly { readonly path: string; readonly reason: string }[];
}

const READABLE = /\.(md|markdown|mdx|ya?ml|txt|text|rst|adoc|json)$/i;
/** Folders that hold programs and not knowledge. */
const SKIPPED = new Set(['node_modules', 'vendor']);

/** Whether a path is one of those that knowledge is read from: known endings, nothing hidden. */
export function mayHoldKnowledge(path: string): boolean {
  return READABLE.test(path) && path.split('/').every((part) => !part.startsWith('.') && !SKIPPED.has(part));
}

/** Lists a folder's files, at any depth. Links are not followed: they may lead out of it. Throws NOT_FOUND where there is no such folder. */
export async function findFiles(folder: string, context: CallContext): Promise<FoundFiles> {
  const problems: { readonly path: string; readonly reason: string }[] = [];
  const files: FoundFile[] = [];
  const waiting = [folder];
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    context.signal.throwIfAborted();
    const entries = await readdir(at, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (at === folder) throw notAFolder(folder, error);
      problems.push({ path: below(folder, at as string), reason: fileFailure('read this folder', error).message });
      return [];
    });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const full = join(at, entry.name);
      const path = below(folder, full);
      if (entry.isDirectory() && mayHoldKnowledge(`${path}/x.md`)) waiting.push(full);
      if (!entry.isFile() || !mayHoldKnowledge(path)) continue;
      const { size, mtime } = await lstat(full);
      files.push({ path, size, changedAt: mtime.toISOString(), read: () => readWhole(full) });
    }
  }
  return { files, problems };
}

async function readWhole(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r').catch((error) => Promise.reject(fileFailure(`read ${file}`, error)));
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function below(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}

function notAFolder(folder: string, cause: NodeJS.ErrnoException): Tier0Error {
  if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') return fileFailure(`read the folder ${folder}`, cause);
  return new Tier0Error({
    code: 'NOT_FOUND',
    message: `There is no folder "${folder}".`,
    hint: 'Name a folder with runbooks, incident records, policies or other texts.',
    cause,
  });
}
