import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const peers = createRequire(join(import.meta.dirname, '../peers/package.json'));

/**
 * Loads a peer from `bench/peers`. The caller says what it uses of it as `Api`: types must check where no peer is installed.
 * Throws MODULE_NOT_FOUND for one that is not listed there.
 */
export async function loadPeer<Api>(name: string): Promise<Api> {
  return (await import(pathToFileURL(peers.resolve(name)).href)) as Api;
}
