import { type CallContext, Tier0Error } from '@tier0/core';
import { pullRequestDigest } from '@tier0/gitops';
import type { ClusterDuty } from '../duty/cluster-duty.ts';
import { decisionAsked } from '../duty/decision-asked.ts';
import type { DutyIncident } from '../duty/incidents.ts';

/** A person's decision on the pull request of an incident. */
export interface Decision {
  readonly decision: 'approve' | 'reject';
  /** Why; needed for a rejection. */
  readonly reason: string;
  /** Digest of the pull request as it was shown: another one by now is refused. */
  readonly shown: string;
  /** Account of the person. */
  readonly by: string;
}

/** What became of it. */
export interface DecisionOutcome {
  readonly status: 'merged' | 'waiting' | 'closed';
  /** What is still missing, one line each. */
  readonly missing: readonly string[];
}

/**
 * Hands a decision to the local forge; it merges by its own rules. Throws NOT_FOUND when nothing is asked, CONFLICT when the pull request is
 * another one by now, UNSUPPORTED where a hosted forge decides: there people use the forge itself.
 */
export async function decideOnIncident(
  { desk }: ClusterDuty,
  incident: DutyIncident,
  { decision, reason, shown, by }: Decision,
  context: CallContext,
): Promise<DecisionOutcome> {
  const asked = decisionAsked(incident);
  if (asked === undefined)
    throw new Tier0Error({ code: 'NOT_FOUND', message: 'No decision is asked of this incident.', hint: 'Look at its newest state.' });
  if (desk.people === undefined) {
    throw new Tier0Error({ code: 'UNSUPPORTED', message: 'This pull request is decided on its forge.', hint: `Go to ${asked.url}.` });
  }
  if (decision === 'reject') {
    if (reason.trim() === '')
      throw new Tier0Error({
        code: 'INVALID_INPUT',
        message: 'A rejection needs a reason.',
        hint: 'Say why: the next one learns from it.',
      });
    const now = await desk.forge.read(asked.number, context);
    if (pullRequestDigest(now) !== shown) throw changedMeanwhile(asked.number);
    await desk.people.closeByHuman(asked.number, by, reason, context);
    desk.ring();
    return { status: 'closed', missing: [] };
  }
  const settled = await desk.people.submitReview({ number: asked.number, reviewer: by, state: 'approved', body: reason, shown }, context);
  desk.ring();
  return { status: settled.status, missing: settled.status === 'waiting' ? settled.reasons : [] };
}

function changedMeanwhile(number: number): Tier0Error {
  return new Tier0Error({
    code: 'CONFLICT',
    message: `Pull request ${number} is another than the one that was shown.`,
    hint: 'Look at it again, and decide on what it is now.',
  });
}
