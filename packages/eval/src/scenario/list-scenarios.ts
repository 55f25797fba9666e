import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What tells that a folder is a scenario or a recording: what is true of it. */
const TRUTHS = ['expected.yaml', 'expected.json'];

/** Shelves within shelves that are looked through. */
const MAX_DEPTH = 3;

/** Every scenario and recording below a folder, on whatever shelf it lies, sorted by name. A folder that is not there holds none. */
export function listScenarios(directory: string): readonly string[] {
  return [...foldersIn(directory, MAX_DEPTH)].sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
}

function foldersIn(directory: string, depth: number): readonly string[] {
  if (depth === 0 || !existsSync(directory)) return [];
  const folders = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name }) => {
    const folder = join(directory, name);
    return TRUTHS.some((file) => existsSync(join(folder, file))) ? [folder] : foldersIn(folder, depth - 1);
  });
}
