import { Tier0Error } from '../errors/tier0-error.ts';

const REASONS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOSPC: ['the disk is full', 'Free space on that disk and try again; what was there before is unharmed.'],
  EDQUOT: ['the disk quota is used up', 'Free space or raise the quota and try again; what was there before is unharmed.'],
  EFBIG: [
    'the file would grow beyond its limit',
    'Free space, or raise the limit on file sizes, and try again; what was there before is unharmed.',
  ],
  EROFS: ['the file system is read-only', 'Choose a folder that may be written.'],
  EACCES: ['this account may not', 'Check the permissions of the file and of the folders above it.'],
  EPERM: ['this account may not', 'Check the owner and the attributes of the file.'],
  ENOENT: ['it does not exist', 'Check the path.'],
  ENOTDIR: ['a part of the path is a file', 'Choose a path below a folder.'],
  EISDIR: ['it is a folder', 'Give the path of a file.'],
  EEXIST: ['it is there already', 'Choose another path, or remove it.'],
  ELOOP: ['its links go round', 'Check the symbolic links on the way.'],
  EMFILE: ['too many files are open', 'Raise the limit of open files.'],
};

/** What failed at a file and what to do, for every code of the operating system. `what` completes "Could not". */
export function fileFailure(what: string, error: unknown): Tier0Error {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  const [reason, hint] = REASONS[code] ?? [code || String(error), 'Check that the disk is there and the folder may be written.'];
  return new Tier0Error({
    code: code === 'EACCES' || code === 'EPERM' ? 'PERMISSION_DENIED' : 'UNAVAILABLE',
    message: `Could not ${what}: ${reason}${REASONS[code] ? ` (${code})` : ''}.`,
    hint,
    retryable: false,
    cause: error,
  });
}
