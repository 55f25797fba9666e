import type { CallContext, ChangeProposal, ProposalResult } from '@tier0/core';
import type { CommitFacts, CommitRequest, Mirror } from '../git/mirror.ts';
import type { CommitSigner } from '../git/sign.ts';
import { branchOf, type CommitAuthor, revertKey, titleOf, trailerOf } from '../governance/key.ts';
import { oneLine } from '../governance/markdown.ts';
import { fieldsOf } from './field-set.ts';
import type { Work } from './publish.ts';
import { renderRevertBody } from './render.ts';
import { GATE_STATUS } from './writer.ts';

const REVERTS = 'Tier0-Reverts';

export interface RevertRequest {
  readonly proposal: ChangeProposal;
  readonly mergeCommit: string;
  readonly reason: string;
  readonly author: CommitAuthor;
  readonly signer?: CommitSigner | undefined;
}

/** The work that restores the bytes from before a merge; a value when there is nothing to restore or it is not ours to restore. */
export async function planRevert(mirror: Mirror, request: RevertRequest, context: CallContext): Promise<Work | ProposalResult> {
  const { proposal, mergeCommit, reason } = request;
  await mirror.fetch(context);
  const merge = (await mirror.resolve(mergeCommit, context)) ? await mirror.readCommit(mergeCommit, context) : undefined;
  const before = merge?.parents[0];
  if (!merge || !before) return { status: 'refused', reason: `there is no merge ${mergeCommit} to take back` };
  const trailer = await trailersOf(mirror, merge, context);
  if (trailer(REVERTS))
    return { status: 'refused', reason: `${mergeCommit.slice(0, 12)} is itself a revert; people decide what comes next` };
  if (trailer('Tier0-Proposal') !== proposal.digest)
    return { status: 'refused', reason: `${mergeCommit.slice(0, 12)} did not merge this proposal` };
  const files = [...new Set(proposal.edits.map((edit) => edit.file))];
  const key = revertKey(proposal, mergeCommit);
  const message = `Revert: ${titleOf(proposal.title)}\n\n${oneLine(reason)}\n\nTier0-Incident: ${oneLine(proposal.incident)}\nTier0-Key: ${key}\n${REVERTS}: ${mergeCommit}\n`;
  return {
    key,
    branch: branchOf(proposal.incident, key, 'revert'),
    baseBranch: proposal.baseBranch,
    author: proposal.author,
    incident: oneLine(proposal.incident),
    createdAt: merge.date,
    title: `Revert: ${titleOf(proposal.title)}`.slice(0, 128),
    body: renderRevertBody({ proposal, mergeCommit, reason, key }),
    reviewers: [],
    labels: ['tier0', 'tier0/revert'],
    status: { context: GATE_STATUS, state: 'success', description: 'restores the bytes from before the change' },
    fields: fieldsOf(proposal),
    isLimited: false,
    async plan(base) {
      const restored = await restoredFiles(mirror, { files, before, mergeCommit, base }, context);
      if ('status' in restored) return restored;
      return { parents: [base], files: restored.files, message, author: request.author, date: merge.date, signer: request.signer };
    },
  };
}

/** Trailers of a merge, or of the commit it merged: most forges write merge messages of their own. */
async function trailersOf(mirror: Mirror, merge: CommitFacts, context: CallContext): Promise<(name: string) => string | undefined> {
  const merged = merge.parents[1] ? await mirror.readCommit(merge.parents[1], context) : undefined;
  return (name) => trailerOf(merge.message, name) ?? (merged && trailerOf(merged.message, name));
}

type Restored =
  | { readonly files: CommitRequest['files'] }
  | { readonly status: 'precondition-failed' | 'no-change'; readonly reason: string };

/** Old bytes of each file, if the base still holds exactly what the merge put there. */
async function restoredFiles(
  mirror: Mirror,
  at: { readonly files: readonly string[]; readonly before: string; readonly mergeCommit: string; readonly base: string },
  context: CallContext,
): Promise<Restored> {
  const files = new Map<string, Uint8Array | undefined>();
  for (const path of at.files) {
    const [old, merged, now] = await Promise.all(
      [at.before, at.mergeCommit, at.base].map((commit) => mirror.readFile(commit, path, context)),
    );
    if (sameBytes(now, old)) continue;
    if (!sameBytes(now, merged))
      return { status: 'precondition-failed', reason: `${path} was changed again since; restoring it would undo that work` };
    files.set(path, old);
  }
  return files.size > 0 ? { files } : { status: 'no-change', reason: 'the old bytes are already back' };
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;
}
