import { isDeepStrictEqual } from 'node:util';
import {
  accountKey,
  type CallContext,
  type CommitStatus,
  freezeReasons,
  isAbove,
  type Policy,
  RISK_LEVELS,
  type StandingRule,
  standingRuleOf,
} from '@tier0/core';
import type { CommitFacts, Mirror } from '../git/mirror.ts';
import { accountsOf, type CodeOwnersDialect, type Members, type OwnerRequirement } from '../governance/code-owners.ts';
import { trailerOf } from '../governance/key.ts';
import { readMarker } from '../governance/marker.ts';
import { approvalValidMsOf, type PolicyReading, readPolicy, verifyPolicySignature } from '../governance/policy-file.ts';
import { readCodeOwners } from '../governance/read-code-owners.ts';
import { type ChangedFile, ruleDiffFlaw } from '../governance/rule-diff.ts';
import { type Statement, statementFlaw } from '../governance/statement.ts';
import type { AllowedSigner } from '../governance/verify-signature.ts';
import type { StoredPullRequest, StoredStatus } from './local-store.ts';
import { isProvenRevert } from './proven-revert.ts';

/** What must hold before a pull request merges itself. */
export interface Protection {
  /** Checks that must be `success` on the head commit. Default `tier0/gate`. */
  readonly requiredStatuses?: readonly string[] | undefined;
  /** Approvals needed, code owners included. Default 1. */
  readonly minimumApprovals?: number | undefined;
  /** Each touched path that has code owners needs an approval of one of them. Default true. */
  readonly requireCodeOwners?: boolean | undefined;
  /** The grammar of CODEOWNERS. Default: what its folder says, else GitHub's. */
  readonly codeOwners?: CodeOwnersDialect | undefined;
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
  readonly statuses: ReadonlyMap<string, StoredStatus>;
}

type StoredReview = StoredPullRequest['reviews'][number];

/** What still stands between a pull request and its merge, one line each. Empty: it may merge. */
export async function whatIsMissing(facts: ProtectionFacts, context: CallContext): Promise<readonly string[]> {
  const newest = newestReviews(facts.pullRequest.reviews);
  const reading = await readPolicy(facts.mirror, facts.base, context);
  const policy = reading.status === 'malformed' ? undefined : reading.policy;
  const missing = (facts.protection.requiredStatuses ?? ['tier0/gate']).flatMap((name) => checkFlaw(name, facts, policy) ?? []);
  const objections = newest
    .filter((review) => review.state === 'changes-requested')
    .map((review) => `${review.reviewer} requested changes`);
  const sealed = await sealFlaw(facts, context);
  const seen = { ...facts, policy, sealed, validMs: approvalValidMsOf(reading, facts.protection.approvalValidMs) };
  const judged = await judgeReviews(newest, seen, context);
  const needed = Math.max(facts.protection.minimumApprovals ?? 1, approvalsBy(policy, facts.pullRequest));
  const count = judged.people.length + judged.rules.length;
  const tooFew = count < needed ? [`${count} of ${needed} approvals`] : [];
  const forbidden = await forbiddenBy(reading, facts, context);
  const draft = facts.pullRequest.draft ? ['it is a draft'] : [];
  const lacking = [...tooFew, ...(await missingOwners(facts, judged, context))];
  // An approval that does not count explains what is lacking; by itself it stops nobody, or any stranger could stop everything.
  return [
    ...forbidden,
    ...draft,
    ...(sealed === undefined ? [] : [sealed]),
    ...missing,
    ...objections,
    ...(lacking.length > 0 ? judged.flaws : []),
    ...lacking,
  ];
}

/** A check counts where it succeeded, and, where the policy names keys, only in the words of one of them. */
function checkFlaw(name: string, { statuses, head }: ProtectionFacts, policy: Policy | undefined): string | undefined {
  const status = statuses.get(name);
  if (status?.state !== 'success') return `the check ${name} is ${status?.state ?? 'not set'}`;
  if (!policy?.gateKeys) return undefined;
  const flaw = statementFlaw({ ...statusStatement(head, { context: name, ...status }), signed: status.signed }, policy.gateKeys);
  return flaw && `the check ${name} does not count: ${flaw}`;
}

/** What is signed of a status: which commit, which check, what it says. */
export function statusStatement(commit: string, { context, state, description }: CommitStatus): Statement {
  return { about: 'status', said: { commit, context, state, description } };
}

/** What is signed when a standing rule is used. */
export function ruleUseStatement(use: {
  readonly approver: string;
  readonly commit: string;
  readonly digest: string | undefined;
}): Statement {
  return { about: 'standing-rule', said: { approver: use.approver, commit: use.commit, digest: use.digest ?? '' } };
}

/**
 * A pull request that says it is a proposal is that proposal: one commit that names its key and its digest, and nothing besides. One that takes
 * a change back has no digest of its own; its bytes prove it. Whoever adds to either makes something else, which people open under their own name.
 */
async function sealFlaw(facts: ProtectionFacts, context: CallContext): Promise<string | undefined> {
  const { mirror, pullRequest, head, base } = facts;
  const marker = readMarker(pullRequest.body);
  if (!marker) return undefined;
  const commits = await mirror.commitsBetween(base, head, 2, context);
  const [only] = commits;
  const says = (name: string) => only && trailerOf(only.message, name);
  const isNamed = commits.length === 1 && says('Tier0-Key') === marker.key;
  const isSealed = isNamed && (says('Tier0-Proposal') === marker.digest || (await isProvenRevert(mirror, facts, context)));
  return isSealed ? undefined : 'the branch holds something else than the proposal that the pull request shows';
}

/**
 * Approvals that the policy asks for at this moment, whatever it said when the change was judged. The forge does not know the risk: a label may
 * raise what is asked, and without one the least that any change needs is asked.
 */
function approvalsBy(policy: Policy | undefined, { labels }: StoredPullRequest): number {
  if (!policy) return 1;
  const named = RISK_LEVELS.filter((level) => labels.includes(`tier0/risk:${level}`)).map((level) => policy.approvals[level]);
  return Math.max(Math.min(...Object.values(policy.approvals)), ...named);
}

/** The gate judged freezes when the change was proposed; a merge may come days later. Taking a change back is never frozen. */
async function forbiddenBy(reading: PolicyReading, facts: ProtectionFacts, context: CallContext): Promise<readonly string[]> {
  if (reading.status === 'malformed') return [reading.reason];
  const risk = RISK_LEVELS.findLast((level) => facts.pullRequest.labels.includes(`tier0/risk:${level}`));
  if (risk && isAbove(risk, reading.policy.maxRisk)) return [`risk is ${risk}, the policy allows at most ${reading.policy.maxRisk}`];
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
  /** As it stands on the base branch now; undefined where it cannot be read. */
  readonly policy: Policy | undefined;
  /** Why the branch is not the proposal that the body names. */
  readonly sealed: string | undefined;
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

async function ruleFlaw(review: StoredReview, facts: ReviewFacts, context: CallContext): Promise<string | undefined> {
  if (!facts.protection.allowStandingRules) return 'this repository takes no approvals by standing rules';
  const { policy } = facts;
  if (!policy) return 'the policy cannot be read';
  if (facts.sealed !== undefined || !readMarker(facts.pullRequest.body)) return facts.sealed ?? 'a rule approves proposals only';
  if (policy.gateKeys) {
    const use = ruleUseStatement({ approver: review.reviewer, commit: review.commit, digest: review.digest });
    const flaw = statementFlaw({ ...use, signed: review.signed }, policy.gateKeys);
    if (flaw) return flaw;
  }
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
  if (!isDeepStrictEqual(signed, current)) return `the rule "${named.id}" was changed or withdrawn since`;
  return ruleDiffFlaw(signed, await changedFiles(facts, context), policy);
}

/** What the pull request really changes: ordinary files only, before at the fork and after at the head. */
async function changedFiles({ mirror, base, head, touched }: ProtectionFacts, context: CallContext): Promise<readonly ChangedFile[]> {
  const fork = (await mirror.mergeBase(base, head, context)) ?? base;
  const [old, now] = await Promise.all([fork, head].map((commit) => mirror.findFiles(commit, touched, context)));
  const isOrdinary = (files: typeof old, path: string) => files?.some((file) => file.path === path && file.mode === '100644') ?? false;
  const read = (commit: string, files: typeof old, path: string) =>
    isOrdinary(files, path) ? mirror.readFile(commit, path, context) : undefined;
  return Promise.all(touched.map(async (path) => ({ path, before: await read(fork, old, path), after: await read(head, now, path) })));
}

async function findRule(mirror: Mirror, commit: string, id: string, context: CallContext): Promise<StandingRule | undefined> {
  const reading = await readPolicy(mirror, commit, context);
  return reading.status === 'loaded' ? reading.policy.standingRules.find((rule) => rule.id === id) : undefined;
}

/** A standing rule stands for the owners who merged it; people must be owners of the paths themselves. */
async function missingOwners(facts: ProtectionFacts, judged: Judged, context: CallContext): Promise<readonly string[]> {
  if (facts.protection.requireCodeOwners === false || judged.rules.length > 0) return [];
  const owners = await readCodeOwners(facts.mirror, { commit: facts.base, dialect: facts.protection.codeOwners }, context);
  const unmet = facts.touched.flatMap((path) => owners?.requirementsOf(path) ?? []).filter((one) => !isMet(one, judged, facts));
  return [...new Set(unmet.map(lackOf))];
}

function isMet({ owners, approvals, notUnderstood }: OwnerRequirement, judged: Judged, { members }: ProtectionFacts): boolean {
  const accounts = new Set(owners.flatMap((owner) => accountsOf(owner, members)).map(accountKey));
  return notUnderstood === undefined && new Set(judged.people.map(accountKey).filter((person) => accounts.has(person))).size >= approvals;
}

function lackOf({ owners, approvals, section, notUnderstood }: OwnerRequirement): string {
  if (notUnderstood) return `${notUnderstood}; it may be about what is changed`;
  const count = approvals === 1 ? 'an approval' : `${approvals} approvals`;
  return `${count} of ${owners.join(' or ')}, who own what is changed${section === undefined ? '' : ` (${section})`}`;
}
