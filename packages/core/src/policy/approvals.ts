import type { Approval } from '../model/approval.ts';
import { accountKey, standingRuleOf } from '../model/approval.ts';
import { type ChangeProposal, proposalDigest } from '../model/change-proposal.ts';
import type { PolicyDecision } from '../model/policy-decision.ts';

/** All that a judgement of approvals depends on; nothing else is looked up. */
export interface ApprovalFacts {
  readonly proposal: ChangeProposal;
  readonly decision: PolicyDecision;
  readonly approvals: readonly Approval[];
  /** Members by group, from CODEOWNERS or the catalog. */
  readonly members: Readonly<Record<string, readonly string[]>>;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Whether the approvals are enough, which of them count, and why the others do not. */
export interface ApprovalVerdict {
  readonly satisfied: boolean;
  readonly counted: readonly Approval[];
  /** One line per approval that does not count, and one for what is missing. */
  readonly reasons: readonly string[];
}

/** Which approvals count: bound to this digest, not expired, not by the author, from the right group, one per person. */
export function judgeApprovals(facts: ApprovalFacts): ApprovalVerdict {
  const counted = new Map<string, Approval>();
  const reasons: string[] = [];
  for (const approval of facts.approvals) {
    const flaw = approvalFlaw(approval, facts);
    if (flaw) reasons.push(`${approval.approver}: ${flaw}`);
    else counted.set(standingRuleOf(approval) ? approval.approver : accountKey(approval.approver), approval);
  }
  const needed = facts.decision.effect === 'allow' ? 0 : facts.decision.requiredApprovals;
  const satisfied = facts.decision.effect !== 'deny' && counted.size >= needed;
  if (facts.decision.effect === 'deny') reasons.push('the policy denies this change, approvals cannot override it');
  else if (!satisfied)
    reasons.push(`${counted.size} of ${needed} approvals from ${facts.decision.approverGroup ?? 'anybody but the author'}`);
  return { satisfied, counted: [...counted.values()], reasons };
}

/** Whether the approvals satisfy the decision. */
export function isApproved(facts: ApprovalFacts): boolean {
  return judgeApprovals(facts).satisfied;
}

function approvalFlaw(approval: Approval, facts: ApprovalFacts): string | undefined {
  const { proposal, decision, members, nowMs } = facts;
  if (proposalDigest(proposal) !== proposal.digest) return 'the proposal was changed after it was sealed';
  if (approval.proposalDigest !== proposal.digest) return 'approved another content than this one';
  if (Date.parse(approval.expiresAt) <= nowMs) return `the approval expired at ${approval.expiresAt}`;
  if (accountKey(approval.approver) === accountKey(proposal.author)) return 'the author cannot approve their own change';
  if (standingRuleOf(approval) || !decision.approverGroup) return undefined;
  const group = members[decision.approverGroup];
  if (!group) return `the members of ${decision.approverGroup} are not known`;
  return group.some((member) => accountKey(member) === accountKey(approval.approver))
    ? undefined
    : `is not a member of ${decision.approverGroup}`;
}
