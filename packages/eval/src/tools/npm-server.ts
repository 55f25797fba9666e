import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program of an npm package that is installed somewhere near. */
export interface InstalledProgram {
  /** Absolute path of the JavaScript file that starts it. */
  readonly file: string;
  readonly version: string;
}

/** Looks for a package in the `node_modules` of some folders, first come first served; undefined when it is in none. */
export function installedProgram(packageName: string, bin: string, folders: readonly string[]): InstalledProgram | undefined {
  for (const folder of folders) {
    const home = join(folder, 'node_modules', packageName);
    const manifest = join(home, 'package.json');
    if (!existsSync(manifest)) continue;
    const { version, bin: bins } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string; bin?: string | Record<string, string> };
    const path = typeof bins === 'string' ? bins : bins?.[bin];
    if (path !== undefined) return { file: join(home, path), version };
  }
  return undefined;
}

/** Whether a program is on the search path. */
export function isOnPath(program: string, searchPath: string): boolean {
  const separator = process.platform === 'win32' ? ';' : ':';
  return searchPath.split(separator).some((folder) => folder !== '' && existsSync(join(folder, program)));
}
