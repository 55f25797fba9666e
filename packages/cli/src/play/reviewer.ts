import {
  type CallContext,
  type ChangeProposal,
  type IncidentEntry,
  isProposed,
  type PolicyDecision,
  type PullRequest,
  toTier0Error,
} from '@tier0/core';
import type { LocalForgeDesk } from '@tier0/gitops';
import type { Environment } from '../environment.ts';
import { markdownPage } from '../terminal/markdown-page.ts';
import type { Narrator } from './narrator.ts';

/** The people's side of a pull request. It is no part of the loop: it sees the forge and nothing else. */
export interface Reviewer {
  /** Called for every entry, also for those of an interrupted run; acts when a pull request waits for people. */
  onEntry(entry: IncidentEntry): void;
  /** Resolves when all reviews that were begun are done. */
  settled(): Promise<void>;
}

export interface ReviewerOptions {
  readonly desk: LocalForgeDesk;
  /** Account that reviews first. */
  readonly account: string;
  /** Who else is in a group, for a change that the policy asks several approvals of. */
  readonly membersOf: (group: string) => readonly string[];
  /** Asks a person, for each account; absent: the scripted roles approve. */
  readonly environment?: Environment | undefined;
  readonly narrator: Narrator;
  readonly context: CallContext;
}

/** Reviews each pull request once, as the scripted role or by asking. */
export function createReviewer(options: ReviewerOptions): Reviewer {
  let work: Promise<void> = Promise.resolve();
  let proposal: ChangeProposal | undefined;
  let decision: PolicyDecision | undefined;
  let ruleDecides = false;
  return {
    onEntry(entry) {
      if (entry.phase !== 'done') return;
      if (entry.step === 'gate') {
        proposal = entry.result.proposal;
        decision = entry.result.gate.decision;
        ruleDecides = entry.result.gate.standingApproval !== undefined || entry.result.gate.decision.effect === 'allow';
      }
      if (entry.step !== 'propose' && entry.step !== 'revert') return;
      const { result } = entry.result;
      if (!isProposed(result) || !proposal || (entry.step === 'propose' && ruleDecides)) return;
      const accounts = reviewersFor(options, proposal.author, decision);
      const wanted = { pullRequest: result.pullRequest, digest: proposal.digest, accounts, needed: decision?.requiredApprovals ?? 1 };
      work = work.then(() => reviewAll(options, wanted));
    },
    settled: () => work,
  };
}

/** The first account, and colleagues of the group that is asked, as many as the policy wants to approve. */
function reviewersFor({ account, membersOf }: ReviewerOptions, author: string, decision: PolicyDecision | undefined): readonly string[] {
  const colleagues = decision?.approverGroup === undefined ? [] : membersOf(decision.approverGroup);
  const others = colleagues.filter((one) => one !== account && one !== author);
  return [account, ...others].slice(0, Math.max(1, decision?.requiredApprovals ?? 1));
}

/** A pull request that waits for people. */
interface Wanted {
  readonly pullRequest: PullRequest;
  readonly digest: string;
  readonly accounts: readonly string[];
  /** Approvals that the policy asks for. */
  readonly needed: number;
}

/** One after the other, until nothing waits any more. Where the scenario has too few people, the wait that follows is said beforehand. */
async function reviewAll(options: ReviewerOptions, wanted: Wanted): Promise<void> {
  const { accounts, needed } = wanted;
  if (accounts.length < needed)
    options.narrator.aside('review', `the policy asks for ${needed} approvals, and only ${accounts.join(', ')} is here to give one`);
  for (const account of accounts) await reviewOrSay(options, wanted, account);
}

/** A forge that refuses a review is news for the people, not the end of the run: the loop goes on waiting. */
async function reviewOrSay(options: ReviewerOptions, wanted: Wanted, account: string): Promise<void> {
  try {
    await review(options, wanted, account);
  } catch (error) {
    if (options.context.signal.aborted) return;
    const { message, hint } = toTier0Error(error);
    options.narrator.aside('review', `the review of ${account} was refused: ${message} ${hint}`);
  }
}

async function review(options: ReviewerOptions, { pullRequest, digest }: Wanted, account: string): Promise<void> {
  const { desk, environment, narrator, context } = options;
  // An interrupted run may have seen the review already, and an earlier reviewer may have closed it.
  if ((await desk.settle(pullRequest.number, context)).status !== 'waiting') return;
  const answer = environment
    ? await ask(environment, pullRequest, account)
    : { approved: true, reason: 'Read the evidence and the diff; agreed.' };
  if (!answer.approved) {
    await desk.closeByHuman(pullRequest.number, account, answer.reason, context);
    narrator.aside('review', `${account} closed pull request #${pullRequest.number}: ${answer.reason}`);
    return;
  }
  const settled = await desk.submitReview(
    { number: pullRequest.number, reviewer: account, state: 'approved', body: answer.reason, digest },
    context,
  );
  narrator.aside('review', `${account} approved pull request #${pullRequest.number} (${environment ? 'you' : 'scripted on-call role'})`);
  if (settled.status === 'waiting') narrator.progress(`not merged yet: ${settled.reasons.join('; ')}`);
}

async function ask(environment: Environment, pullRequest: PullRequest, account: string) {
  environment.stderr(`\n${markdownPage(pullRequest.body, environment.terminal)}\n`);
  const answer = (await environment.ask(`Approve pull request #${pullRequest.number} as ${account}? [y/N, or a reason to refuse] `)).trim();
  const approved = /^(y|yes)$/i.test(answer);
  return { approved, reason: approved ? 'Approved at the terminal.' : isPlainNo(answer) ? 'Not approved at the terminal.' : answer };
}

/** A "no" that says nothing else is no reason. */
function isPlainNo(answer: string): boolean {
  return /^(?:no?)?\W*$/i.test(answer);
}
