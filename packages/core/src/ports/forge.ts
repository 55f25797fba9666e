import type { Adapter, CallContext } from './adapter.ts';

/** Where a pull request stands, and who brought it there. */
export type PullRequestState =
  | { readonly status: 'open' }
  | { readonly status: 'merged'; readonly commit: string; readonly at: string }
  | {
      readonly status: 'closed';
      readonly by: string;
      readonly at: string;
      /** What the person said, where the forge keeps it with the closing. */
      readonly reason?: string | undefined;
    };

/** A pull request as the forge knows it now. */
export interface PullRequest {
  readonly number: number;
  readonly url: string;
  /** Marker that is a pure function of the proposal; how a retry finds its own work. */
  readonly key: string;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly sourceBranch: string;
  readonly targetBranch: string;
  /** Commit at the tip of the source branch. */
  readonly headCommit: string;
  readonly labels: readonly string[];
  /** Not ready to be merged, whoever approves. Absent: ready. */
  readonly draft?: boolean | undefined;
  /** The forge was asked to merge it, or to queue it for merging, once its own rules are satisfied. Absent: a person will. */
  readonly autoMerge?: boolean | undefined;
  readonly state: PullRequestState;
}

/** What `find` looks for; an absent part matches everything. */
export interface PullRequestQuery {
  readonly key?: string | undefined;
  readonly sourceBranch?: string | undefined;
  readonly author?: string | undefined;
  readonly status?: PullRequestState['status'] | undefined;
}

/** A pull request that is about to be opened. */
export interface PullRequestDraft {
  readonly key: string;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly sourceBranch: string;
  readonly targetBranch: string;
  readonly labels: readonly string[];
  /** Accounts or groups asked to review. */
  readonly reviewers: readonly string[];
  /** Opens it as a draft, where the forge knows drafts. */
  readonly draft?: boolean | undefined;
  /**
   * Asks the forge to merge (or queue) it by itself once its own rules are satisfied. Never a merge: nothing is asked of a forge that
   * would merge at once, and where it is not possible the pull request says so and waits for a person.
   */
  readonly autoMerge?: boolean | undefined;
}

/** A review somebody gave on the forge. */
export interface Review {
  readonly reviewer: string;
  readonly state: 'approved' | 'changes-requested' | 'commented';
  /** Commit that was reviewed. */
  readonly commit: string;
  readonly at: string;
  readonly body: string;
  /** Digest of the proposal the reviewer saw, where the forge can hold it. */
  readonly digest?: string | undefined;
}

/** A check beside a commit, as forges show it. */
export interface CommitStatus {
  /** Name of the check, e.g. `tier0/gate`. */
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure';
  readonly description: string;
}

/** Pull requests on a forge. There is no `merge` verb: approval merges by the forge's own rules, and no agent can. */
export interface Forge extends Adapter {
  /** Throws NOT_FOUND. */
  read(number: number, context: CallContext): Promise<PullRequest>;
  /** Pull requests for which every given part holds, newest first. */
  find(query: PullRequestQuery, context: CallContext): Promise<readonly PullRequest[]>;
  /** `exists` when an open one for the same branches is already there: adopt it. Throws NOT_FOUND when the source branch is missing. */
  create(
    draft: PullRequestDraft,
    context: CallContext,
  ): Promise<{ readonly outcome: 'created' | 'exists'; readonly pullRequest: PullRequest }>;
  /** Throws CONFLICT when it is no longer open. */
  update(number: number, change: { readonly title?: string; readonly body?: string }, context: CallContext): Promise<PullRequest>;
  /** Writes or replaces the one comment with this topic. */
  comment(number: number, comment: { readonly topic: string; readonly body: string }, context: CallContext): Promise<void>;
  /** Sets one check on a commit. */
  status(commit: string, status: CommitStatus, context: CallContext): Promise<void>;
  /** Oldest first. */
  reviews(number: number, context: CallContext): Promise<readonly Review[]>;
  /** Closes without merging. Closing a closed one changes nothing; throws CONFLICT when it was merged. */
  closePullRequest(number: number, reason: string, context: CallContext): Promise<void>;
}
