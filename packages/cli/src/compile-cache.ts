import * as module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Lets Node keep what it compiled for the next start, in the user's own cache folder (XDG Base Directory Specification), never in a shared
 * one: compiled code is code. Where it cannot be written, each start compiles anew. `NODE_COMPILE_CACHE` and `NODE_DISABLE_COMPILE_CACHE`
 * are Node's own and win.
 */
export function keepCompiledCode({ XDG_CACHE_HOME, NODE_COMPILE_CACHE }: Readonly<Record<string, string | undefined>>): void {
  if (NODE_COMPILE_CACHE !== undefined) return;
  const caches = XDG_CACHE_HOME?.startsWith('/') ? XDG_CACHE_HOME : join(homedir(), '.cache');
  module.enableCompileCache?.(join(caches, 'tier0', 'compiled'));
}
