import {
  type CallContext,
  type ChangeProposal,
  type CommitStatus,
  type Forge,
  type GateReport,
  type ProposalResult,
  type ProposalWriter,
  type PullRequest,
  type PullRequestDraft,
  proposalDigest,
} from '@tier0/core';
import { contended } from '../forges/local-store.ts';
import type { CommitRequest, Mirror } from '../git/mirror.ts';
import { branchOf, type CommitAuthor, commitOf, proposalKey, titleOf } from './key.ts';
import { type Plan, planEdits, resolveBase } from './plan.ts';
import { renderBody } from './render.ts';
import { planRevert } from './revert.ts';

/** Name of the check that says what the gate decided. */
export const GATE_STATUS = 'tier0/gate';

/** Where proposals go, who is asked to review them, and how many may be open. */
export interface ProposalWriterOptions {
  readonly mirror: Mirror;
  readonly forge: Forge;
  /** Accounts or groups asked to review, besides the proposal's owner. */
  readonly reviewers?: readonly string[] | undefined;
  /** Name and address in commits. Default `tier0`. */
  readonly commitAuthor?: CommitAuthor | undefined;
  readonly limits?: {
    /** Pull requests of tier0 that may be open at once before it proposes no more; taking a change back is never held up. Default 10. */
    readonly openPullRequests?: number | undefined;
  };
}

const DEFAULT_AUTHOR: CommitAuthor = { name: 'tier0', email: 'tier0@users.noreply.invalid' };
const ATTEMPTS = 4;

/**
 * Writes proposals as pull requests, exactly once: branch, commit and marker are functions of the proposal, so a run that was killed at
 * any point is continued by the next one, and two runs make one pull request.
 */
export function createProposalWriter(options: ProposalWriterOptions): ProposalWriter {
  const { mirror } = options;
  return {
    async preview(proposal, context) {
      await mirror.fetch(context);
      const base = await resolveBase(mirror, proposal.baseBranch, context);
      const plan = await planEdits(mirror, proposal, base, context);
      if (plan.status !== 'planned') return plan;
      const commit = await mirror.commitFiles(requestFor(options, proposal, plan, base), context);
      return { status: 'preview', diff: await mirror.diff(base, commit, context) };
    },

    async propose({ proposal, gate }, context) {
      const refusal = refusalOf(proposal, gate);
      if (refusal) return { status: 'refused', reason: refusal };
      const key = proposalKey(proposal);
      const work: Work = {
        key,
        branch: branchOf(proposal.incident, key),
        baseBranch: proposal.baseBranch,
        author: proposal.author,
        title: titleOf(proposal.title),
        body: renderBody(proposal, gate.decision),
        reviewers: [...new Set([...(proposal.owner ? [proposal.owner] : []), ...(options.reviewers ?? [])])],
        labels: ['tier0', `tier0/risk:${proposal.risk.level}`],
        status: gateStatus(gate),
        isLimited: true,
        async plan(base) {
          const plan = await planEdits(mirror, proposal, base, context);
          return plan.status === 'planned' ? requestFor(options, proposal, plan, base) : plan;
        },
      };
      return publish(options, work, context);
    },

    async revert(request, context) {
      const work = await planRevert(mirror, { ...request, author: options.commitAuthor ?? DEFAULT_AUTHOR }, context);
      if ('status' in work && typeof work.status === 'string') return work as ProposalResult;
      return publish(options, { ...(work as Work), reviewers: options.reviewers ?? [] }, context);
    },
  };
}

/** Everything about a pull request that does not depend on what the repository looks like now. */
export interface Work {
  readonly key: string;
  readonly branch: string;
  readonly baseBranch: string;
  readonly author: string;
  readonly title: string;
  readonly body: string;
  readonly reviewers: readonly string[];
  readonly labels: readonly string[];
  readonly status: CommitStatus;
  /** Whether it waits while too many pull requests are open. */
  readonly isLimited: boolean;
  /** The commit on top of a base, or why there is none. */
  plan(base: string): Promise<CommitRequest | Exclude<Plan, { status: 'planned' }>>;
}

function requestFor(
  options: ProposalWriterOptions,
  proposal: ChangeProposal,
  plan: Plan & { status: 'planned' },
  parent: string,
): CommitRequest {
  const files = new Map([...plan.files].map(([path, file]) => [path, file.after]));
  return commitOf(proposal, { parent, files, author: options.commitAuthor ?? DEFAULT_AUTHOR });
}

function refusalOf(proposal: ChangeProposal, gate: GateReport): string | undefined {
  if (gate.decision.effect === 'deny') return `the gate denies it: ${gate.decision.reasons.join('; ')}`;
  const failed = gate.checks.find((check) => !check.passed);
  if (failed) return `the check "${failed.name}" failed: ${failed.detail}`;
  return proposalDigest(proposal) === proposal.digest ? undefined : 'the proposal was changed after it was sealed';
}

/** More than one approval is more than a forge can be told by rule: the check stays pending until the approval source counted them. */
function gateStatus(gate: GateReport): CommitStatus {
  const { requiredApprovals, reasons } = gate.decision;
  const state = requiredApprovals > 1 ? 'pending' : 'success';
  return { context: GATE_STATUS, state, description: (reasons[0] ?? '').slice(0, 140) };
}

/** Brings the repository from whatever state it is in to: branch pushed, check set, pull request open. */
async function publish(options: ProposalWriterOptions, work: Work, context: CallContext): Promise<ProposalResult> {
  const { mirror, forge } = options;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await mirror.fetch(context);
    const known = await forge.find({ key: work.key }, context);
    const settled = known.find((pullRequest) => pullRequest.state.status !== 'closed') ?? known[0];
    if (settled?.state.status === 'merged') return adopted(options, settled, context);
    if (settled?.state.status === 'closed' && settled.state.by !== work.author) {
      return { status: 'closed-by-human', reason: `${settled.state.by} closed ${settled.url}; what people closed is not opened again` };
    }
    const base = await resolveBase(mirror, work.baseBranch, context);
    const request = await work.plan(base);
    if ('status' in request) return request;
    const head = await pushBranch(options, work, request, context);
    if (head === 'again') continue;
    if ('status' in head) return head;
    await forge.status(head.commit, work.status, context);
    return openPullRequest(options, work, head, context);
  }
  throw contended(`the branch ${work.branch}`);
}

interface Head {
  readonly commit: string;
  readonly parent: string;
  readonly outcome: 'created' | 'adopted' | 'updated';
}

/** Pushes the commit, or finds that it is there. `again` when the branch moved meanwhile. */
async function pushBranch(
  options: ProposalWriterOptions,
  work: Work,
  request: CommitRequest,
  context: CallContext,
): Promise<Head | ProposalResult | 'again'> {
  const { mirror } = options;
  const tip = await mirror.resolve(work.branch, context);
  const own = tip ? await ownCommit(mirror, work, tip, context) : undefined;
  if (tip && !own) return { status: 'human-edited', reason: `somebody else committed to ${work.branch}; their work is left alone` };
  if (tip && own?.current) return { commit: tip, parent: own.parent, outcome: 'adopted' };
  if (!tip && work.isLimited && (await isLimitReached(options, work.author, context)))
    return { status: 'limit-reached', reason: 'as many pull requests of tier0 are open as the limit allows' };
  const commit = await mirror.commitFiles(request, context);
  const pushed = await mirror.push([{ ref: `refs/heads/${work.branch}`, commit, expected: tip }], context);
  if (pushed.status !== 'pushed') return 'again';
  return { commit, parent: request.parents[0] ?? '', outcome: tip ? 'updated' : 'created' };
}

/** Whether a branch tip is tier0's own commit: made again on its own parent, the tree is the same. `current`: the whole commit is. */
async function ownCommit(
  mirror: Mirror,
  work: Work,
  tip: string,
  context: CallContext,
): Promise<{ readonly parent: string; readonly current: boolean } | undefined> {
  const facts = await mirror.readCommit(tip, context);
  const [parent, second] = facts.parents;
  const base = await mirror.resolve(work.baseBranch, context);
  if (!parent || second || !base || !(await mirror.isAncestor(parent, base, context))) return undefined;
  const request = await work.plan(parent);
  if ('status' in request) return undefined;
  const again = await mirror.commitFiles(request, context);
  if (again === tip) return { parent, current: true };
  const same = (await mirror.readCommit(again, context)).tree === facts.tree && facts.authorEmail === request.author.email;
  return same ? { parent, current: false } : undefined;
}

async function isLimitReached(options: ProposalWriterOptions, author: string, context: CallContext): Promise<boolean> {
  const limit = options.limits?.openPullRequests ?? 10;
  return (await options.forge.find({ author, status: 'open' }, context)).length >= limit;
}

async function openPullRequest(options: ProposalWriterOptions, work: Work, head: Head, context: CallContext): Promise<ProposalResult> {
  const { forge, mirror } = options;
  const draft: PullRequestDraft = {
    key: work.key,
    title: work.title,
    body: work.body,
    author: work.author,
    sourceBranch: work.branch,
    targetBranch: work.baseBranch,
    labels: work.labels,
    reviewers: work.reviewers,
  };
  const { outcome, pullRequest } = await forge.create(draft, context);
  const stale = pullRequest.body !== work.body || pullRequest.title !== work.title;
  const current =
    outcome === 'exists' && stale ? await forge.update(pullRequest.number, { title: work.title, body: work.body }, context) : pullRequest;
  const diff = await mirror.diff(head.parent, head.commit, context);
  const status =
    outcome === 'exists' ? (head.outcome === 'updated' ? 'updated' : 'adopted') : head.outcome === 'created' ? 'created' : 'adopted';
  return { status, pullRequest: current, diff };
}

async function adopted(options: ProposalWriterOptions, pullRequest: PullRequest, context: CallContext): Promise<ProposalResult> {
  const [parent = pullRequest.headCommit] = (await options.mirror.readCommit(pullRequest.headCommit, context)).parents;
  return { status: 'adopted', pullRequest, diff: await options.mirror.diff(parent, pullRequest.headCommit, context) };
}
