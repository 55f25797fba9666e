import { isDeepStrictEqual } from 'node:util';
import { accountKey, type CallContext, freezeReasons, type StandingRule, standingRuleOf } from '@tier0/core';
import type { CommitFacts, Mirror } from '../git/mirror.ts';
import { accountsOf, type Members } from '../governance/code-owners.ts';
import { readMarker } from '../governance/marker.ts';
import { approvalValidMsOf, type PolicyReading, readPolicy, verifyPolicySignature } from '../governance/policy-file.ts';
import { readCodeOwners } from '../governance/read-code-owners.ts';
import type { AllowedSigner } from '../governance/verify-signature.ts';
import type { StoredPullRequest } from './local-store.ts';
import { isProvenRevert } from './proven-revert.ts';

/** What must hold before a pull request merges itself. */
export interface Protection {
  /** Checks that must be `success` on the head commit. Default `tier0/gate`. */
  readonly requiredStatuses?: readonly string[] | undefined;
  /** Approvals needed, code owners included. Default 1. */
  readonly minimumApprovals?: number | undefined;
  /** Each touched path that has code owners needs an approval of one of them. Default true. */
  readonly requireCodeOwners?: boolean | undefined;
  /** Approvals by a standing rule in `.tier0/policy.yaml` count. Default false. */
  readonly allowStandingRules?: boolean | undefined;
  /** With these, standing rules count only when one of them signed the commit that gave the policy file its content. */
  readonly allowedSigners?: readonly AllowedSigner[] | undefined;
  /** Milliseconds an approval stays valid, where that is shorter than `.tier0/policy.yaml` on the base branch allows. */
  readonly approvalValidMs?: number | undefined;
  /** Default `merge`. */
  readonly mergeMethod?: 'merge' | 'squash' | undefined;
}

export interface ProtectionFacts {
  readonly mirror: Mirror;
  readonly pullRequest: StoredPullRequest;
  readonly head: string;
  readonly base: string;
  readonly touched: readonly string[];
  readonly members: Members;
  readonly protection: Protection;
  readonly statuses: ReadonlyMap<string, { readonly state: string }>;
}

type StoredReview = StoredPullRequest['reviews'][number];

/** What still stands between a pull request and its merge, one line each. Empty: it may merge. */
export async function whatIsMissing(facts: ProtectionFacts, context: CallContext): Promise<readonly string[]> {
  const newest = newestReviews(facts.pullRequest.reviews);
  const missing = (facts.protection.requiredStatuses ?? ['tier0/gate'])
    .filter((name) => facts.statuses.get(name)?.state !== 'success')
    .map((name) => `the check ${name} is ${facts.statuses.get(name)?.state ?? 'not set'}`);
  const objections = newest
    .filter((review) => review.state === 'changes-requested')
    .map((review) => `${review.reviewer} requested changes`);
  const reading = await readPolicy(facts.mirror, facts.base, context);
  const judged = await judgeReviews(newest, { ...facts, validMs: approvalValidMsOf(reading, facts.protection.approvalValidMs) }, context);
  const needed = facts.protection.minimumApprovals ?? 1;
  const count = judged.people.length + judged.rules.length;
  const tooFew = count < needed ? [`${count} of ${needed} approvals`] : [];
  const forbidden = await forbiddenBy(reading, facts, context);
  const draft = facts.pullRequest.draft ? ['it is a draft'] : [];
  const lacking = [...tooFew, ...(await missingOwners(facts, judged, context))];
  // An approval that does not count explains what is lacking; by itself it stops nobody, or any stranger could stop everything.
  return [...forbidden, ...draft, ...missing, ...objections, ...(lacking.length > 0 ? judged.flaws : []), ...lacking];
}

/** The gate judged freezes when the change was proposed; a merge may come days later. Taking a change back is never frozen. */
async function forbiddenBy(reading: PolicyReading, facts: ProtectionFacts, context: CallContext): Promise<readonly string[]> {
  if (reading.status === 'malformed') return [reading.reason];
  const reasons = freezeReasons(context.now(), reading.policy);
  return reasons.length > 0 && (await isProvenRevert(facts.mirror, facts, context)) ? [] : reasons;
}

/** The last word of each reviewer; a comment takes nothing back. */
function newestReviews(reviews: readonly StoredReview[]): readonly StoredReview[] {
  const newest = new Map<string, StoredReview>();
  for (const review of reviews) {
    if (review.state === 'commented') continue;
    const reviewer = accountKey(review.reviewer);
    newest.delete(reviewer);
    newest.set(reviewer, review);
  }
  return [...newest.values()];
}

interface ReviewFacts extends ProtectionFacts {
  /** Milliseconds an approval stays valid. */
  readonly validMs: number;
}

interface Judged {
  /** Accounts whose approval counts. */
  readonly people: readonly string[];
  readonly rules: readonly string[];
  readonly flaws: readonly string[];
}

async function judgeReviews(reviews: readonly StoredReview[], facts: ReviewFacts, context: CallContext): Promise<Judged> {
  const people: string[] = [];
  const rules: string[] = [];
  const flaws: string[] = [];
  const authors = await authorsOf(facts, context);
  if (!authors) return { people, rules, flaws: [`nothing can approve more than ${MAX_COMMITS} commits: who wrote them is not looked up`] };
  for (const review of reviews.filter((candidate) => candidate.state === 'approved')) {
    const isRule = review.reviewer.startsWith('rule:');
    const flaw = bindingFlaw(review, facts, context) ?? (isRule ? await ruleFlaw(review, facts, context) : authorFlaw(review, authors));
    if (flaw) flaws.push(`the approval of ${review.reviewer} does not count: ${flaw}`);
    else (isRule ? rules : people).push(review.reviewer);
  }
  return { people, rules, flaws };
}

/** An approval holds for one commit and one content, and for a limited time. */
function bindingFlaw(review: StoredReview, facts: ReviewFacts, context: CallContext): string | undefined {
  if (review.commit !== facts.head) return 'it was given to an earlier commit';
  if (review.digest !== readMarker(facts.pullRequest.body)?.digest) return 'it was given to another content of the proposal';
  return context.now() >= Date.parse(review.at) + facts.validMs ? 'it expired' : undefined;
}

/** Everybody who wrote a part of the change, merged-in branches included; none of them can approve it. Undefined: too many commits. */
async function authorsOf(facts: ProtectionFacts, context: CallContext): Promise<ReadonlySet<string> | undefined> {
  const commits = await facts.mirror.commitsBetween(facts.base, facts.head, MAX_COMMITS + 1, context);
  if (commits.length > MAX_COMMITS) return undefined;
  return new Set([facts.pullRequest.author, ...commits.flatMap(namesIn)].map(accountKey));
}

/** A pull request of more commits is not approvable: it cannot be said who wrote it. */
const MAX_COMMITS = 500;

function namesIn(commit: CommitFacts): readonly string[] {
  const coAuthors = [...commit.message.matchAll(/^Co-authored-by:\s*(.+?)\s*(?:<([^>]*)>)?\s*$/gim)].flatMap((match) => [
    match[1],
    match[2],
  ]);
  return [commit.authorName, commit.authorEmail, ...coAuthors].filter((name) => name !== undefined);
}

function authorFlaw(review: StoredReview, authors: ReadonlySet<string>): string | undefined {
  return authors.has(accountKey(review.reviewer)) ? 'authors cannot approve their own change' : undefined;
}

async function ruleFlaw(review: StoredReview, facts: ProtectionFacts, context: CallContext): Promise<string | undefined> {
  if (!facts.protection.allowStandingRules) return 'this repository takes no approvals by standing rules';
  const named = standingRuleOf({ approver: review.reviewer, proposalDigest: '', at: '', expiresAt: '' });
  if (!named) return 'it does not name a rule and a commit';
  if (!(await facts.mirror.isAncestor(named.commit, facts.base, context)))
    return `commit ${named.commit} is not part of ${facts.pullRequest.targetBranch}`;
  const signed = await findRule(facts.mirror, named.commit, named.id, context);
  if (!signed) return `.tier0/policy.yaml has no rule "${named.id}" at ${named.commit}`;
  const current = await findRule(facts.mirror, facts.base, named.id, context);
  const { allowedSigners } = facts.protection;
  const signature = allowedSigners && (await verifyPolicySignature(facts.mirror, named.commit, allowedSigners, context));
  if (signature && signature.status !== 'good') return `.tier0/policy.yaml at ${named.commit}: ${signature.reason}`;
  return isDeepStrictEqual(signed, current) ? undefined : `the rule "${named.id}" was changed or withdrawn since`;
}

async function findRule(mirror: Mirror, commit: string, id: string, context: CallContext): Promise<StandingRule | undefined> {
  const reading = await readPolicy(mirror, commit, context);
  return reading.status === 'loaded' ? reading.policy.standingRules.find((rule) => rule.id === id) : undefined;
}

/** A standing rule stands for the owners who merged it; people must be owners of the paths themselves. */
async function missingOwners(facts: ProtectionFacts, judged: Judged, context: CallContext): Promise<readonly string[]> {
  if (facts.protection.requireCodeOwners === false || judged.rules.length > 0) return [];
  const owners = await readCodeOwners(facts.mirror, facts.base, context);
  const unmet = new Map<string, readonly string[]>();
  for (const path of facts.touched) {
    const named = owners?.ownersOf(path) ?? [];
    const accounts = named.flatMap((owner) => accountsOf(owner, facts.members)).map(accountKey);
    if (named.length > 0 && !judged.people.some((person) => accounts.includes(accountKey(person)))) unmet.set(named.join(' or '), named);
  }
  return [...unmet.keys()].map((owner) => `an approval of ${owner}, who own what is changed`);
}
