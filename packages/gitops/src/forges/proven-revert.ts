import type { CallContext } from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import { trailerOf } from '../governance/key.ts';

/** A pull request as its commits show it. */
export interface RevertCandidate {
  readonly head: string;
  readonly base: string;
  /** Paths that the pull request changes. */
  readonly touched: readonly string[];
}

/**
 * Whether a pull request does nothing but take a merged change back: it names the merge, which the base contains, and each path it touches
 * gets the very bytes (or absence) from before that merge. What it says of itself is never enough.
 */
export async function isProvenRevert(mirror: Mirror, { head, base, touched }: RevertCandidate, context: CallContext): Promise<boolean> {
  const named = trailerOf((await mirror.readCommit(head, context)).message, 'Tier0-Reverts');
  if (!named || !/^[0-9a-f]{40,64}$/.test(named) || touched.length === 0) return false;
  if (!(await mirror.isAncestor(named, base, context))) return false;
  const [before] = (await mirror.readCommit(named, context)).parents;
  if (!before) return false;
  const changedThen = new Set(await mirror.changedPaths(before, named, context));
  if (!touched.every((path) => changedThen.has(path))) return false;
  const [then, now] = await Promise.all([before, head].map((commit) => mirror.findFiles(commit, touched, context)));
  const blobs = (files: typeof then) => touched.map((path) => files?.find((file) => file.path === path)?.blob ?? 'absent').join(' ');
  return blobs(then) === blobs(now);
}
