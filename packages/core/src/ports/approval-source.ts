import type { Approval } from '../model/approval.ts';
import type { ChangeProposal } from '../model/change-proposal.ts';
import type { PolicyDecision } from '../model/policy-decision.ts';
import type { CallContext } from './adapter.ts';
import type { PullRequest } from './forge.ts';

/** How a pull request was decided. */
export type ApprovalResult =
  | { readonly status: 'merged'; readonly approvals: readonly Approval[]; readonly commit: string }
  | { readonly status: 'rejected'; readonly by: string; readonly reason: string }
  | { readonly status: 'timed-out'; readonly reason: string };

/** Where approvals come from. Waiting for people is waiting; no answer is never a yes. */
export interface ApprovalSource {
  /** Resolves when the forge has merged, or somebody rejected, or `timeoutMs` have passed. Approvals that do not count are ignored and named. */
  decide(
    request: {
      readonly proposal: ChangeProposal;
      readonly pullRequest: PullRequest;
      readonly decision: PolicyDecision;
      /** An approval by a standing rule, handed to the forge as a review; the forge's own rules decide whether it counts. */
      readonly standingApproval?: Approval | undefined;
      readonly timeoutMs: number;
    },
    context: CallContext,
  ): Promise<ApprovalResult>;
}
