import type { CallContext, ChangeProposal, ProposalResult, ProposalWriter, Ticket } from '@tier0/core';

/** A loan whose time is over, and what became of its lasting fix. */
export interface ExpiryRequest {
  readonly proposal: ChangeProposal;
  /** The commit that merged it. */
  readonly mergeCommit: string;
  /** Status of the ticket that asks for the lasting fix; undefined when there is none. */
  readonly followUpStatus?: Ticket['status'] | undefined;
}

/** Opens the pull request that takes a loan back when its time is over, unless the lasting fix is in. Safe to call again at any time. */
export async function takeBackExpired(writer: ProposalWriter, request: ExpiryRequest, context: CallContext): Promise<ProposalResult> {
  const { proposal, mergeCommit, followUpStatus } = request;
  if (!proposal.expiresAt) return { status: 'no-change', reason: 'the change is not a loan: it has no expiry' };
  if (followUpStatus === 'fixed') return { status: 'no-change', reason: 'the lasting fix is in, the change stays' };
  if (context.now() < Date.parse(proposal.expiresAt)) return { status: 'no-change', reason: `it runs until ${proposal.expiresAt}` };
  const reason = `The change was a loan until ${proposal.expiresAt}, and its follow-up is ${followUpStatus ?? 'not known'}, not fixed.`;
  return writer.revert({ proposal, mergeCommit, reason }, context);
}
