import { type FileHandle, open, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileFailure } from './file-failure.ts';
import { makeFolderOf, syncFolder } from './folder.ts';
import { FILE_MODE } from './modes.ts';
import { openToWrite, type PlacedFile } from './open-to-write.ts';

/** What stands in a file of lines. */
export interface FileLines {
  /** Whole lines, without their line breaks. */
  readonly lines: readonly string[];
  /** Bytes up to the end of the last whole line. */
  readonly soundBytes: number;
  /** What a crash left of a line; nobody was told that it was written. */
  readonly torn: Uint8Array;
}

const NEWLINE = 0x0a;

/** Reads the whole lines of a file; one that is not there has none. */
export async function readLines(file: string): Promise<FileLines> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw fileFailure(`read ${file}`, error);
  });
  const soundBytes = bytes.lastIndexOf(NEWLINE) + 1;
  return { lines: bytes.toString('utf8', 0, soundBytes).split('\n').slice(0, -1), soundBytes, torn: bytes.subarray(soundBytes) };
}

/**
 * Appends one line and syncs it, or leaves the file as it was. What a crash left of a line is cut off first. One writer at a time: writers
 * in several processes take a lock. Throws UNAVAILABLE or PERMISSION_DENIED.
 */
export async function appendLine(file: string, line: string): Promise<void> {
  await makeFolderOf(file);
  const handle = await openToWrite(file);
  try {
    const size = await endOfLastLine(handle);
    await appendAt(handle, file, { bytes: Buffer.from(`${line}\n`), offset: size });
    if (size === 0) await syncFolder(dirname(file));
  } finally {
    await handle.close();
  }
}

/**
 * Appends one line and syncs it where several processes write at once without a lock. Each line is one write at the end with a line break in
 * front, which sets off what a killed process left half-written: readers pass over empty lines and over what is none of theirs.
 */
export async function appendSharedLine(file: string, line: string): Promise<void> {
  await makeFolderOf(file);
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'a', FILE_MODE);
    const bytes = Buffer.from(`\n${line}\n`);
    const { bytesWritten } = await handle.write(bytes);
    if (bytesWritten < bytes.length) throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' });
    await handle.datasync();
  } catch (error) {
    throw fileFailure(`write to ${file}`, error);
  } finally {
    await handle?.close();
  }
}

/** Appends at an end that the caller knows, and cuts off whatever stands behind it. */
export async function appendLineAt(file: string, line: string, offset: number): Promise<void> {
  await makeFolderOf(file);
  const handle = await openToWrite(file);
  try {
    await appendAt(handle, file, { bytes: Buffer.from(`${line}\n`), offset });
    if (offset === 0) await syncFolder(dirname(file));
  } finally {
    await handle.close();
  }
}

/** Moves what a crash left of a line into `<file>.torn-<n>`, so that it can be looked at, and cuts it off. */
export async function setTornLineAside(file: string, { torn, soundBytes }: FileLines): Promise<void> {
  if (torn.length === 0) return;
  for (let number = 1; ; number++) {
    try {
      await writeFile(`${file}.torn-${number}`, torn, { flag: 'wx', flush: true, mode: FILE_MODE });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileFailure(`keep the torn line of ${file}`, error);
    }
  }
  const handle = await openToWrite(file);
  try {
    await handle.truncate(soundBytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Looked for from the end: a file of many lines is not read for one more. */
async function endOfLastLine(handle: PlacedFile): Promise<number> {
  const { size } = await handle.stat();
  const block = Buffer.alloc(64 * 1024);
  for (let end = size; end > 0; ) {
    const from = Math.max(0, end - block.length);
    const { bytesRead } = await handle.read(block, 0, end - from, from);
    const at = block.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (at !== -1) return from + at + 1;
    end = from;
  }
  return 0;
}

async function appendAt(
  handle: PlacedFile,
  file: string,
  { bytes, offset }: { readonly bytes: Buffer; readonly offset: number },
): Promise<void> {
  try {
    await handle.truncate(offset);
    for (let written = 0; written < bytes.length; ) {
      written += (await handle.write(bytes, written, bytes.length - written, offset + written)).bytesWritten;
    }
    await handle.datasync();
  } catch (error) {
    await handle.truncate(offset).catch(() => undefined);
    throw fileFailure(`write to ${file}`, error);
  }
}
