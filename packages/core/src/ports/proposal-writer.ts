import type { ChangeProposal } from '../model/change-proposal.ts';
import type { CallContext } from './adapter.ts';
import type { PullRequest } from './forge.ts';
import type { GateReport } from './gate.ts';

/** What became of a proposal. Expected results are values; a retry that finds its own work says `adopted`. */
export type ProposalResult =
  | { readonly status: 'created' | 'adopted' | 'updated'; readonly pullRequest: PullRequest; readonly diff: string }
  | { readonly status: 'no-change'; readonly reason: string }
  | { readonly status: 'refused'; readonly reason: string }
  | { readonly status: 'precondition-failed'; readonly reason: string }
  | { readonly status: 'human-edited'; readonly reason: string }
  | { readonly status: 'closed-by-human'; readonly reason: string }
  | { readonly status: 'limit-reached'; readonly reason: string };

/** Writes pull requests that change exactly the edits, exactly once. */
export interface ProposalWriter {
  /** The unified diff the proposal would make, without writing anything. */
  preview(proposal: ChangeProposal, context: CallContext): Promise<ProposalResult | { readonly status: 'preview'; readonly diff: string }>;
  /** Opens the pull request of an assessed proposal. A second call finds the first one's work. */
  propose(request: { readonly proposal: ChangeProposal; readonly gate: GateReport }, context: CallContext): Promise<ProposalResult>;
  /** Opens the pull request that takes a merged proposal back: the touched paths only, precondition checked. */
  revert(
    request: { readonly proposal: ChangeProposal; readonly mergeCommit: string; readonly reason: string },
    context: CallContext,
  ): Promise<ProposalResult>;
}
