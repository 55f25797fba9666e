import {
  type CallContext,
  type CommitStatus,
  type Forge,
  type PullRequest,
  type PullRequestDraft,
  type Review,
  Tier0Error,
  toTier0Error,
} from '@tier0/core';
import { z } from 'zod';
import { splitKey, withKey } from '../governance/marker.ts';
import { branchMissing, createHostedForge, type HostedApi } from './hosted.ts';
import { createForgeHttp, type ForgeHttp, saidBy } from './http.ts';

/** Which project on GitLab, and as whom. */
export interface GitLabForgeOptions {
  /** Full path, `group/subgroup/name`, or numeric id. */
  readonly project: string;
  /** Project, group or personal access token with the scope `api`, or a function that gives the one valid now. */
  readonly token: string | (() => Promise<string>);
  /** Default `https://gitlab.com/api/v4`. */
  readonly apiUrl?: string | undefined;
  /** Milliseconds one request may take. Default 30,000. */
  readonly timeoutMs?: number | undefined;
}

const User = z.object({ id: z.number(), username: z.string() });
const MergeRequestSchema = z.object({
  iid: z.number(),
  web_url: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  author: User,
  source_branch: z.string(),
  target_branch: z.string(),
  source_project_id: z.number().nullable(),
  target_project_id: z.number(),
  sha: z.string().nullable(),
  labels: z.array(z.string()),
  reviewers: z.array(User).nullish(),
  state: z.enum(['opened', 'closed', 'merged', 'locked']),
  draft: z.boolean().optional(),
  merge_when_pipeline_succeeds: z.boolean().nullish(),
  merged_at: z.string().nullable(),
  closed_at: z.string().nullable(),
  closed_by: User.nullish(),
  merge_commit_sha: z.string().nullish(),
  squash_commit_sha: z.string().nullish(),
});
type MergeRequest = z.infer<typeof MergeRequestSchema>;

const NoteSchema = z.object({ id: z.number(), author: User, body: z.string(), system: z.boolean() });
const ApprovalsSchema = z.object({
  approvals_required: z.number().nullish(),
  approvals_left: z.number().nullish(),
  approved_by: z.array(z.object({ user: User, approved_at: z.string().nullish() })),
});
const ReviewerSchema = z.object({ user: User, state: z.string(), created_at: z.string() });
const VersionSchema = z.object({ head_commit_sha: z.string(), created_at: z.string() });
const DRAFT = /^(?:draft:|\[draft\]|\(draft\))\s*/i;

/** Merge requests on GitLab (REST API v4). Pull request numbers are iids. */
export function createGitLabForge(options: GitLabForgeOptions): Forge {
  const project = `/projects/${encodeURIComponent(options.project)}`;
  const http = createForgeHttp({
    name: 'GitLab',
    apiUrl: (options.apiUrl ?? 'https://gitlab.com/api/v4').replace(/\/$/, ''),
    timeoutMs: options.timeoutMs,
    permissionHint: 'Give the token the scope "api" and its account the role Developer (Maintainer where the base branch asks for it).',
    headers: async () => ({
      accept: 'application/json',
      'private-token': typeof options.token === 'string' ? options.token : await options.token(),
    }),
  });
  const one = (iid: number) => `${project}/merge_requests/${iid}`;
  const readOne = (iid: number, context: CallContext) => http.get(one(iid), MergeRequestSchema, context);

  const api: HostedApi = {
    name: 'gitlab',
    check: async (context) => [...(await missingScope(http, context)), ...(await missingRole(http, options.project, context))],
    read: async (number, context) => toPullRequest(await readOne(number, context)),
    async list(query, context) {
      const states = { open: 'opened', closed: 'closed', merged: 'merged' } as const;
      const state = query.status ? states[query.status] : 'all';
      const search = new URLSearchParams({ state, order_by: 'created_at', sort: 'desc', per_page: '100' });
      if (query.sourceBranch !== undefined) search.set('source_branch', query.sourceBranch);
      if (query.author !== undefined) search.set('author_username', query.author);
      const found = await http.list(`${project}/merge_requests?${search}`, MergeRequestSchema, context);
      return found.filter((request) => request.source_project_id === request.target_project_id).map(toPullRequest);
    },
    open: (draft, context) => open(http, project, draft, context),
    addLabels: (number, labels, context) =>
      http.send({ method: 'PUT', path: one(number), body: { add_labels: labels.join(',') } }, context),
    async askAccount(number, login, context) {
      const { id } = await findUser(http, login, context);
      const ids = ((await readOne(number, context)).reviewers ?? []).map((reviewer) => reviewer.id);
      if (!ids.includes(id)) await http.send({ method: 'PUT', path: one(number), body: { reviewer_ids: [...ids, id] } }, context);
    },
    askTeam: (_number, team) => Promise.reject(groupsAreAsked(team)),
    requestAutoMerge: (pullRequest, context) => scheduleMerge(http, project, pullRequest, context),
    async edit(pullRequest, { title, body }, context) {
      const description = body === undefined ? undefined : withKey(body, pullRequest.key);
      const named = title === undefined ? undefined : titleFor(title, pullRequest.draft);
      await http.send({ method: 'PUT', path: one(pullRequest.number), body: { title: named, description } }, context);
    },
    async close(number, context) {
      await http.send({ method: 'PUT', path: one(number), body: { state_event: 'close' } }, context);
    },
    async comments(number, context) {
      const notes = await http.list(`${one(number)}/notes?sort=asc&order_by=created_at&per_page=100`, NoteSchema, context);
      return notes.filter((note) => !note.system).map(({ id, author, body }) => ({ id, author: author.username, body }));
    },
    async writeComment(number, { id, body }, context) {
      const path = id === undefined ? `${one(number)}/notes` : `${one(number)}/notes/${id}`;
      const method = body === undefined ? 'DELETE' : id === undefined ? 'POST' : 'PUT';
      await http.send(
        { method, path, ...(body === undefined ? {} : { body: { body } }), answers: method === 'DELETE' ? [404] : [] },
        context,
      );
    },
    status: (commit, status, context) => setStatus(http, project, commit, status, context),
    reviews: (number, context) => readReviews(http, one(number), context),
  };
  return createHostedForge(api);
}

const TokenSchema = z.object({ scopes: z.array(z.string()) });
const AccessSchema = z.object({ access_level: z.number() }).nullish();
const ProjectSchema = z.object({ permissions: z.object({ project_access: AccessSchema, group_access: AccessSchema }).nullish() });
/** GitLab's number of the role Developer. */
const DEVELOPER = 30;

/** Personal, project and group tokens say what they may; of others (OAuth, jobs) GitLab does not tell. */
async function missingScope(http: ForgeHttp, context: CallContext): Promise<readonly string[]> {
  const token = await http.inspect('/personal_access_tokens/self', TokenSchema, context).catch((error: unknown) => {
    if (toTier0Error(error).code === 'NOT_FOUND') return undefined;
    throw error;
  });
  const scopes = token?.value.scopes ?? ['api'];
  return scopes.includes('api') ? [] : [`Give the token the scope "api"; it has ${scopes.join(', ') || 'none'}.`];
}

async function missingRole(http: ForgeHttp, project: string, context: CallContext): Promise<readonly string[]> {
  const { permissions } = await http.get(`/projects/${encodeURIComponent(project)}`, ProjectSchema, context);
  const levels = [permissions?.project_access, permissions?.group_access].flatMap((access) => access?.access_level ?? []);
  // An administrator has no role of their own: then nothing is told, and nothing can be said.
  const isTooLow = levels.length > 0 && Math.max(...levels) < DEVELOPER;
  return isTooLow ? [`Give the token's account the role Developer in ${project}.`] : [];
}

function titleFor(title: string, draft: boolean | undefined): string {
  return draft ? `Draft: ${title}` : title;
}

/** Bodies of GitLab are what `splitKey` takes; its titles carry the draft mark. */
function toPullRequest(request: MergeRequest): PullRequest {
  const { body, key } = splitKey(request.description ?? '');
  const draft = request.draft ?? DRAFT.test(request.title);
  const commit = request.merge_commit_sha ?? request.squash_commit_sha ?? request.sha ?? '';
  const states = {
    merged: { status: 'merged', commit, at: request.merged_at ?? '' },
    closed: { status: 'closed', by: request.closed_by?.username ?? '', at: request.closed_at ?? '' },
    opened: { status: 'open' },
    // For the moment of merging.
    locked: { status: 'open' },
  } as const;
  return {
    ...{ number: request.iid, url: request.web_url, key, title: draft ? request.title.replace(DRAFT, '') : request.title, body },
    ...{ author: request.author.username, sourceBranch: request.source_branch, targetBranch: request.target_branch },
    ...{ headCommit: request.sha ?? '', labels: request.labels },
    ...(draft ? { draft } : {}),
    ...(request.merge_when_pipeline_succeeds ? { autoMerge: true } : {}),
    state: states[request.state],
  };
}

async function open(http: ForgeHttp, project: string, draft: PullRequestDraft, context: CallContext): Promise<PullRequest | 'exists'> {
  const body = {
    ...{ title: titleFor(draft.title, draft.draft), source_branch: draft.sourceBranch, target_branch: draft.targetBranch },
    ...{ description: withKey(draft.body, draft.key) },
  };
  const answer = await http.send({ method: 'POST', path: `${project}/merge_requests`, body, answers: [400, 409, 422] }, context);
  if (answer.status < 300) return toPullRequest(MergeRequestSchema.parse(answer.body));
  const said = JSON.stringify(answer.body);
  if (answer.status === 409 && /already exists/i.test(said)) return 'exists';
  if (/(?:source|target).branch[^}]*(?:does not exist|is invalid)/i.test(said)) throw branchMissing(draft);
  throw new Tier0Error({
    code: answer.status === 409 ? 'CONFLICT' : 'INVALID_INPUT',
    message: `GitLab does not open ${draft.sourceBranch}: ${saidBy(answer)}`,
    hint: 'Read what GitLab says and correct the branch or the project settings.',
  });
}

function groupsAreAsked(team: string): Tier0Error {
  return new Tier0Error({
    code: 'UNSUPPORTED',
    message: `GitLab asks groups by its own rules, not by name: ${team}`,
    hint: 'Name the group in CODEOWNERS or in an approval rule of the project.',
  });
}

async function findUser(http: ForgeHttp, login: string, context: CallContext): Promise<z.infer<typeof User>> {
  const [user] = await http.list(`/users?username=${encodeURIComponent(login)}`, User, context);
  if (user) return user;
  const hint = 'Correct the name in CODEOWNERS or in the options.';
  throw new Tier0Error({ code: 'NOT_FOUND', message: `GitLab knows no account ${login}`, hint });
}

/**
 * GitLab merges at once what waits for nothing, so nothing is asked unless approvals are required and still missing: then it can only
 * be scheduled. Where the project has merge trains, the request is to join one.
 */
async function scheduleMerge(http: ForgeHttp, project: string, pullRequest: PullRequest, context: CallContext): Promise<void> {
  const path = `${project}/merge_requests/${pullRequest.number}`;
  const { approvals_left } = await http.get(`${path}/approvals`, ApprovalsSchema, context);
  if (!approvals_left) {
    const hint = 'Require approvals for the base branch, or leave autoMerge out.';
    throw new Tier0Error({ code: 'UNSUPPORTED', message: 'GitLab requires no further approval and would merge at once', hint });
  }
  const { merge_trains_enabled } = await http.get(project, z.object({ merge_trains_enabled: z.boolean().nullish() }), context);
  const request = { body: { auto_merge: true, sha: pullRequest.headCommit }, answers: [405, 409] };
  const answer = merge_trains_enabled
    ? await http.send({ method: 'POST', path: `${project}/merge_trains/merge_requests/${pullRequest.number}`, ...request }, context)
    : await http.send({ method: 'PUT', path: `${path}/merge`, ...request }, context);
  if (answer.status < 300) return;
  throw new Tier0Error({
    code: 'UNSUPPORTED',
    message: `GitLab does not schedule it: ${saidBy(answer)}`,
    hint: 'Auto-merge needs a pipeline or an approval rule to wait for.',
  });
}

const STATES = { pending: 'pending', success: 'success', failure: 'failed' } as const;

/** GitLab refuses to say the same state twice. */
async function setStatus(http: ForgeHttp, project: string, commit: string, status: CommitStatus, context: CallContext): Promise<void> {
  const state = STATES[status.state];
  const known = await http.list(
    `${project}/repository/commits/${commit}/statuses?name=${encodeURIComponent(status.context)}`,
    z.object({ name: z.string(), status: z.string() }),
    context,
  );
  if (known.some((one) => one.name === status.context && one.status === state)) return;
  const body = { state, name: status.context, description: status.description.slice(0, 255) };
  const answer = await http.send({ method: 'POST', path: `${project}/statuses/${commit}`, body, answers: [400] }, context);
  if (answer.status < 300 || /Cannot transition status/.test(JSON.stringify(answer.body))) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `GitLab does not take the status: ${saidBy(answer)}`,
    hint: 'Check the commit and the name of the check.',
  });
}

/** GitLab says when somebody approved, not what: the commit is the newest version of that time. */
async function readReviews(http: ForgeHttp, path: string, context: CallContext): Promise<readonly Review[]> {
  const [{ approved_by }, reviewers, versions] = await Promise.all([
    http.get(`${path}/approvals`, ApprovalsSchema, context),
    http.get(`${path}/reviewers`, z.array(ReviewerSchema), context),
    http.list(`${path}/versions?per_page=100`, VersionSchema, context),
  ]);
  const oldestFirst = [...versions].sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
  // Without a time an approval is one of the first version: it may not be taken for one of a later commit.
  const commitAt = (at: string | null | undefined) => {
    const before = at ? oldestFirst.findLast((version) => Date.parse(version.created_at) <= Date.parse(at)) : undefined;
    return (before ?? oldestFirst[0])?.head_commit_sha ?? '';
  };
  const approvals = approved_by.map(({ user, approved_at }): Review => {
    const at = approved_at ?? oldestFirst[0]?.created_at ?? '';
    return { reviewer: user.username, state: 'approved', commit: commitAt(approved_at), at, body: '' };
  });
  const objections = reviewers
    .filter((reviewer) => reviewer.state === 'requested_changes')
    .map(
      ({ user, created_at }): Review => ({
        reviewer: user.username,
        state: 'changes-requested',
        commit: commitAt(created_at),
        at: created_at,
        body: '',
      }),
    );
  return [...approvals, ...objections].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
