import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileFailure } from './file-failure.ts';
import { makeFolderOf, syncFolder } from './folder.ts';
import { FILE_MODE } from './modes.ts';

/**
 * Puts a file in place as a whole: written beside it, synced, renamed, and the folder synced. Whoever reads, also after a power cut, finds
 * the old content or the new. Only its owner may read it, unless `mode` says otherwise.
 */
export async function writeAtomically(file: string, content: string | Uint8Array, mode: number = FILE_MODE): Promise<void> {
  await makeFolderOf(file);
  const beside = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(beside, 'wx', mode);
    try {
      // The mode of opening is narrowed by the process; this one is exact.
      await handle.chmod(mode);
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw fileFailure(`write ${file}`, error);
  }
  await syncFolder(dirname(file));
}
