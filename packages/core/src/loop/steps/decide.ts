import { Tier0Error } from '../../errors/tier0-error.ts';
import type { ChangeProposal } from '../../model/change-proposal.ts';
import type { JsonValue } from '../../model/json-value.ts';
import type { ApprovalResult } from '../../ports/approval-source.ts';
import type { ProposalResult } from '../../ports/proposal-writer.ts';
import { isProposed } from '../incident-state.ts';
import { audit, resultOf, type Step, type StepContext } from './step.ts';

/** Waits until the forge merged, or somebody said no. */
export const decide: Step<'decide'> = async (step) => {
  const { proposal } = resultOf(step, 'gate');
  return decideOn(step, proposal, resultOf(step, 'propose').result);
};

/** The same for the pull request that takes the change back. */
export const decideRevert: Step<'decide-revert'> = async (step) => {
  const { proposal } = resultOf(step, 'gate');
  return decideOn(step, proposal, resultOf(step, 'revert').result);
};

async function decideOn(step: StepContext, proposal: ChangeProposal, proposed: ProposalResult): Promise<ApprovalResult> {
  const { ports, context } = step;
  const { gate } = resultOf(step, 'gate');
  if (!isProposed(proposed)) throw noPullRequest(proposed.reason);
  const { pullRequest } = proposed;
  const standingApproval = step.route.step === 'decide' ? gate.standingApproval : undefined;
  const result = await ports.approvals.decide(
    { proposal, pullRequest, decision: gate.decision, standingApproval, timeoutMs: timeLeftMs(step) },
    context,
  );
  const uncounted = result.status === 'merged' && result.approvals.length === 0;
  const actor = result.status === 'merged' ? result.approvals.map((approval) => approval.approver).join(', ') : actorOf(result);
  await audit(step, {
    actor: actor || 'unknown',
    action: uncounted ? 'merged-without-counted-approval' : result.status,
    subject: pullRequest.url,
    detail: detailOf(result, proposal, gate.trust),
  });
  return result;
}

/** People have their time from when they were asked, however often the waiting is interrupted. */
function timeLeftMs({ state, settings, context, route }: StepContext): number {
  const askedAt = state.doneAt[route.step === 'decide' ? 'propose' : 'revert'];
  const waitedMs = askedAt === undefined ? 0 : Math.max(0, context.now() - Date.parse(askedAt));
  return Math.max(0, settings.approvalTimeoutMs - waitedMs);
}

function actorOf(result: Exclude<ApprovalResult, { status: 'merged' }>): string {
  return result.status === 'rejected' ? result.by : 'nobody';
}

function detailOf(result: ApprovalResult, proposal: ChangeProposal, trust: readonly string[]): Readonly<Record<string, JsonValue>> {
  if (result.status !== 'merged') return { reason: result.reason };
  const reasons = result.approvals.flatMap((approval) => (approval.reason ? [approval.reason] : []));
  return { commit: result.commit, digest: proposal.digest, approvals: result.approvals.length, reasons, trust };
}

function noPullRequest(reason: string): Tier0Error {
  return new Tier0Error({
    code: 'INTERNAL',
    message: `There is no pull request to decide on: ${reason}.`,
    hint: 'The incident record is out of order.',
  });
}
