import { digestOf, type PullRequest } from '@tier0/core';

/**
 * What a person saw of a pull request, in 16 hexadecimal digits: its last commit, which holds every byte and every commit before it, where it
 * goes, and what it says about itself. An approval that names it is an approval of that and of nothing that comes after.
 */
export function pullRequestDigest(shown: Pick<PullRequest, 'number' | 'headCommit' | 'targetBranch' | 'title' | 'body'>): string {
  const { number, headCommit, targetBranch, title, body } = shown;
  return digestOf([number, headCommit, targetBranch, title, body]).slice(0, 16);
}
