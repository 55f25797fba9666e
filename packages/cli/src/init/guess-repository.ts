import { existsSync } from 'node:fs';
import { programVersion } from '../doctor/program-version.ts';

/** A forge that a repository's address points to. */
export interface GuessedForge {
  readonly kind: 'local' | 'github' | 'gitlab' | 'gitea';
  readonly project?: string | undefined;
  /** API of a forge that is not the public one. */
  readonly url?: string | undefined;
}

/** The address tier0 uses of what git knows: `git@HOST:PATH` and `ssh://` become `https://`, since tier0 speaks no ssh. Pure. */
export function toHttpAddress(remote: string): string {
  const [, host, path] = /^(?:ssh:\/\/)?(?:[\w.-]+@)?([\w.-]+)(?::\d+\/|[:/])(.+)$/.exec(remote) ?? [];
  const isSsh = remote.startsWith('ssh://') || /^[\w.-]+@[\w.-]+:/.test(remote);
  return isSsh && host !== undefined ? `https://${host}/${path}` : remote;
}

/** The forge at an address, from the name of its host; `local` where the name says nothing. Pure. */
export function guessForge(address: string): GuessedForge {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) return { kind: 'local' };
  const project = url.pathname.replace(/^\/|\/$|\.git$/g, '').replace(/\.git$/, '');
  const host = url.hostname;
  if (host === 'github.com') return { kind: 'github', project };
  if (host === 'gitlab.com') return { kind: 'gitlab', project };
  if (/(^|[.-])gitlab[.-]/.test(host)) return { kind: 'gitlab', project, url: `${url.origin}/api/v4` };
  if (host === 'codeberg.org' || /(^|[.-])(gitea|forgejo)[.-]/.test(host)) return { kind: 'gitea', project, url: `${url.origin}/api/v1` };
  if (/(^|[.-])github[.-]/.test(host)) return { kind: 'github', project, url: `${url.origin}/api/v3` };
  return { kind: 'local' };
}

/** Where git fetches the repository around this folder from, else the folder itself; undefined outside a repository. */
export async function repositoryAround(folder: string, signal: AbortSignal): Promise<string | undefined> {
  const git = (...args: readonly string[]) => programVersion('git', ['-C', folder, ...args], signal).catch(() => undefined);
  const origin = await git('remote', 'get-url', 'origin');
  return origin === undefined || origin === '' ? await git('rev-parse', '--show-toplevel') : withoutCredentials(toHttpAddress(origin));
}

/** A remote may hold a token; a configuration must not. Pure. */
function withoutCredentials(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
}

/** The branch that a repository in a folder is on; `main` for one that is elsewhere, which nobody asks without its credentials. */
export async function branchOf(repository: string, signal: AbortSignal): Promise<string> {
  if (!existsSync(repository)) return 'main';
  return (await programVersion('git', ['-C', repository, 'symbolic-ref', '--short', 'HEAD'], signal).catch(() => '')) || 'main';
}
