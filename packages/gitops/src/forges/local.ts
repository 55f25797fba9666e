import {
  type CallContext,
  type CommitStatus,
  type Forge,
  type PullRequest,
  type PullRequestQuery,
  Tier0Error,
  toTimestamp,
} from '@tier0/core';
import { contended } from '../git/contended.ts';
import type { Mirror } from '../git/mirror.ts';
import type { Members } from '../governance/code-owners.ts';
import { type StatementSigner, signStatement } from '../governance/statement.ts';
import { type MergeOptions, settle } from './local-merge.ts';
import { createLocalStore, type Held, type LocalStore, type StoredPullRequest, type StoredStatus, SWAP_ATTEMPTS } from './local-store.ts';
import { type Protection, statusStatement } from './protection.ts';

/** Which repository holds the pull requests, and what it demands of them. */
export interface LocalForgeOptions {
  /** Mirror of the repository that holds the code and the pull requests. */
  readonly mirror: Mirror;
  /** Accounts by group, for the groups that CODEOWNERS names. */
  readonly members?: Members | undefined;
  readonly protection?: Protection | undefined;
  /** Signs what tier0 says: statuses, and uses of standing rules. Needed where the policy names `gateKeys`. */
  readonly signer?: StatementSigner | undefined;
}

/**
 * A forge without a server: pull requests, reviews and statuses live on refs of the repository itself and change by compare-and-swap.
 * This is the side programs get; people act through `createLocalForgeDesk`.
 */
export function createLocalForge(options: LocalForgeOptions): Forge {
  const { mirror } = options;
  const store = createLocalStore(mirror);
  const merging = mergeOptions(options, store);
  return {
    name: 'local',
    check: async (context) => {
      await mirror.fetch(context);
      return [];
    },
    read: async (number, context) => present(mirror, (await store.get(number, context)).pullRequest, context),
    async find(query, context) {
      const wanted = (await store.list(context)).map((held) => held.pullRequest).filter((candidate) => matches(candidate, query));
      return Promise.all(wanted.reverse().map((pullRequest) => present(mirror, pullRequest, context)));
    },
    create: (draft, context) => createPullRequest(mirror, store, draft, context),
    async update(number, change, context) {
      const next = await changePullRequest(mirror, store, number, context, (pullRequest) => {
        if (pullRequest.state.status !== 'open') throw notOpen(pullRequest);
        return { ...pullRequest, title: change.title ?? pullRequest.title, body: change.body ?? pullRequest.body };
      });
      return present(mirror, next, context);
    },
    async comment(number, comment, context) {
      const at = toTimestamp(context.now());
      await changePullRequest(mirror, store, number, context, (pullRequest) => {
        if (pullRequest.comments[comment.topic]?.body === comment.body) return pullRequest;
        return { ...pullRequest, comments: { ...pullRequest.comments, [comment.topic]: { body: comment.body, at } } };
      });
    },
    async status(commit, status, context) {
      const signed = options.signer && signStatement(statusStatement(commit, status), options.signer);
      await setStatus(merging, commit, { ...status, ...(signed ? { signed } : {}) }, context);
    },
    async reviews(number, context) {
      const { reviews } = (await store.get(number, context)).pullRequest;
      return reviews;
    },
    async closePullRequest(number, reason, context) {
      await changePullRequest(mirror, store, number, context, (pullRequest) => {
        if (pullRequest.state.status === 'merged') throw notOpen(pullRequest);
        return closed(pullRequest, pullRequest.author, reason, context);
      });
    },
  };
}

function matches(pullRequest: StoredPullRequest, query: PullRequestQuery): boolean {
  if (query.key !== undefined && pullRequest.key !== query.key) return false;
  if (query.author !== undefined && pullRequest.author !== query.author) return false;
  if (query.status !== undefined && pullRequest.state.status !== query.status) return false;
  return query.sourceBranch === undefined || pullRequest.sourceBranch === query.sourceBranch;
}

/** Numbers are given in order and by compare-and-swap, so of two runs that open the same pull request one finds the other's. */
async function createPullRequest(
  mirror: Mirror,
  store: LocalStore,
  draft: Parameters<Forge['create']>[0],
  context: CallContext,
): ReturnType<Forge['create']> {
  for (let attempt = 0; attempt < SWAP_ATTEMPTS; attempt++) {
    const all = (await store.list(context)).map((held) => held.pullRequest);
    const headCommit = await mirror.resolve(draft.sourceBranch, context);
    if (!headCommit || !(await mirror.resolve(draft.targetBranch, context)))
      throw branchMissing(headCommit ? draft.targetBranch : draft.sourceBranch);
    const open = all.find(
      (one) => one.state.status === 'open' && one.sourceBranch === draft.sourceBranch && one.targetBranch === draft.targetBranch,
    );
    if (open) return { outcome: 'exists', pullRequest: await present(mirror, open, context) };
    const number = await store.nextNumber(context);
    const next: StoredPullRequest = { ...draft, number, headCommit, state: { status: 'open' }, reviews: [], comments: {} };
    const pushed = await mirror.push([await store.replace(next, undefined, context)], context);
    if (pushed.status === 'pushed') return { outcome: 'created', pullRequest: await present(mirror, next, context) };
  }
  throw contended('the list of pull requests');
}

/** Reads, changes and writes back, again from the start when somebody else was faster. */
export async function changePullRequest(
  mirror: Mirror,
  store: LocalStore,
  number: number,
  context: CallContext,
  change: (pullRequest: StoredPullRequest, held: Held) => StoredPullRequest | Promise<StoredPullRequest>,
): Promise<StoredPullRequest> {
  for (let attempt = 0; attempt < SWAP_ATTEMPTS; attempt++) {
    const held = await store.get(number, context);
    const next = await change(held.pullRequest, held);
    if (next === held.pullRequest) return next;
    const pushed = await mirror.push([await store.replace(next, held, context)], context);
    if (pushed.status === 'pushed') return next;
  }
  throw contended(`pull request ${number}`);
}

/** Sets a status; an approved pull request that waited only for it merges. */
async function setStatus(options: MergeOptions, commit: string, status: CommitStatus & StoredStatus, context: CallContext): Promise<void> {
  const changed = await options.store.setStatus(commit, status, context);
  if (!changed || status.state !== 'success') return;
  for (const { pullRequest } of await options.store.list(context)) {
    if (pullRequest.state.status !== 'open') continue;
    const head = await options.mirror.resolve(pullRequest.sourceBranch, context);
    if (head === commit) await settle(options, pullRequest.number, context);
  }
}

/** The state `closed` with its reason, which is kept as a comment too. Closing a closed one changes nothing. */
export function closed(pullRequest: StoredPullRequest, by: string, reason: string, context: CallContext): StoredPullRequest {
  if (pullRequest.state.status !== 'open') return pullRequest;
  const at = toTimestamp(context.now());
  return {
    ...pullRequest,
    state: { status: 'closed', by, at, reason },
    comments: { ...pullRequest.comments, closed: { body: reason, at } },
  };
}

/** What the port shows: an open pull request's head is the tip of its branch now. */
export async function present(mirror: Mirror, stored: StoredPullRequest, context: CallContext): Promise<PullRequest> {
  const { number, key, title, body, author, sourceBranch, targetBranch, labels, draft, autoMerge, state } = stored;
  const tip = state.status === 'open' ? await mirror.resolve(sourceBranch, context) : undefined;
  const url = `${mirror.url}#${number}`;
  const marks = { ...(draft ? { draft } : {}), ...(autoMerge ? { autoMerge } : {}) };
  const headCommit = tip ?? stored.headCommit;
  return { number, url, key, title, body, author, sourceBranch, targetBranch, headCommit, labels, ...marks, state };
}

export function mergeOptions(options: LocalForgeOptions, store: LocalStore): MergeOptions {
  return { mirror: options.mirror, store, members: options.members ?? {}, protection: options.protection ?? {} };
}

function branchMissing(branch: string): Tier0Error {
  return new Tier0Error({
    code: 'NOT_FOUND',
    message: `The branch "${branch}" does not exist.`,
    hint: 'Push it before opening the pull request.',
  });
}

function notOpen(pullRequest: StoredPullRequest): Tier0Error {
  return new Tier0Error({
    code: 'CONFLICT',
    message: `Pull request ${pullRequest.number} is ${pullRequest.state.status}, not open.`,
    hint: 'Read it again; if the change is still wanted, open a new one.',
  });
}
