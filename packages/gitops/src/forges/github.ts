import {
  type CallContext,
  type CommitStatus,
  type Forge,
  type PullRequest,
  type PullRequestDraft,
  type PullRequestQuery,
  type Review,
  Tier0Error,
} from '@tier0/core';
import { z } from 'zod';
import { splitKey, withKey } from '../governance/marker.ts';
import { branchMissing, createHostedForge, type HostedApi } from './hosted.ts';
import { createForgeHttp, type ForgeHttp, saidBy } from './http.ts';

/** Which repository on GitHub, and as whom. */
export interface GitHubForgeOptions {
  /** `owner/name`. */
  readonly repository: string;
  /** Fine-grained or classic token, or a function that gives the one valid now (installation tokens last an hour). */
  readonly token: string | (() => Promise<string>);
  /** Default `https://api.github.com`; on GitHub Enterprise Server `https://HOST/api/v3`. */
  readonly apiUrl?: string | undefined;
  /** How a pull request that was asked to merges itself. Default: what the repository or its merge queue does. */
  readonly mergeMethod?: 'merge' | 'squash' | 'rebase' | undefined;
  /** Milliseconds one request may take. Default 30,000. */
  readonly timeoutMs?: number | undefined;
}

const Account = z.object({ login: z.string() }).nullable();
const PullSchema = z.object({
  number: z.number(),
  node_id: z.string(),
  html_url: z.string(),
  title: z.string(),
  body: z.string().nullable(),
  user: Account,
  state: z.enum(['open', 'closed']),
  draft: z.boolean().optional(),
  merged_at: z.string().nullable(),
  closed_at: z.string().nullable(),
  merge_commit_sha: z.string().nullable(),
  auto_merge: z.object({}).nullish(),
  labels: z.array(z.object({ name: z.string() })),
  requested_reviewers: z.array(z.object({ login: z.string() })).nullish(),
  requested_teams: z.array(z.object({ slug: z.string() })).nullish(),
  head: z.object({ ref: z.string(), sha: z.string(), repo: z.object({ full_name: z.string() }).nullish() }),
  base: z.object({ ref: z.string() }),
});
type Pull = z.infer<typeof PullSchema>;

const ReviewSchema = z.object({
  user: Account,
  state: z.string(),
  commit_id: z.string().nullable(),
  submitted_at: z.string().nullish(),
  body: z.string().nullish(),
});
const CommentSchema = z.object({ id: z.number(), user: Account, body: z.string().nullish() });
const RefusalSchema = z.object({ message: z.string().optional(), errors: z.array(z.unknown()).optional() });

/** Pull requests on GitHub or GitHub Enterprise Server, by its REST API (2022-11-28); auto-merge by GraphQL, where alone it exists. */
export function createGitHubForge(options: GitHubForgeOptions): Forge {
  const apiUrl = (options.apiUrl ?? 'https://api.github.com').replace(/\/$/, '');
  const repo = `/repos/${options.repository}`;
  const [owner = ''] = options.repository.split('/');
  const http = createForgeHttp({
    name: 'GitHub',
    apiUrl,
    timeoutMs: options.timeoutMs,
    permissionHint: 'Give the token read and write access to pull requests, contents, issues and commit statuses of the repository.',
    headers: async () => ({
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      authorization: `Bearer ${typeof options.token === 'string' ? options.token : await options.token()}`,
    }),
  });

  const readPull = (number: number, context: CallContext) => http.get(`${repo}/pulls/${number}`, PullSchema, context);
  const askReview = (number: number, body: object, context: CallContext) =>
    http.send({ method: 'POST', path: `${repo}/pulls/${number}/requested_reviewers`, body }, context);
  const present = async (pull: Pull, context: CallContext) => {
    const closed = pull.state === 'closed' && pull.merged_at === null;
    const issue = closed
      ? await http.get(`${repo}/issues/${pull.number}`, z.object({ closed_by: Account.optional() }), context)
      : undefined;
    return toPullRequest(pull, issue?.closed_by?.login);
  };

  const api: HostedApi = {
    name: 'github',
    check: (context) => whatTheTokenLacks(http, options.repository, context),
    read: async (number, context) => present(await readPull(number, context), context),
    async list(query, context) {
      const state = query.status === 'open' ? 'open' : query.status === undefined ? 'all' : 'closed';
      const search = new URLSearchParams({ state, sort: 'created', direction: 'desc', per_page: '100' });
      if (query.sourceBranch !== undefined) search.set('head', `${owner}:${query.sourceBranch}`);
      const pulls = await http.list(`${repo}/pulls?${search}`, PullSchema, context);
      const wanted = pulls.filter((pull) => isWanted(pull, query, options.repository));
      return Promise.all(wanted.map((pull) => present(pull, context)));
    },
    open: (draft, context) => open(http, repo, owner, draft, context),
    addLabels: (number, labels, context) =>
      http.send({ method: 'POST', path: `${repo}/issues/${number}/labels`, body: { labels } }, context),
    async askAccount(number, login, context) {
      const asked = (await readPull(number, context)).requested_reviewers ?? [];
      if (!asked.some((one) => one.login === login)) await askReview(number, { reviewers: [login] }, context);
    },
    async askTeam(number, team, context) {
      const asked = (await readPull(number, context)).requested_teams ?? [];
      if (!asked.some((one) => one.slug === team)) await askReview(number, { team_reviewers: [team] }, context);
    },
    async requestAutoMerge(pullRequest, context) {
      const { node_id } = await readPull(pullRequest.number, context);
      const wanted = { id: node_id, head: pullRequest.headCommit, method: options.mergeMethod };
      await enableAutoMerge(http, graphqlUrlOf(apiUrl), wanted, context);
    },
    async edit(pullRequest, { title, body }, context) {
      const stored = body === undefined ? undefined : withKey(body, pullRequest.key);
      await http.send({ method: 'PATCH', path: `${repo}/pulls/${pullRequest.number}`, body: { title, body: stored } }, context);
    },
    async close(number, context) {
      await http.send({ method: 'PATCH', path: `${repo}/pulls/${number}`, body: { state: 'closed' } }, context);
    },
    async comments(number, context) {
      const comments = await http.list(`${repo}/issues/${number}/comments?per_page=100`, CommentSchema, context);
      return comments.map(({ id, user, body }) => ({ id, author: user?.login ?? '', body: body ?? '' }));
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
      (await http.list(`${repo}/pulls/${number}/reviews?per_page=100`, ReviewSchema, context)).flatMap(toReview),
  };
  return createHostedForge(api);
}

const RepositorySchema = z.object({ private: z.boolean().optional(), permissions: z.object({ push: z.boolean() }).optional() });

/**
 * Scopes are told of classic tokens alone (`X-OAuth-Scopes`); of fine-grained and installation tokens GitHub tells the write access, and the
 * rest by the answer to the first request that needs it.
 */
async function whatTheTokenLacks(http: ForgeHttp, repository: string, context: CallContext): Promise<readonly string[]> {
  const { value, headers } = await http.inspect(`/repos/${repository}`, RepositorySchema, context);
  const told = headers['x-oauth-scopes'];
  const scopes =
    told
      ?.split(',')
      .map((scope) => scope.trim())
      .filter(Boolean) ?? [];
  const isEnough = told === undefined || scopes.includes('repo') || (value.private === false && scopes.includes('public_repo'));
  return [
    ...(isEnough ? [] : [`Give the token the scope "repo"; it has ${scopes.join(', ') || 'none'}.`]),
    ...(value.permissions?.push === false ? [`Give the token's account write access to ${repository}.`] : []),
  ];
}

/** Cheap conditions first: a closed pull request that nobody asked for is not worth a request for who closed it. */
function isWanted(pull: Pull, query: PullRequestQuery, repository: string): boolean {
  const ofFork = pull.head.repo?.full_name !== undefined && pull.head.repo.full_name.toLowerCase() !== repository.toLowerCase();
  if (ofFork || (query.author !== undefined && pull.user?.login !== query.author)) return false;
  return query.key === undefined || splitKey(pull.body ?? '').key === query.key;
}

function toPullRequest(pull: Pull, closedBy: string | undefined): PullRequest {
  const { body, key } = splitKey(pull.body ?? '');
  const state: PullRequest['state'] =
    pull.merged_at !== null
      ? { status: 'merged', commit: pull.merge_commit_sha ?? pull.head.sha, at: pull.merged_at }
      : pull.state === 'closed'
        ? { status: 'closed', by: closedBy ?? '', at: pull.closed_at ?? '' }
        : { status: 'open' };
  return {
    ...{ number: pull.number, url: pull.html_url, key, title: pull.title, body, author: pull.user?.login ?? '' },
    ...{
      sourceBranch: pull.head.ref,
      targetBranch: pull.base.ref,
      headCommit: pull.head.sha,
      labels: pull.labels.map((label) => label.name),
    },
    ...(pull.draft ? { draft: true } : {}),
    ...(pull.auto_merge ? { autoMerge: true } : {}),
    state,
  };
}

async function open(
  http: ForgeHttp,
  repo: string,
  owner: string,
  draft: PullRequestDraft,
  context: CallContext,
): Promise<PullRequest | 'exists'> {
  const body = {
    ...{ title: draft.title, head: draft.sourceBranch, base: draft.targetBranch, body: withKey(draft.body, draft.key) },
    ...(draft.draft ? { draft: true } : {}),
  };
  const answer = await http.send({ method: 'POST', path: `${repo}/pulls`, body, answers: [422] }, context);
  if (answer.status !== 422) return toPullRequest(PullSchema.parse(answer.body), undefined);
  const said = JSON.stringify(RefusalSchema.safeParse(answer.body).data ?? answer.body);
  if (/A pull request already exists/i.test(said)) return 'exists';
  if (/"field":"(?:head|base)"/.test(said)) throw branchMissing(draft);
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `GitHub does not open ${owner}:${draft.sourceBranch}: ${saidBy(answer)}`,
    hint: 'Read what GitHub says; a branch without commits of its own cannot be opened, and private repositories may not know drafts.',
  });
}

/** Refused by GitHub itself for what could be merged at once; on a branch with a merge queue it means queueing. */
async function enableAutoMerge(
  http: ForgeHttp,
  url: string,
  wanted: { readonly id: string; readonly head: string; readonly method: GitHubForgeOptions['mergeMethod'] },
  context: CallContext,
): Promise<void> {
  const { id, head, method } = wanted;
  const input = `pullRequestId: $id, expectedHeadOid: $head${method ? `, mergeMethod: ${method.toUpperCase()}` : ''}`;
  const query = `mutation($id: ID!, $head: GitObjectID!) { enablePullRequestAutoMerge(input: {${input}}) { pullRequest { number } } }`;
  const answer = await http.send({ method: 'POST', path: url, body: { query, variables: { id, head } } }, context);
  const { errors = [] } = z.object({ errors: z.array(z.object({ message: z.string() })).optional() }).parse(answer.body);
  if (errors.length === 0) return;
  throw new Tier0Error({
    code: 'UNSUPPORTED',
    message: `GitHub says: ${errors
      .map((error) => error.message)
      .join('; ')
      .slice(0, 300)}`,
    hint: 'Allow auto-merge in the settings of the repository and protect the base branch.',
  });
}

/** GraphQL lives beside the REST API: `/graphql`, on Enterprise Server `/api/graphql`. */
function graphqlUrlOf(apiUrl: string): string {
  return apiUrl.endsWith('/api/v3') ? apiUrl.replace(/\/v3$/, '/graphql') : `${apiUrl}/graphql`;
}

/** GitHub keeps every status ever set, at most 1,000 for a commit: what is said already is not said again. */
async function setStatus(http: ForgeHttp, repo: string, commit: string, status: CommitStatus, context: CallContext): Promise<void> {
  const Combined = z.object({ statuses: z.array(z.object({ context: z.string(), state: z.string(), description: z.string().nullish() })) });
  const { statuses } = await http.get(`${repo}/commits/${commit}/status?per_page=100`, Combined, context);
  const description = status.description.slice(0, 140);
  const known = statuses.find((one) => one.context === status.context);
  if (known?.state === status.state && (known.description ?? '') === description) return;
  const body = { state: status.state, context: status.context, description };
  await http.send({ method: 'POST', path: `${repo}/statuses/${commit}`, body }, context);
}

const REVIEW_STATES: Readonly<Record<string, Review['state'] | undefined>> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  COMMENTED: 'commented',
};

/** Dismissed reviews count for nothing, and pending ones are not given yet. */
function toReview(review: z.infer<typeof ReviewSchema>): readonly Review[] {
  const state = REVIEW_STATES[review.state];
  if (!state) return [];
  return [
    { reviewer: review.user?.login ?? '', state, commit: review.commit_id ?? '', at: review.submitted_at ?? '', body: review.body ?? '' },
  ];
}
