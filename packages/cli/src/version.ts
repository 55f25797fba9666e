import { readFile } from 'node:fs/promises';

/** Version of the `tier0` command, from its package. */
export async function versionOf(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}
