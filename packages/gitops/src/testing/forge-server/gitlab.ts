import { z } from 'zod';
import type { Answer, Call, Dialect, Route } from './dialect.ts';
import {
  addComment,
  blockersOf,
  changeComment,
  closePull,
  latestStatuses,
  mergePull,
  openPull,
  reopenPull,
  requestReviews,
  scheduleMerge,
  setStatus,
  standingReviews,
  submitReview,
} from './rules.ts';
import { accountOf, headOf, pullOf, Refusal, type ServerPull, type World } from './world.ts';

/*
 * From GitLab's API documentation and its public sources (lib/api/merge_requests.rb): endpoints, parameters, the 409 for a second merge
 * request, `auto_merge` that merges at once when everything is satisfied and answers 405 when it cannot be scheduled. Ids and iids
 * differ on purpose. Required checks stand for "pipelines must succeed": commit statuses make the external pipeline of a commit.
 */

const MERGE_REQUESTS = '/projects/:project/merge_requests';
const ONE = `${MERGE_REQUESTS}/:iid`;
const DRAFT = 'Draft: ';

function user(world: World, login: string) {
  const { id } = accountOf(world, login);
  return { id, username: login, name: login, state: 'active' };
}

async function toMergeRequest(call: Pick<Call, 'world' | 'origin'>, pull: ServerPull) {
  const { world, origin } = call;
  const states = { open: 'opened', closed: 'closed', merged: 'merged' } as const;
  const merged = pull.state === 'merged';
  const blockers = pull.state === 'open' ? await blockersOf(world, pull) : [];
  return {
    ...{ id: pull.id, iid: pull.number, project_id: 1, source_project_id: 1, target_project_id: 1 },
    ...{ title: pull.draft ? DRAFT + pull.title : pull.title, description: pull.body, state: states[pull.state], draft: pull.draft },
    web_url: `${origin}/${world.owner}/${world.name}/-/merge_requests/${pull.number}`,
    ...{ author: user(world, pull.author), source_branch: pull.head, target_branch: pull.base, sha: headOf(pull), labels: pull.labels },
    reviewers: pull.reviewers.map((login) => user(world, login)),
    ...{ created_at: pull.createdAt, merged_at: merged ? pull.closedAt : null, closed_at: pull.state === 'closed' ? pull.closedAt : null },
    closed_by: pull.state === 'closed' ? user(world, pull.closedBy ?? '') : null,
    ...{ merge_commit_sha: pull.mergeCommit ?? null, squash_commit_sha: null },
    merge_when_pipeline_succeeds: pull.autoMergeBy !== undefined && pull.state === 'open',
    detailed_merge_status:
      pull.state !== 'open' ? 'not_open' : pull.draft ? 'draft_status' : blockers.length === 0 ? 'mergeable' : 'not_approved',
  };
}

function iidOf(call: Call): number {
  return Number(call.params.iid);
}

async function answerOne(call: Call, status = 200): Promise<Answer> {
  return { status, body: await toMergeRequest(call, pullOf(call.world, iidOf(call))) };
}

/** The title without its draft prefix, and whether it had one. */
function readTitle(title: string): { readonly title: string; readonly draft: boolean } {
  const match = /^(?:draft:|\[draft\]|\(draft\))\s*/i.exec(title);
  return { title: title.slice(match?.[0].length ?? 0), draft: match !== null };
}

function namesIn(labels: string | undefined): string[] {
  return (labels ?? '')
    .split(',')
    .map((label) => label.trim())
    .filter(Boolean);
}

function setReviewers(call: Call, number: number, ids: readonly number[]): void {
  const known = call.world.accounts.filter((account) => ids.includes(account.id)).map((account) => account.login);
  const pull = pullOf(call.world, number);
  pull.reviewers = [];
  // Ids that GitLab does not know are dropped without a word, as it does.
  requestReviews(call.world, number, { reviewers: known.filter((login) => login !== pull.author), teams: [] });
}

const optional = {
  description: z.string().max(1_048_576).optional(),
  labels: z.string().optional(),
  reviewer_ids: z.array(z.number().int()).optional(),
  assignee_ids: z.array(z.number().int()).optional(),
  remove_source_branch: z.boolean().optional(),
  squash: z.boolean().optional(),
  allow_collaboration: z.boolean().optional(),
};

const mergeRequests: readonly Route[] = [
  {
    method: 'GET',
    path: MERGE_REQUESTS,
    query: ['state', 'source_branch', 'target_branch', 'author_username', 'order_by', 'sort'],
    async handle(call) {
      const { state = 'all', source_branch, target_branch, author_username, sort = 'desc' } = call.query;
      const states: Readonly<Record<string, ServerPull['state'] | undefined>> = { opened: 'open', closed: 'closed', merged: 'merged' };
      if (state !== 'all' && !states[state]) return invalid('state does not have a valid value');
      const wanted = call.visible.filter(
        (pull) =>
          (state === 'all' || pull.state === states[state]) &&
          (source_branch === undefined || pull.head === source_branch) &&
          (target_branch === undefined || pull.base === target_branch) &&
          (author_username === undefined || pull.author === author_username),
      );
      const list = await Promise.all(wanted.map((pull) => toMergeRequest(call, pull)));
      return { status: 200, list: sort === 'asc' ? list : list.reverse() };
    },
  },
  {
    method: 'POST',
    path: MERGE_REQUESTS,
    body: z.strictObject({
      title: z.string().min(1).max(255),
      source_branch: z.string(),
      target_branch: z.string(),
      target_project_id: z.number().optional(),
      ...optional,
    }),
    async handle(call) {
      const { source_branch: head, target_branch: base, description: body = '', labels, reviewer_ids } = call.body;
      const pull = await openPull(call.world, { ...readTitle(call.body.title), body, head, base, author: call.account.login });
      pull.labels = namesIn(labels);
      if (reviewer_ids) setReviewers(call, pull.number, reviewer_ids);
      return { status: 201, body: await toMergeRequest(call, pull) };
    },
  },
  { method: 'GET', path: ONE, handle: (call) => answerOne(call) },
  {
    method: 'PUT',
    path: ONE,
    body: z
      .strictObject({
        ...{
          title: z.string().min(1).max(255).optional(),
          target_branch: z.string().optional(),
          state_event: z.enum(['close', 'reopen']).optional(),
        },
        ...{ add_labels: z.string().optional(), remove_labels: z.string().optional(), ...optional },
      })
      .refine((body) => Object.keys(body).length > 0, 'at least one parameter must be provided'),
    async handle(call) {
      const pull = pullOf(call.world, iidOf(call));
      const { title, description, state_event, labels, add_labels, reviewer_ids } = call.body;
      if (state_event === 'close') closePull(call.world, pull.number, call.account.login);
      if (state_event === 'reopen') await reopenPull(call.world, pull.number, call.account.login);
      if (title !== undefined) Object.assign(pull, readTitle(title));
      pull.body = description ?? pull.body;
      if (labels !== undefined) pull.labels = namesIn(labels);
      pull.labels = [...new Set([...pull.labels, ...namesIn(add_labels)])];
      if (reviewer_ids) setReviewers(call, pull.number, reviewer_ids);
      return answerOne(call);
    },
  },
  {
    method: 'PUT',
    path: `${ONE}/merge`,
    body: z.strictObject({
      ...{ sha: z.string().optional(), squash: z.boolean().optional(), auto_merge: z.boolean().optional() },
      ...{ merge_when_pipeline_succeeds: z.boolean().optional(), should_remove_source_branch: z.boolean().optional() },
      ...{ merge_commit_message: z.string().optional(), squash_commit_message: z.string().optional() },
    }),
    handle: (call) => mergeOrSchedule(call, call.body.auto_merge === true || call.body.merge_when_pipeline_succeeds === true),
  },
  {
    method: 'POST',
    path: '/projects/:project/merge_trains/merge_requests/:iid',
    body: z.strictObject({ sha: z.string().optional(), squash: z.boolean().optional(), auto_merge: z.boolean().optional() }),
    handle(call) {
      if (!call.world.mergeQueue) return { status: 404, body: { message: '404 Not Found' } };
      return mergeOrSchedule(call, call.body.auto_merge === true);
    },
  },
];

/** GitLab schedules what waits for something, merges at once what does not, and refuses what can be neither. */
async function mergeOrSchedule(call: Call, auto: boolean): Promise<Answer> {
  const pull = pullOf(call.world, iidOf(call));
  const { sha } = call.body;
  if (sha !== undefined && sha !== headOf(pull)) throw new Refusal('head-moved', 'SHA does not match HEAD of source branch');
  const ready = pull.state === 'open' && (await blockersOf(call.world, pull)).length === 0;
  if (auto && !ready) await scheduleMerge(call.world, pull.number, call.account.login);
  else await mergePull(call.world, pull.number, { by: call.account.login, sha });
  return answerOne(call);
}

const approvals: readonly Route[] = [
  {
    method: 'GET',
    path: `${ONE}/approvals`,
    handle(call) {
      const pull = pullOf(call.world, iidOf(call));
      const given = standingReviews(pull).filter((review) => review.state === 'approved');
      const required = call.world.protection.minimumApprovals ?? 1;
      const approved_by = given.map((review) => ({ user: user(call.world, review.reviewer), approved_at: review.at }));
      return {
        status: 200,
        body: { iid: pull.number, approvals_required: required, approvals_left: Math.max(required - given.length, 0), approved_by },
      };
    },
  },
  {
    method: 'POST',
    path: `${ONE}/approve`,
    body: z.strictObject({ sha: z.string().optional(), approval_password: z.string().optional() }),
    handle(call) {
      submitReview(call.world, iidOf(call), { reviewer: call.account.login, state: 'approved', body: '', commit: call.body.sha });
      return { status: 201, body: { iid: iidOf(call) } };
    },
  },
  {
    method: 'GET',
    path: `${ONE}/reviewers`,
    handle(call) {
      const pull = pullOf(call.world, iidOf(call));
      const logins = [...new Set([...pull.reviewers, ...pull.reviews.map((review) => review.reviewer)])];
      const states = { approved: 'approved', 'changes-requested': 'requested_changes', commented: 'reviewed' } as const;
      const list = logins.map((login) => {
        const last = pull.reviews.findLast((review) => review.reviewer === login);
        return { user: user(call.world, login), state: last ? states[last.state] : 'unreviewed', created_at: last?.at ?? pull.createdAt };
      });
      return { status: 200, body: list };
    },
  },
  {
    method: 'GET',
    path: `${ONE}/versions`,
    handle: (call) => ({
      status: 200,
      list: [...pullOf(call.world, iidOf(call)).versions]
        .reverse()
        .map((version, index) => ({ id: index + 1, head_commit_sha: version.sha, created_at: version.at })),
    }),
  },
];

function toNote(world: World, note: { id: number; author: string; body: string; at: string }) {
  return { id: note.id, body: note.body, author: user(world, note.author), system: false, created_at: note.at };
}

const notes: readonly Route[] = [
  {
    method: 'GET',
    path: `${ONE}/notes`,
    query: ['order_by', 'sort', 'activity_filter'],
    handle(call) {
      const list = pullOf(call.world, iidOf(call)).comments.map((note) => toNote(call.world, note));
      return { status: 200, list: call.query.sort === 'asc' ? list : list.reverse() };
    },
  },
  {
    method: 'POST',
    path: `${ONE}/notes`,
    body: z.strictObject({ body: z.string().min(1).max(1_000_000), internal: z.boolean().optional() }),
    handle: (call) => ({ status: 201, body: toNote(call.world, addComment(call.world, iidOf(call), call.account.login, call.body.body)) }),
  },
  {
    method: 'PUT',
    path: `${ONE}/notes/:id`,
    body: z.strictObject({ body: z.string().min(1).max(1_000_000) }),
    handle: (call) => ({
      status: 200,
      body: toNote(call.world, changeComment(call.world, Number(call.params.id), call.account.login, call.body.body)),
    }),
  },
  {
    method: 'DELETE',
    path: `${ONE}/notes/:id`,
    handle(call) {
      changeComment(call.world, Number(call.params.id), call.account.login, undefined);
      return { status: 204 };
    },
  },
];

const STATES = {
  pending: 'pending',
  running: 'pending',
  success: 'success',
  failed: 'failure',
  canceled: 'failure',
  skipped: 'success',
} as const;

const project: readonly Route[] = [
  {
    method: 'GET',
    path: '/projects/:project',
    handle: ({ world }) => ({
      status: 200,
      body: { id: 1, path_with_namespace: `${world.owner}/${world.name}`, merge_trains_enabled: world.mergeQueue },
    }),
  },
  {
    method: 'GET',
    path: '/users',
    query: ['username'],
    handle: ({ world, query }) => ({
      status: 200,
      list: world.accounts.filter((one) => one.login === query.username).map((one) => user(world, one.login)),
    }),
  },
  {
    method: 'POST',
    path: '/projects/:project/statuses/:sha',
    body: z.strictObject({
      ...{
        state: z.enum(['pending', 'running', 'success', 'failed', 'canceled', 'skipped']),
        name: z.string().optional(),
        context: z.string().optional(),
      },
      ...{
        ref: z.string().optional(),
        target_url: z.string().optional(),
        description: z.string().max(255).optional(),
        pipeline_id: z.number().optional(),
      },
    }),
    async handle(call) {
      const { sha = '' } = call.params;
      const { name, context: alias, description = '' } = call.body;
      const context = name ?? alias ?? 'default';
      const state = STATES[call.body.state as keyof typeof STATES];
      if (latestStatuses(call.world, sha).some((one) => one.context === context && one.state === state)) {
        return { status: 400, body: { message: { state: [`Cannot transition status via :${call.body.state} from :${call.body.state}`] } } };
      }
      await setStatus(call.world, sha, { context, state, description, creator: call.account.login });
      return { status: 201, body: { sha, name: context, status: call.body.state, description } };
    },
  },
  {
    method: 'GET',
    path: '/projects/:project/repository/commits/:sha/statuses',
    query: ['ref', 'name', 'all', 'stage'],
    handle({ world, params, query }) {
      const names = { pending: 'pending', success: 'success', failure: 'failed' } as const;
      const all = latestStatuses(world, params.sha ?? '').filter((one) => query.name === undefined || one.context === query.name);
      return { status: 200, list: all.map((one) => ({ name: one.context, status: names[one.state], description: one.description })) };
    },
  },
];

function invalid(message: string): Answer {
  return { status: 400, body: { error: message } };
}

function refuse(refusal: Refusal): Answer {
  const said = (status: number, message: unknown) => ({ status, body: { message } });
  switch (refusal.reason) {
    case 'duplicate':
      return said(409, [`Another open merge request already exists for this source branch: !${refusal.message.split(' ')[0]}`]);
    case 'no-head':
    case 'no-base':
      return said(400, { [refusal.reason === 'no-head' ? 'source_branch' : 'target_branch']: ['does not exist'] });
    case 'self-approval':
    case 'own-review':
      return said(401, '401 Unauthorized');
    case 'head-moved':
      return said(409, 'SHA does not match HEAD of source branch');
    case 'not-found':
      return said(404, '404 Not found');
    case 'no-commits':
    case 'unknown-account':
      return said(422, refusal.message);
    default:
      return said(405, '405 Method Not Allowed');
  }
}

export const GITLAB: Dialect = {
  name: 'gitlab',
  prefix: '/api/v4',
  draftPrefix: DRAFT,
  pages: { size: 'per_page', standard: 20, most: 100 },
  etags: true,
  routes: [...mergeRequests, ...approvals, ...notes, ...project],
  tokenOf: (headers) => (headers['private-token'] as string | undefined) ?? /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1],
  headerFlaw: () => undefined,
  unauthorized: () => ({ status: 401, body: { message: '401 Unauthorized' } }),
  forbidden: () => ({
    status: 403,
    body: {
      error: 'insufficient_scope',
      error_description: 'The request requires higher privileges than provided by the access token.',
      scope: 'api',
    },
  }),
  notFound: () => ({ status: 404, body: { error: '404 Not Found' } }),
  invalid,
  refuse,
  rateLimited: (resetAtMs) => ({
    answer: { status: 429, body: { message: 'Too Many Requests' } },
    headers: {
      'ratelimit-remaining': '0',
      'ratelimit-reset': String(Math.ceil(resetAtMs / 1000)),
      'retry-after': String(Math.ceil((resetAtMs - Date.now()) / 1000)),
    },
  }),
  webhook(event, secret, world) {
    const actions = {
      opened: 'open',
      edited: 'update',
      synchronized: 'update',
      reviewed: 'approved',
      closed: 'close',
      reopened: 'reopen',
      merged: 'merge',
    } as const;
    const { pull } = event;
    const object_attributes = {
      iid: pull.number,
      id: pull.id,
      action: actions[event.action],
      source_branch: pull.head,
      target_branch: pull.base,
      title: pull.title,
    };
    const body = JSON.stringify({
      ...{ object_kind: 'merge_request', event_type: 'merge_request', user: user(world, event.actor), object_attributes },
      project: { id: 1, path_with_namespace: `${world.owner}/${world.name}` },
    });
    return { headers: { 'x-gitlab-event': 'Merge Request Hook', 'x-gitlab-token': secret }, body };
  },
};
