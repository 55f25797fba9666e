import {
  type Approval,
  type ApprovalResult,
  type ApprovalSource,
  type ApprovalVerdict,
  accountKey,
  type CallContext,
  type Forge,
  judgeApprovals,
  type PullRequest,
  pause,
  type Review,
  toTier0Error,
  toTimestamp,
} from '@tier0/core';
import type { SettleResult } from '../forges/local-merge.ts';
import type { Mirror } from '../git/mirror.ts';
import { type Members, withEverySpelling, withoutAt } from '../governance/code-owners.ts';
import { approvalValidMsOf, type PolicyReading, readPolicy } from '../governance/policy-file.ts';
import { resolveBase } from '../proposal/plan.ts';
import { GATE_STATUS } from '../proposal/writer.ts';

/** Where reviews are read, who belongs to which group, and how long an approval lasts. */
export interface ForgeApprovalsOptions {
  readonly forge: Forge;
  /** Accounts by group, for the group that the policy asks. */
  readonly members: Members;
  /** Real milliseconds between two looks at the forge. Default 5,000. */
  readonly pollMs?: number | undefined;
  /** Waits between two looks; may come back early, e.g. when the forge's webhook rang. Default: waits as long as it is told. */
  readonly rest?: ((milliseconds: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** Where `.tier0/policy.yaml` is read, at every look, for how long an approval stays valid. Without it 24 hours. */
  readonly mirror?: Mirror | undefined;
  /** Milliseconds an approval stays valid, where that is shorter than the policy allows. */
  readonly approvalValidMs?: number | undefined;
  /** Hands a standing rule's approval to the forge as a review, where the forge knows such a thing. */
  readonly submitStandingApproval?: ((number: number, approval: Approval, context: CallContext) => Promise<SettleResult>) | undefined;
}

/** Looks that may fail in a row before the waiting fails. */
const FAILED_LOOKS = 3;

type DecideRequest = Parameters<ApprovalSource['decide']>[0];

/** Waits for people (and standing rules) to decide on the forge. It counts and names; merging is the forge's. */
export function createForgeApprovals(options: ForgeApprovalsOptions): ApprovalSource {
  return {
    async decide(request, context) {
      const startedAt = context.now();
      const notes = await handInStandingApproval(options, request, context);
      for (let failures = 0; ; ) {
        context.signal.throwIfAborted();
        const look = await lookOnce(options, request, context).catch((error: unknown) => {
          // A forge that stumbles once in a day of waiting is no reason to stop waiting.
          if (!toTier0Error(error).retryable || ++failures >= FAILED_LOOKS || context.signal.aborted) throw error;
          return undefined;
        });
        if (look === undefined) {
          await (options.rest ?? pause)(options.pollMs ?? 5_000, context.signal);
          continue;
        }
        failures = 0;
        if ('status' in look) return look;
        if (context.now() - startedAt >= request.timeoutMs) return { status: 'timed-out', reason: [...notes, ...look.reasons].join('; ') };
        await (options.rest ?? pause)(options.pollMs ?? 5_000, context.signal);
      }
    },
  };
}

/** A forge that refuses it, or takes it and does not count it, leaves the decision to people; why is said if nobody decides. */
async function handInStandingApproval(
  options: ForgeApprovalsOptions,
  request: DecideRequest,
  context: CallContext,
): Promise<readonly string[]> {
  const { standingApproval, pullRequest } = request;
  if (!standingApproval) return [];
  if (!options.submitStandingApproval)
    return [`${standingApproval.approver} approved, but this forge takes no approvals by standing rules`];
  const state = (await options.forge.read(pullRequest.number, context)).state;
  if (state.status !== 'open') return [];
  try {
    const settled = await options.submitStandingApproval(pullRequest.number, standingApproval, context);
    return settled.status === 'waiting' ? settled.reasons.map((reason) => `the forge says: ${reason}`) : [];
  } catch (error) {
    const known = toTier0Error(error);
    if (known.retryable || known.code === 'INTERNAL') throw known;
    return [`the forge refused the approval of ${standingApproval.approver}: ${known.message}`];
  }
}

async function lookOnce(
  options: ForgeApprovalsOptions,
  request: DecideRequest,
  context: CallContext,
): Promise<ApprovalResult | ApprovalVerdict> {
  const { forge } = options;
  const pullRequest = await forge.read(request.pullRequest.number, context);
  const reviews = newestReviews(await forge.reviews(pullRequest.number, context));
  const { state } = pullRequest;
  if (state.status === 'closed')
    return { status: 'rejected', by: state.by, reason: state.reason || `${state.by} closed ${pullRequest.url}` };
  const reading = await readPolicyOf(options, pullRequest, context);
  const validMs = approvalValidMsOf(reading, options.approvalValidMs);
  if (state.status === 'merged') {
    const verdict = judge(options, request, { pullRequest, reviews, validMs, nowMs: Date.parse(state.at) });
    return { status: 'merged', approvals: verdict.counted, commit: state.commit };
  }
  const objection = reviews.find(
    (review) => review.state === 'changes-requested' && accountKey(review.reviewer) !== accountKey(request.proposal.author),
  );
  if (objection) return { status: 'rejected', by: objection.reviewer, reason: objection.body || 'changes were requested' };
  const verdict = judge(options, request, { pullRequest, reviews, validMs, nowMs: context.now() });
  if (reading?.status === 'malformed') return { ...verdict, satisfied: false, reasons: [...verdict.reasons, reading.reason] };
  if (verdict.satisfied && pullRequest.headCommit === request.pullRequest.headCommit) {
    const description = request.decision.reasons[0] ?? 'approved';
    await forge.status(pullRequest.headCommit, { context: GATE_STATUS, state: 'success', description: description.slice(0, 140) }, context);
  }
  return verdict;
}

async function readPolicyOf(
  { mirror }: ForgeApprovalsOptions,
  pullRequest: PullRequest,
  context: CallContext,
): Promise<PolicyReading | undefined> {
  if (!mirror) return undefined;
  await mirror.fetch(context);
  return readPolicy(mirror, await resolveBase(mirror, pullRequest.targetBranch, context), context);
}

interface Seen {
  readonly pullRequest: PullRequest;
  readonly reviews: readonly Review[];
  /** Milliseconds an approval stays valid. */
  readonly validMs: number;
  readonly nowMs: number;
}

/** The commit is a function of the proposal, so a review of that commit is an approval of that digest; of another commit it is not. */
function judge(options: ForgeApprovalsOptions, request: DecideRequest, seen: Seen): ApprovalVerdict {
  const { proposal, decision, pullRequest } = request;
  const approvals = seen.reviews
    .filter((review) => review.state === 'approved')
    .map((review): Approval => {
      const isBound = review.commit === pullRequest.headCommit;
      const expiresAt = toTimestamp(Date.parse(review.at) + seen.validMs);
      const reason = review.body ? { reason: review.body } : {};
      return {
        approver: withoutAt(review.reviewer),
        proposalDigest: isBound ? proposal.digest : '0'.repeat(64),
        at: review.at,
        expiresAt,
        ...reason,
      };
    });
  return judgeApprovals({ proposal, decision, approvals, members: withEverySpelling(options.members), nowMs: seen.nowMs });
}

/** The last word of each reviewer; a comment takes nothing back. */
function newestReviews(reviews: readonly Review[]): readonly Review[] {
  const newest = new Map<string, Review>();
  for (const review of reviews) if (review.state !== 'commented') newest.set(accountKey(review.reviewer), review);
  return [...newest.values()];
}
