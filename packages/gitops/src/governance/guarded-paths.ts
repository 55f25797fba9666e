import type { Policy } from '@tier0/core';

/** Files that decide about changes, by every forge's name for them. */
const ALWAYS = /^(?:\.tier0|\.github|\.gitlab|\.gitea|\.forgejo|\.git)(?:\/|$)|(?:^|\/)CODEOWNERS$/i;

/**
 * Whether a path says who decides: no proposal may touch it, and no standing rule may approve a change of it. Besides the well-known ones
 * these are the paths that the policy takes membership from.
 */
export function isGuarded(path: string, policy?: Policy): boolean {
  return ALWAYS.test(path) || (policy?.membership ?? []).some((guarded) => isWithin(path, guarded));
}

/** Whether a path is the file, or lies in the folder, that `place` names. */
export function isWithin(path: string, place: string): boolean {
  const bare = place.replace(/^\/+|\/+$/g, '').toLowerCase();
  const low = path.toLowerCase();
  return bare !== '' && (low === bare || low.startsWith(`${bare}/`));
}
