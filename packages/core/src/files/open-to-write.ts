import { type FileHandle, open } from 'node:fs/promises';
import { fileFailure } from './file-failure.ts';
import { FILE_MODE } from './modes.ts';

/**
 * Opens a file to read it and to write at places of one's own choice; makes it where it is not there. Not in append mode, which would ignore
 * where a record is to stand. Throws as `fileFailure` does.
 */
export async function openToWrite(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r+').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return open(file, 'wx+', FILE_MODE);
      throw error;
    });
  } catch (error) {
    throw fileFailure(`open ${file}`, error);
  }
}
