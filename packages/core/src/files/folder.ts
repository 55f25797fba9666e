import { chmod, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileFailure } from './file-failure.ts';
import { FOLDER_MODE } from './modes.ts';

/** Makes a folder of state that only its owner may enter (0700), and the folders above it. One that is there already is closed to others. */
export async function makeStateFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
    await chmod(folder, FOLDER_MODE);
  } catch (error) {
    throw fileFailure(`make the folder ${folder}`, error);
  }
}

/** Makes the folder of a file where it is missing, its owner's only; one that is there is left as it is. */
export async function makeFolderOf(file: string): Promise<void> {
  try {
    await makeFolders(dirname(file));
  } catch (error) {
    throw fileFailure(`make the folder ${dirname(file)}`, error);
  }
}

/** One level after the other: `mkdir` of Node itself never returns below a folder that takes no entries, such as `/proc`. */
async function makeFolders(folder: string): Promise<void> {
  const error = await mkdir(folder, { mode: FOLDER_MODE }).then(
    () => undefined,
    (cause: NodeJS.ErrnoException) => cause,
  );
  if (error === undefined) return;
  if (error.code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
  const above = dirname(folder);
  const isAboveThere = await stat(above).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (error.code !== 'ENOENT' || isAboveThere || above === folder) throw error;
  await makeFolders(above);
  await mkdir(folder, { mode: FOLDER_MODE }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST') throw cause;
  });
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
