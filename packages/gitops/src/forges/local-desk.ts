import {
  type Approval,
  accountKey,
  type CallContext,
  type PullRequest,
  type Review,
  standingRuleOf,
  Tier0Error,
  toTimestamp,
} from '@tier0/core';
import { readMarker } from '../governance/marker.ts';
import { signStatement } from '../governance/statement.ts';
import { changePullRequest, closed, type LocalForgeOptions, mergeOptions, present } from './local.ts';
import { type SettleResult, settle } from './local-merge.ts';
import { createLocalStore } from './local-store.ts';
import { ruleUseStatement } from './protection.ts';
import { pullRequestDigest } from './pull-request-digest.ts';

/** A person's decision on a pull request, as the desk hands it in. */
export interface ReviewSubmission {
  readonly number: number;
  /** Account of the person. The desk believes it: who holds the desk acts for people. */
  readonly reviewer: string;
  readonly state: Review['state'];
  readonly body?: string | undefined;
  /** Digest of the proposal that was read. Given: the review is refused when the pull request says another one. */
  readonly digest?: string | undefined;
  /** `pullRequestDigest` of what was read. Given: the review is refused when anything of it is another by now, the last commit included. */
  readonly shown?: string | undefined;
}

/** The people's side of the local forge. Agents are given the `Forge`, never this. */
export interface LocalForgeDesk {
  /** Records the review; merges when that was the last thing missing. Throws PERMISSION_DENIED for an author's own approval. */
  submitReview(review: ReviewSubmission, context: CallContext): Promise<SettleResult>;
  /** Hands in the approval of a standing rule. Throws PERMISSION_DENIED for anything else: it cannot act for a person. */
  submitStandingApproval(number: number, approval: Approval, context: CallContext): Promise<SettleResult>;
  /** Closes the pull request unmerged, with the reason of the person who did. */
  closeByHuman(number: number, by: string, reason: string, context: CallContext): Promise<PullRequest>;
  /** Throws CONFLICT when it is merged or its branch is gone. */
  reopen(number: number, context: CallContext): Promise<PullRequest>;
  /** A draft is ready for review. */
  markReady(number: number, context: CallContext): Promise<PullRequest>;
  /** Looks again whether it may merge, and says what is missing. */
  settle(number: number, context: CallContext): Promise<SettleResult>;
}

/** Where people review, close and reopen pull requests of the local forge. Takes the same options as `createLocalForge`. */
export function createLocalForgeDesk(options: LocalForgeOptions): LocalForgeDesk {
  const { mirror } = options;
  const store = createLocalStore(mirror);
  const merging = mergeOptions(options, store);
  const submit = async (review: ReviewSubmission, context: CallContext, isRule = false) => {
    const at = toTimestamp(context.now());
    await changePullRequest(mirror, store, review.number, context, async (pullRequest) => {
      if (pullRequest.state.status !== 'open')
        throw refusal('CONFLICT', `Pull request ${review.number} is ${pullRequest.state.status}.`, 'Only open pull requests are reviewed.');
      if (review.state === 'approved' && accountKey(review.reviewer) === accountKey(pullRequest.author)) {
        throw refusal(
          'PERMISSION_DENIED',
          `${review.reviewer} opened pull request ${review.number} and cannot approve it.`,
          'Ask another owner of the changed files to review it.',
        );
      }
      const digest = readMarker(pullRequest.body)?.digest;
      if (review.digest !== undefined && review.digest !== digest) {
        throw refusal(
          'CONFLICT',
          `Pull request ${review.number} no longer has the content that was reviewed.`,
          'Read it again and review what it says now.',
        );
      }
      const commit = (await mirror.resolve(pullRequest.sourceBranch, context)) ?? pullRequest.headCommit;
      if (review.shown !== undefined && review.shown !== pullRequestDigest({ ...pullRequest, headCommit: commit })) {
        throw refusal(
          'CONFLICT',
          `Pull request ${review.number} is another than the one that was shown as ${review.shown}.`,
          'Look at it again and review what it is now.',
        );
      }
      const use = ruleUseStatement({ approver: review.reviewer, commit, digest });
      const signed = isRule && options.signer ? { signed: signStatement(use, options.signer) } : {};
      const { reviewer, state, body = '' } = review;
      // The same review again is a retry, or somebody renews an approval that is about to expire: the newer time counts, said once.
      const same = pullRequest.reviews.at(-1);
      const isAgain =
        same?.reviewer === reviewer && same.state === state && same.commit === commit && same.digest === digest && same.body === body;
      const earlier = isAgain ? pullRequest.reviews.slice(0, -1) : pullRequest.reviews;
      return { ...pullRequest, reviews: [...earlier, { reviewer, state, commit, at, body, digest, ...signed }] };
    });
    return settle(merging, review.number, context);
  };
  return {
    submitReview: async (review, context) => {
      if (!review.reviewer.startsWith('rule:')) return submit(review, context);
      throw refusal('PERMISSION_DENIED', `"${review.reviewer}" is not a person.`, 'Standing rules approve through submitStandingApproval.');
    },
    submitStandingApproval: async (number, approval, context) => {
      if (!standingRuleOf(approval))
        throw refusal('PERMISSION_DENIED', `"${approval.approver}" is not a standing rule.`, 'People review with submitReview.');
      const review = {
        number,
        reviewer: approval.approver,
        state: 'approved',
        body: approval.reason,
        digest: approval.proposalDigest,
      } as const;
      return submit(review, context, true);
    },
    async closeByHuman(number, by, reason, context) {
      const next = await changePullRequest(mirror, store, number, context, (pullRequest) => {
        if (pullRequest.state.status === 'merged') throw refusal('CONFLICT', `Pull request ${number} is merged.`, 'Revert it instead.');
        return closed(pullRequest, by, reason, context);
      });
      return present(mirror, next, context);
    },
    async reopen(number, context) {
      const next = await changePullRequest(mirror, store, number, context, async (pullRequest) => {
        if (pullRequest.state.status === 'open') return pullRequest;
        const tip = await mirror.resolve(pullRequest.sourceBranch, context);
        if (pullRequest.state.status === 'merged' || !tip) {
          throw refusal('CONFLICT', `Pull request ${number} cannot be reopened: it is merged or its branch is gone.`, 'Open a new one.');
        }
        return { ...pullRequest, headCommit: tip, state: { status: 'open' } };
      });
      return present(mirror, next, context);
    },
    async markReady(number, context) {
      const ready = await changePullRequest(mirror, store, number, context, (one) => (one.draft ? { ...one, draft: undefined } : one));
      return present(mirror, ready, context);
    },
    settle: (number, context) => settle(merging, number, context),
  };
}

function refusal(code: 'CONFLICT' | 'PERMISSION_DENIED', message: string, hint: string): Tier0Error {
  return new Tier0Error({ code, message, hint });
}
