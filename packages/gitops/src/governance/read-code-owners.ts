import type { CallContext } from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import { type CodeOwners, type CodeOwnersDialect, codeOwnersPaths, dialectOfPath, parseCodeOwners } from './code-owners.ts';

/**
 * The CODEOWNERS of a commit; undefined when it has none. Always read from the base branch: a change cannot choose its owners. Where the
 * forge is not known, the places of all are looked through.
 */
export async function readCodeOwners(
  mirror: Mirror,
  at: { readonly commit: string; readonly dialect?: CodeOwnersDialect | undefined },
  context: CallContext,
): Promise<CodeOwners | undefined> {
  const paths = codeOwnersPaths(at.dialect);
  const found = await mirror.findFiles(at.commit, paths, context);
  const first = paths.map((path) => found.find((file) => file.path === path)).find((file) => file?.mode.startsWith('100'));
  const bytes = first && (await mirror.readBlobs([first.blob], context)).get(first.blob);
  return bytes && parseCodeOwners(Buffer.from(bytes).toString('utf8'), at.dialect ?? dialectOfPath(first.path));
}
