import { resolve as resolvePath } from 'node:path';
import { Tier0Error } from '@tier0/core';

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
/** Parts that git never writes into a tree. */
const LEAVES_TREE = /(?:^|\/)(?:\.{0,2}|\.git)(?:\/|$)/i;
const SAFE_REF = /^refs\/[\w@][\w./@+-]*$/;

/** Whether it is a whole object id, SHA-1 or SHA-256. */
export function isCommitId(text: string): boolean {
  return COMMIT.test(text);
}

/** A name or address as it may stand in a commit. */
export function plainName(name: string): string {
  return name.replace(/[<>\n\0]/g, '').trim();
}

/** Throws INVALID_INPUT for a path that leaves the repository or reaches into git's own folder. */
export function checkPath(path: string): void {
  if (!LEAVES_TREE.test(path)) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${JSON.stringify(path)} is not a path inside a repository.`,
    hint: 'Name files from the repository root, with `/`, without `..`.',
  });
}

/** Throws INVALID_INPUT for a path of a tree that no git command would have made: it is there to be written somewhere else. */
export function refuseHostileTree(path: string): void {
  if (!LEAVES_TREE.test(path)) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The repository holds a tree with the path ${JSON.stringify(path.slice(0, 200))}, which leaves its folder.`,
    hint: 'Somebody made it by hand: find the commit with "git fsck --full" and who pushed it. Nothing is read from this repository.',
  });
}

/** A path as a whole one, so that it means the same in every folder that git is run in; a URL and `host:path` stay as they are. */
export function repositoryAddress(url: string): string {
  // A drive letter is no host.
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) || /^[^/\\]{2,}:/.test(url);
  return isAddress ? url : resolvePath(url);
}

/** Throws INVALID_INPUT without repeating them. */
export function refuseCredentials(url: string): void {
  if (!/^[a-z+]+:\/\/[^/@]*@/i.test(url)) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: 'The repository URL holds credentials.',
    hint: 'Leave them out of the URL and pass the HTTP Authorization header as `authorization`.',
  });
}

/** Throws INVALID_INPUT for what is not a full ref name, or could be taken for an option or another ref. */
export function checkRef(ref: string): void {
  if (SAFE_REF.test(ref) && !/\.\.|\/\/|\.lock(?:\/|$)|[./]$/.test(ref)) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${ref}" is not a ref name.`,
    hint: 'Use letters, digits and ./-_@+ in branch names.',
  });
}
