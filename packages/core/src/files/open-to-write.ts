import { open } from 'node:fs/promises';
import { fileFailure } from './file-failure.ts';
import { FILE_MODE } from './modes.ts';

/** A file that is open to read and to write at places of one's own choice. Offsets and lengths in bytes. Methods throw as the operating system does. */
export interface PlacedFile {
  /** Reads up to `length` bytes at `position` into `buffer` from `offset` on. */
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  /** Writes up to `length` bytes of `buffer` from `offset` on at `position`. */
  write(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>;
  /** Cuts the file, or fills it with zeros, to `length`. */
  truncate(length: number): Promise<void>;
  /** Size in bytes at this moment. */
  stat(): Promise<{ readonly size: number }>;
  /** Waits until content and metadata are on the disk. */
  sync(): Promise<void>;
  /** Waits until the content is on the disk. */
  datasync(): Promise<void>;
  /** Gives the file back; nothing may be asked of it after. */
  close(): Promise<void>;
}

/**
 * Opens a file to read it and to write at places of one's own choice; makes it where it is not there. Not in append mode, which would ignore
 * where a record is to stand. Throws as `fileFailure` does.
 */
export async function openToWrite(file: string): Promise<PlacedFile> {
  try {
    return await open(file, 'r+').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return open(file, 'wx+', FILE_MODE);
      throw error;
    });
  } catch (error) {
    throw fileFailure(`open ${file}`, error);
  }
}
