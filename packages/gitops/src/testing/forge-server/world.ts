import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit } from '../../git/git.ts';
import type { CodeOwnersDialect } from '../../governance/code-owners.ts';

/** Somebody who can sign in. */
export interface ServerAccount {
  readonly id: number;
  readonly login: string;
  readonly token: string;
  /** What the token may do: `read`, or `write` for pull requests, statuses and pushes. */
  readonly scope: 'read' | 'write';
}

/** A review as the database holds it. */
export interface ServerReview {
  readonly id: number;
  readonly reviewer: string;
  readonly state: 'approved' | 'changes-requested' | 'commented';
  readonly commit: string;
  readonly body: string;
  readonly at: string;
  /** A later commit voided it. */
  stale: boolean;
}

/** A comment on a pull request. */
export interface ServerComment {
  readonly id: number;
  readonly author: string;
  body: string;
  readonly at: string;
}

/** A pull request as the server's database holds it. */
export interface ServerPull {
  readonly id: number;
  readonly number: number;
  title: string;
  body: string;
  readonly author: string;
  readonly head: string;
  base: string;
  /** Every tip the source branch had since it was opened, oldest first. */
  readonly versions: { readonly sha: string; readonly at: string }[];
  readonly createdAt: string;
  draft: boolean;
  labels: string[];
  reviewers: string[];
  teams: string[];
  autoMergeBy: string | undefined;
  state: 'open' | 'closed' | 'merged';
  closedBy: string | undefined;
  closedAt: string | undefined;
  mergeCommit: string | undefined;
  readonly reviews: ServerReview[];
  comments: ServerComment[];
}

export interface ServerStatus {
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure';
  readonly description: string;
  readonly creator: string;
  readonly at: string;
}

/** What must hold before anything merges into a protected branch. */
export interface ServerProtection {
  /** Checks that must be `success` on the head commit. Default `tier0/gate`. */
  readonly requiredStatuses?: readonly string[] | undefined;
  /** Approvals needed, of people who did not open it. Default 1. */
  readonly minimumApprovals?: number | undefined;
  /** Each touched path that CODEOWNERS gives to somebody needs an approval of one of them. Default false. */
  readonly requireCodeOwners?: boolean | undefined;
  /** Accounts by team, for the teams that CODEOWNERS names and reviews are asked of. */
  readonly members?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** The server's database: one repository and everything around it. */
export interface World {
  /** Bare repository. */
  readonly directory: string;
  readonly owner: string;
  readonly name: string;
  readonly accounts: readonly ServerAccount[];
  /** Whose forge it stands for, and so how it reads CODEOWNERS. */
  readonly dialect: CodeOwnersDialect;
  readonly protection: ServerProtection;
  /** Whether the repository lets pull requests merge by themselves. */
  readonly autoMergeAllowed: boolean;
  /** Whether merges go through a merge queue (GitHub) or a merge train (GitLab). */
  readonly mergeQueue: boolean;
  pulls: ServerPull[];
  /** The pull requests as they were before the last write: what a lagging replica would list. */
  before: ServerPull[];
  readonly labels: { readonly id: number; readonly name: string }[];
  readonly statuses: Map<string, ServerStatus[]>;
  /** Numbers are never given twice. */
  nextId(): number;
  /** Now, ISO 8601; never the same twice. */
  now(): string;
  readonly events: (event: WorldEvent) => void;
}

export interface WorldEvent {
  readonly action: 'opened' | 'edited' | 'synchronized' | 'reviewed' | 'closed' | 'reopened' | 'merged';
  readonly pull: ServerPull;
  readonly actor: string;
}

/** Something the server does not do, in no dialect's words. */
export class Refusal extends Error {
  readonly reason: RefusalReason;
  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

export type RefusalReason =
  | 'duplicate'
  | 'no-head'
  | 'no-base'
  | 'no-commits'
  | 'self-approval'
  | 'not-open'
  | 'already-merged'
  | 'blocked'
  | 'head-moved'
  | 'clean'
  | 'auto-merge-off'
  | 'already-scheduled'
  | 'unknown-account'
  | 'own-review'
  | 'not-found';

/** Runs git in the repository and gives its output without the last line break. */
export async function gitOf(world: World, args: readonly string[], answers?: readonly number[]): Promise<string> {
  const call = { args, directory: world.directory, ...(answers ? { answers } : {}) };
  return (await runGit(call)).stdout.toString('utf8').trimEnd();
}

/** Tip of a branch; undefined when it is not there. Read from the files themselves: it is asked at every request. */
export async function tipOf(world: World, branch: string): Promise<string | undefined> {
  const loose = await readFile(join(world.directory, 'refs/heads', branch), 'utf8').catch(() => undefined);
  if (loose !== undefined) return loose.trim();
  const packed = await readFile(join(world.directory, 'packed-refs'), 'utf8').catch(() => '');
  return packed
    .split('\n')
    .find((line) => line.endsWith(` refs/heads/${branch}`))
    ?.split(' ')[0];
}

/** Does a write after keeping what the lists said before it. */
export function write<T>(world: World, change: () => T): T {
  world.before = structuredClone(world.pulls);
  return change();
}

export function headOf(pull: ServerPull): string {
  return pull.versions.at(-1)?.sha ?? '';
}

/** Throws a Refusal when there is none of this number. */
export function pullOf(world: World, number: number): ServerPull {
  const pull = world.pulls.find((one) => one.number === number);
  if (!pull) throw new Refusal('not-found', `There is no pull request ${number}.`);
  return pull;
}

export function accountOf(world: World, login: string): ServerAccount {
  const account = world.accounts.find((one) => one.login === login);
  if (!account) throw new Refusal('unknown-account', `There is no account ${login}.`);
  return account;
}
