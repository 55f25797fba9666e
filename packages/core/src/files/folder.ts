import { chmod, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileFailure } from './file-failure.ts';
import { FOLDER_MODE } from './modes.ts';

/** Makes a folder of state that only its owner may enter (0700), and the folders above it. One that is there already is closed to others. */
export async function makeStateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    await chmod(folder, FOLDER_MODE);
  } catch (error) {
    throw fileFailure(`make the folder ${folder}`, error);
  }
}

/** Makes the folder of a file where it is missing, its owner's only; one that is there is left as it is. */
export async function makeFolderOf(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: FOLDER_MODE });
  } catch (error) {
    throw fileFailure(`make the folder ${dirname(file)}`, error);
  }
}

/** Makes the names in a folder durable. Where folders cannot be opened (Windows), a rename is durable by itself. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  try {
    await handle?.sync();
  } catch {
    // Some file systems refuse to sync a folder; there is no other way to ask them.
  } finally {
    await handle?.close();
  }
}
