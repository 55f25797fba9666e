import { type CallContext, type ChangeProposal, digestOf, formatFieldPath, type PullRequest } from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import { trailerOf } from '../governance/key.ts';
import { readMarker } from '../governance/marker.ts';

/** Short digests of the fields a proposal changes, whatever the values: what two pull requests must not both be about. */
export function fieldsOf(proposal: ChangeProposal): readonly string[] {
  const { repository, baseBranch } = proposal;
  const digests = proposal.edits.map((edit) =>
    digestOf([repository, baseBranch, edit.file, edit.document, formatFieldPath(edit.path)]).slice(0, 12),
  );
  return [...new Set(digests)].sort();
}

/** An open pull request of ours that is about a same field, with what decides between the two. */
export interface Rival {
  readonly pullRequest: PullRequest;
  readonly incident: string | undefined;
  /** When its proposal was made. ISO 8601. */
  readonly createdAt: string;
}

/** The other ones of `open` that touch one of the fields. */
export async function rivalsOf(
  mirror: Mirror,
  open: readonly PullRequest[],
  mine: { readonly key: string; readonly fields: readonly string[] },
  context: CallContext,
): Promise<readonly Rival[]> {
  const others = open.filter((one) => one.key !== mine.key && readMarker(one.body)?.fields.some((field) => mine.fields.includes(field)));
  return Promise.all(
    others.map(async (pullRequest) => {
      const known = await mirror.resolve(pullRequest.headCommit, context);
      const facts = known ? await mirror.readCommit(known, context) : undefined;
      return { pullRequest, incident: facts && trailerOf(facts.message, 'Tier0-Incident'), createdAt: facts?.date ?? '' };
    }),
  );
}

/** Whether a rival of the same incident was proposed later, so that it is the one that counts. */
export function isNewer(rival: Rival, mine: { readonly createdAt: string; readonly key: string }): boolean {
  const difference = Date.parse(rival.createdAt) - Math.floor(Date.parse(mine.createdAt) / 1000) * 1000;
  return difference === 0 ? rival.pullRequest.key > mine.key : difference > 0;
}
