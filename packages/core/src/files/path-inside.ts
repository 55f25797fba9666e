import { constants } from 'node:fs';
import { lstat, mkdir, open } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { Tier0Error } from '../errors/tier0-error.ts';

/** Bytes one name may have on the file systems in use (ext4, APFS, NTFS). */
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 4096;
/** Names that Windows gives to devices, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$)(?:\..*)?$/i;
/** Git's own folder as NTFS abbreviates it. */
const GIT_SHORT = /^git~\d+$/i;
/** What HFS+ takes for nothing in a name, so that `.g\u200cit` is `.git` there. */
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Why a text is no path to a file below some folder; undefined when it is one. Parts are separated by `/`. */
export function whyNotInside(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `it has more than ${MAX_PATH_BYTES} bytes`;
  if (path.startsWith('/')) return 'it is absolute';
  for (const part of path.split('/')) {
    const flaw = flawOfName(part);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

/** Why a text cannot be the name of one file or folder; undefined when it can. */
export function flawOfName(name: string): string | undefined {
  if (name === '') return 'a part of it is empty';
  if (name === '.' || name === '..') return `it holds "${name}"`;
  if (/[/\\]/.test(name)) return 'a name holds a separator';
  if (/\p{Cc}/u.test(name) || !name.isWellFormed()) return 'a name holds control characters';
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `a name has more than ${MAX_NAME_BYTES} bytes`;
  if (name.includes(':')) return 'a name holds ":", which names a drive or a stream on some systems';
  if (/[. ]$/.test(name)) return 'a name ends with a dot or a space, which some systems drop';
  const folded = name.normalize('NFC').replace(IGNORED_BY_HFS, '').trim().toLowerCase();
  if (folded === '.git' || GIT_SHORT.test(folded)) return 'it reaches into the folder of git itself';
  if (DEVICE.test(name)) return `"${name}" is the name of a device on some systems`;
  return undefined;
}

/**
 * The absolute path of a file below `root`, from a path that somebody else chose. Throws INVALID_INPUT for everything that is not plainly
 * below it: absolute paths, `..`, empty names, control characters, git's own folder, names that are devices elsewhere.
 */
export function pathInside(root: string, path: string): string {
  const flaw = whyNotInside(path);
  const target = join(resolve(root), path);
  if (flaw !== undefined || !target.startsWith(withSeparator(resolve(root)))) throw outside(path, flaw ?? 'it leaves its folder');
  return target;
}

/** Where a file is written, and what is done with one that is there. */
export interface WriteInsideOptions {
  /** Permissions of the file; folders get the same with search. Default 0o600: whoever runs it, and nobody else. */
  readonly mode?: number | undefined;
}

/** Writes a file below `root` and makes its folders. Throws as `pathInside`, and where a symbolic link stands on the way. */
export async function writeInside(
  root: string,
  file: { readonly path: string; readonly content: string | Uint8Array },
  options: WriteInsideOptions = {},
): Promise<string> {
  const mode = options.mode ?? 0o600;
  const target = pathInside(root, file.path);
  await mkdir(resolve(root), { recursive: true, mode: folderMode(mode) });
  await makeFolders(resolve(root), file.path.split('/').slice(0, -1), mode);
  // Not followed, and truncated only when it is a file: a link or a pipe laid there meanwhile is refused by the system.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(target, flags, mode).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ELOOP' || cause.code === 'ENXIO' ? outside(file.path, 'something that is no file stands there') : cause;
  });
  try {
    await handle.writeFile(file.content);
  } finally {
    await handle.close();
  }
  return target;
}

/** One level after the other: what is there must be a folder, not a link to one. */
async function makeFolders(root: string, names: readonly string[], mode: number): Promise<void> {
  let folder = root;
  for (const name of names) {
    folder = join(folder, name);
    await mkdir(folder, { mode: folderMode(mode) }).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
      if (!(await lstat(folder)).isDirectory())
        throw outside(folder.slice(root.length + 1), 'something that is no folder stands on the way');
    });
  }
}

/** Whoever may read a file may go through its folder. */
function folderMode(mode: number): number {
  return mode | ((mode & 0o444) >> 2) | 0o100;
}

function withSeparator(folder: string): string {
  return folder.endsWith(sep) ? folder : folder + sep;
}

function outside(path: string, why: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${JSON.stringify(path.slice(0, 200))} cannot be a file of its folder: ${why}.`,
    hint: 'It was named by a repository or a cluster, which may be hostile: look at who made it. Nothing was written.',
  });
}
