import { type CallContext, toTimestamp } from '@tier0/core';
import { contended } from '../git/contended.ts';
import type { Mirror } from '../git/mirror.ts';
import type { Members } from '../governance/code-owners.ts';
import { type Held, type LocalStore, SWAP_ATTEMPTS } from './local-store.ts';
import { type Protection, whatIsMissing } from './protection.ts';

/** What became of a pull request that was ready to be merged. */
export type SettleResult =
  | { readonly status: 'merged'; readonly commit: string }
  /** What is still missing, one line each. */
  | { readonly status: 'waiting'; readonly reasons: readonly string[] }
  | { readonly status: 'closed' };

export interface MergeOptions {
  readonly mirror: Mirror;
  readonly store: LocalStore;
  readonly members: Members;
  readonly protection: Protection;
}

/**
 * Merges a pull request when its protection is satisfied, in one atomic push: base branch, state and the source branch move together or
 * not at all, so nobody ever sees a merge that the forge does not know about.
 */
export async function settle(options: MergeOptions, number: number, context: CallContext): Promise<SettleResult> {
  for (let attempt = 0; attempt < SWAP_ATTEMPTS; attempt++) {
    const held = await options.store.get(number, context);
    const { state } = held.pullRequest;
    if (state.status === 'merged') return { status: 'merged', commit: state.commit };
    if (state.status === 'closed') return { status: 'closed' };
    const result = await tryMerge(options, held, context);
    if (result) return result;
  }
  throw contended(`pull request ${number}`);
}

/** Undefined when something moved meanwhile and the question must be asked again. */
async function tryMerge(options: MergeOptions, held: Held, context: CallContext): Promise<SettleResult | undefined> {
  const { mirror, store, members, protection } = options;
  const { pullRequest } = held;
  const head = await mirror.resolve(pullRequest.sourceBranch, context);
  const base = await mirror.resolve(pullRequest.targetBranch, context);
  if (!head || !base)
    return { status: 'waiting', reasons: [`the branch ${head ? pullRequest.targetBranch : pullRequest.sourceBranch} is gone`] };
  const fork = await mirror.mergeBase(head, base, context);
  if (!fork) return { status: 'waiting', reasons: ['the branches have no commit in common'] };
  const touched = await mirror.changedPaths(fork, head, context);
  const statuses = await store.statuses(head, context);
  const reasons = await whatIsMissing({ mirror, pullRequest, head, base, touched, members, protection, statuses }, context);
  const conflicts = fork === base ? [] : await conflictsOf(mirror, { fork, base, touched }, context);
  if (reasons.length + conflicts.length > 0) return { status: 'waiting', reasons: [...reasons, ...conflicts] };
  const commit = await mergeCommit(options, held, { head, base, touched }, context);
  const state = { status: 'merged', commit, at: toTimestamp(context.now()) } as const;
  const update = await store.replace({ ...pullRequest, headCommit: head, state }, held, context);
  const pushed = await mirror.push(
    [
      { ref: `refs/heads/${pullRequest.targetBranch}`, commit, expected: base },
      { ref: `refs/heads/${pullRequest.sourceBranch}`, commit: undefined, expected: head },
      update,
    ],
    context,
  );
  return pushed.status === 'pushed' ? { status: 'merged', commit } : undefined;
}

/** The base moved on: the merge is only clean when nobody changed the same files there. */
async function conflictsOf(
  mirror: Mirror,
  at: { readonly fork: string; readonly base: string; readonly touched: readonly string[] },
  context: CallContext,
): Promise<readonly string[]> {
  const moved = new Set(await mirror.changedPaths(at.fork, at.base, context));
  return at.touched.filter((path) => moved.has(path)).map((path) => `conflict: ${path} was changed on the base branch meanwhile`);
}

async function mergeCommit(
  options: MergeOptions,
  held: Held,
  at: { readonly head: string; readonly base: string; readonly touched: readonly string[] },
  context: CallContext,
): Promise<string> {
  const { mirror, protection } = options;
  const { pullRequest } = held;
  const files = new Map<string, Uint8Array | undefined>();
  for (const path of at.touched) files.set(path, await mirror.readFile(at.head, path, context));
  const squash = protection.mergeMethod === 'squash';
  const { message } = await mirror.readCommit(at.head, context);
  const subject = squash
    ? `${pullRequest.title} (#${pullRequest.number})`
    : `Merge pull request #${pullRequest.number}: ${pullRequest.title}`;
  return mirror.commitFiles(
    {
      parents: squash ? [at.base] : [at.base, at.head],
      files,
      message: `${subject}\n\n${lastParagraph(message)}\n`,
      author: { name: 'tier0 local forge', email: 'forge@tier0.invalid' },
      date: toTimestamp(context.now()),
    },
    context,
  );
}

/** The trailers stay with the change, also when its own commit is squashed away. */
function lastParagraph(message: string): string {
  return message.trim().split(/\n\n+/).at(-1) ?? '';
}
