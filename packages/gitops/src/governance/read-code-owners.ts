import type { CallContext } from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import { CODEOWNERS_PATHS, type CodeOwners, parseCodeOwners } from './code-owners.ts';

/** The CODEOWNERS of a commit; undefined when it has none. Always read from the base branch: a change cannot choose its owners. */
export async function readCodeOwners(mirror: Mirror, commit: string, context: CallContext): Promise<CodeOwners | undefined> {
  const found = await mirror.findFiles(commit, CODEOWNERS_PATHS, context);
  const first = CODEOWNERS_PATHS.map((path) => found.find((file) => file.path === path)).find((file) => file?.mode.startsWith('100'));
  const bytes = first && (await mirror.readBlobs([first.blob], context)).get(first.blob);
  return bytes && parseCodeOwners(Buffer.from(bytes).toString('utf8'));
}
