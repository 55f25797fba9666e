import {
  type CallContext,
  type CommitStatus,
  type Forge,
  type PullRequest,
  type PullRequestDraft,
  type Review,
  Tier0Error,
} from '@tier0/core';
import { z } from 'zod';
import { splitKey, withKey } from '../governance/marker.ts';
import { branchMissing, createHostedForge, type HostedApi } from './hosted.ts';
import { createForgeHttp, type ForgeHttp, saidBy } from './http.ts';

/** Which repository on Gitea or Forgejo, and as whom. */
export interface GiteaForgeOptions {
  /** `owner/name`. */
  readonly repository: string;
  /** Access token with read and write access to repositories and issues, or a function that gives the one valid now. */
  readonly token: string | (() => Promise<string>);
  /** `https://HOST/api/v1`. */
  readonly apiUrl: string;
  /** How a pull request that was asked to merges itself. Default `merge`. */
  readonly mergeMethod?: 'merge' | 'squash' | 'rebase' | undefined;
  /** Milliseconds one request may take. Default 30,000. */
  readonly timeoutMs?: number | undefined;
}

const User = z.object({ login: z.string() });
const PullSchema = z.object({
  number: z.number(),
  html_url: z.string(),
  title: z.string(),
  body: z.string(),
  user: User,
  state: z.enum(['open', 'closed']),
  draft: z.boolean().optional(),
  merged: z.boolean(),
  merged_at: z.string().nullable(),
  closed_at: z.string().nullish(),
  merge_commit_sha: z.string().nullable(),
  labels: z.array(z.object({ name: z.string() })).nullable(),
  requested_reviewers: z.array(User).nullish(),
  head: z.object({ ref: z.string(), sha: z.string(), repo_id: z.number() }),
  base: z.object({ ref: z.string(), repo_id: z.number() }),
});
type Pull = z.infer<typeof PullSchema>;

const LabelSchema = z.object({ id: z.number(), name: z.string() });
const CommentSchema = z.object({ id: z.number(), user: User, body: z.string() });
const EventSchema = z.object({ type: z.string(), user: User.nullish(), created_at: z.string().nullish() });
const ReviewSchema = z.object({
  user: User.nullable(),
  state: z.string(),
  commit_id: z.string(),
  submitted_at: z.string(),
  body: z.string(),
  dismissed: z.boolean().optional(),
});
const WIP = /^(?:WIP:|\[WIP\])\s*/i;

/**
 * Pull requests on Gitea or Forgejo (API v1). Their lists know no source branch, so a find looks through the newest 2,000. Whether one
 * is scheduled to merge is only in its timeline: `read` and `create` say it, `find` does not.
 */
export function createGiteaForge(options: GiteaForgeOptions): Forge {
  const repo = `/repos/${options.repository}`;
  const http = createForgeHttp({
    name: 'Gitea',
    apiUrl: options.apiUrl.replace(/\/$/, ''),
    timeoutMs: options.timeoutMs,
    permissionHint: 'Give the token the scopes write:repository and write:issue, and its account write access to the repository.',
    headers: async () => ({
      accept: 'application/json',
      authorization: `token ${typeof options.token === 'string' ? options.token : await options.token()}`,
    }),
  });
  const timeline = (number: number, context: CallContext) => http.list(`${repo}/issues/${number}/timeline?limit=50`, EventSchema, context);
  const readPull = (number: number, context: CallContext) => http.get(`${repo}/pulls/${number}`, PullSchema, context);
  const askReview = (number: number, body: object, context: CallContext) =>
    http.send({ method: 'POST', path: `${repo}/pulls/${number}/requested_reviewers`, body }, context);
  const present = async (pull: Pull, context: CallContext, always: boolean) => {
    const closed = pull.state === 'closed' && !pull.merged;
    return toPullRequest(pull, closed || always ? await timeline(pull.number, context) : []);
  };

  const api: HostedApi = {
    name: 'gitea',
    async check(context) {
      const { permissions } = await http.get(repo, z.object({ permissions: z.object({ push: z.boolean() }).optional() }), context);
      return permissions?.push === false ? [`Give the token's account write access to ${options.repository}.`] : [];
    },
    read: async (number, context) => present(await readPull(number, context), context, true),
    async list(query, context) {
      const state = query.status === 'open' ? 'open' : query.status === undefined ? 'all' : 'closed';
      const found = await http.list(`${repo}/pulls?${new URLSearchParams({ state, limit: '50' })}`, PullSchema, context);
      const wanted = found.filter(
        (pull) =>
          pull.head.repo_id === pull.base.repo_id &&
          (query.sourceBranch === undefined || pull.head.ref === query.sourceBranch) &&
          (query.author === undefined || pull.user.login === query.author) &&
          (query.key === undefined || splitKey(pull.body).key === query.key),
      );
      const shown = await Promise.all(wanted.map((pull) => present(pull, context, false)));
      return shown.sort((a, b) => b.number - a.number);
    },
    open: (draft, context) => open(http, repo, draft, context),
    addLabels: (number, labels, context) => addLabels(http, repo, { number, labels }, context),
    async askAccount(number, login, context) {
      const asked = (await readPull(number, context)).requested_reviewers ?? [];
      if (!asked.some((one) => one.login === login)) await askReview(number, { reviewers: [login] }, context);
    },
    askTeam: (number, team, context) => askReview(number, { team_reviewers: [team] }, context),
    requestAutoMerge: (pullRequest, context) => scheduleMerge(http, repo, { pullRequest, method: options.mergeMethod ?? 'merge' }, context),
    async edit(pullRequest, { title, body }, context) {
      const stored = body === undefined ? undefined : withKey(body, pullRequest.key);
      const named = title === undefined ? undefined : titleFor(title, pullRequest.draft);
      await http.send({ method: 'PATCH', path: `${repo}/pulls/${pullRequest.number}`, body: { title: named, body: stored } }, context);
    },
    async close(number, context) {
      await http.send({ method: 'PATCH', path: `${repo}/pulls/${number}`, body: { state: 'closed' } }, context);
    },
    async comments(number, context) {
      const comments = await http.get(`${repo}/issues/${number}/comments`, z.array(CommentSchema), context);
      return comments.map(({ id, user, body }) => ({ id, author: user.login, body }));
    },
    async writeComment(number, { id, body }, context) {
      const path = id === undefined ? `${repo}/issues/${number}/comments` : `${repo}/issues/comments/${id}`;
      const method = body === undefined ? 'DELETE' : id === undefined ? 'POST' : 'PATCH';
      await http.send(
        { method, path, ...(body === undefined ? {} : { body: { body } }), answers: method === 'DELETE' ? [404] : [] },
        context,
      );
    },
    status: (commit, status, context) => setStatus(http, repo, commit, status, context),
    reviews: async (number, context) =>
      (await http.list(`${repo}/pulls/${number}/reviews?limit=50`, ReviewSchema, context)).flatMap(toReview),
  };
  return createHostedForge(api);
}

function titleFor(title: string, draft: boolean | undefined): string {
  return draft ? `WIP: ${title}` : title;
}

function toPullRequest(pull: Pull, events: readonly z.infer<typeof EventSchema>[]): PullRequest {
  const { body, key } = splitKey(pull.body);
  const draft = pull.draft ?? WIP.test(pull.title);
  const closing = events.findLast((event) => event.type === 'close');
  const scheduling = events.findLast((event) => event.type === 'pull_scheduled_merge' || event.type === 'pull_cancel_scheduled_merge');
  const state: PullRequest['state'] = pull.merged
    ? { status: 'merged', commit: pull.merge_commit_sha ?? pull.head.sha, at: pull.merged_at ?? '' }
    : pull.state === 'closed'
      ? { status: 'closed', by: closing?.user?.login ?? '', at: pull.closed_at ?? closing?.created_at ?? '' }
      : { status: 'open' };
  return {
    ...{
      number: pull.number,
      url: pull.html_url,
      key,
      title: draft ? pull.title.replace(WIP, '') : pull.title,
      body,
      author: pull.user.login,
    },
    ...{ sourceBranch: pull.head.ref, targetBranch: pull.base.ref, headCommit: pull.head.sha },
    labels: [...new Set((pull.labels ?? []).map((label) => label.name))],
    ...(draft ? { draft } : {}),
    ...(scheduling?.type === 'pull_scheduled_merge' ? { autoMerge: true } : {}),
    state,
  };
}

async function open(http: ForgeHttp, repo: string, draft: PullRequestDraft, context: CallContext): Promise<PullRequest | 'exists'> {
  const title = titleFor(draft.title, draft.draft);
  const body = { title, head: draft.sourceBranch, base: draft.targetBranch, body: withKey(draft.body, draft.key) };
  const answer = await http.send({ method: 'POST', path: `${repo}/pulls`, body, answers: [404, 409, 422] }, context);
  if (answer.status < 300) return toPullRequest(PullSchema.parse(answer.body), []);
  if (answer.status === 409) return 'exists';
  if (answer.status === 404) throw branchMissing(draft);
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `Gitea does not open ${draft.sourceBranch}: ${saidBy(answer)}`,
    hint: 'Read what Gitea says; a branch without commits of its own cannot be opened.',
  });
}

/** Labels are set by id and must exist. */
async function addLabels(
  http: ForgeHttp,
  repo: string,
  { number, labels }: { readonly number: number; readonly labels: readonly string[] },
  context: CallContext,
): Promise<void> {
  const known = await readLabels(http, repo, context);
  const ids: number[] = [];
  for (const name of labels) ids.push(known.find((one) => one.name === name)?.id ?? (await makeLabel(http, repo, name, context)));
  await http.send({ method: 'POST', path: `${repo}/issues/${number}/labels`, body: { labels: ids } }, context);
}

/** Oldest first. */
async function readLabels(http: ForgeHttp, repo: string, context: CallContext): Promise<readonly z.infer<typeof LabelSchema>[]> {
  return [...(await http.list(`${repo}/labels?limit=50`, LabelSchema, context))].sort((a, b) => a.id - b.id);
}

/** Gitea lets two writers make the same label: the older one stays, whoever made the other takes it away. */
async function makeLabel(http: ForgeHttp, repo: string, name: string, context: CallContext): Promise<number> {
  const made = LabelSchema.parse(
    (await http.send({ method: 'POST', path: `${repo}/labels`, body: { name, color: '#6e7781' } }, context)).body,
  );
  const oldest = (await readLabels(http, repo, context)).find((one) => one.name === name) ?? made;
  if (oldest.id !== made.id) await http.send({ method: 'DELETE', path: `${repo}/labels/${made.id}`, answers: [404] }, context);
  return oldest.id;
}

/**
 * Gitea merges at once what nothing is missing of, so nothing is asked unless the base branch is protected and requires approvals:
 * then not even a merge at once could go round them.
 */
async function scheduleMerge(
  http: ForgeHttp,
  repo: string,
  { pullRequest, method }: { readonly pullRequest: PullRequest; readonly method: string },
  context: CallContext,
): Promise<void> {
  const Branch = z.object({ protected: z.boolean(), required_approvals: z.number() });
  const branch = await http.get(`${repo}/branches/${encodeURIComponent(pullRequest.targetBranch)}`, Branch, context);
  if (!branch.protected || branch.required_approvals < 1) {
    const hint = 'Protect the base branch with required approvals, or leave autoMerge out.';
    throw new Tier0Error({
      code: 'UNSUPPORTED',
      message: `${pullRequest.targetBranch} requires no approval and Gitea would merge at once`,
      hint,
    });
  }
  const body = { Do: method, merge_when_checks_succeed: true, head_commit_id: pullRequest.headCommit };
  const answer = await http.send({ method: 'POST', path: `${repo}/pulls/${pullRequest.number}/merge`, body, answers: [405, 409] }, context);
  if (answer.status < 300 || /already scheduled/.test(saidBy(answer))) return;
  throw new Tier0Error({
    code: 'UNSUPPORTED',
    message: `Gitea does not schedule it: ${saidBy(answer)}`,
    hint: 'Read what Gitea says; a draft cannot be scheduled.',
  });
}

/** What is said already is not said again: Gitea keeps every status ever set. */
async function setStatus(http: ForgeHttp, repo: string, commit: string, status: CommitStatus, context: CallContext): Promise<void> {
  const Status = z.object({ context: z.string(), status: z.string(), description: z.string() });
  const known = (await http.list(`${repo}/commits/${commit}/statuses?limit=50&sort=recentupdate`, Status, context)).find(
    (one) => one.context === status.context,
  );
  if (known?.status === status.state && known.description === status.description) return;
  const { state, context: name, description } = status;
  await http.send({ method: 'POST', path: `${repo}/statuses/${commit}`, body: { state, context: name, description } }, context);
}

const REVIEW_STATES: Readonly<Record<string, Review['state'] | undefined>> = {
  APPROVED: 'approved',
  REQUEST_CHANGES: 'changes-requested',
  COMMENT: 'commented',
};

function toReview(review: z.infer<typeof ReviewSchema>): readonly Review[] {
  const state = REVIEW_STATES[review.state];
  if (!state || review.dismissed) return [];
  return [{ reviewer: review.user?.login ?? '', state, commit: review.commit_id, at: review.submitted_at, body: review.body }];
}
