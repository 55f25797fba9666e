import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Tier0Error } from '@tier0/core';
import type { Recording } from './tools/recording.ts';
import { readRecording } from './tools/replay.ts';

/** Where the data lies, seen from the built `dist/*.js` and from this file in `src/`. */
const PLACES = ['../data', '../../data'];

/** The folder of the data that ships with this package. Throws NOT_FOUND when the package is not whole. */
export function dataFolder(): string {
  const found = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((folder) =>
    existsSync(join(folder, 'capabilities.yaml')),
  );
  if (found !== undefined) return found;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: 'The data folder is missing from the package @tier0/eval.',
    hint: 'Install the package again; its files list holds the folder data.',
  });
}

/** The tool files that ship with this package. */
export function toolFilesOfPackage(): readonly string[] {
  return filesIn('tools', '.yaml');
}

/** The recordings that ship with this package. */
export async function readRecordings(): Promise<readonly Recording[]> {
  return await Promise.all(filesIn('recordings', '.json').map(readRecording));
}

function filesIn(folder: string, ending: string): readonly string[] {
  const home = join(dataFolder(), folder);
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(home, name));
}
