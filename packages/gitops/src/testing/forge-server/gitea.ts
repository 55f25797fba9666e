import { createHmac } from 'node:crypto';
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
  submitReview,
} from './rules.ts';
import { headOf, pullOf, type Refusal, type ServerPull, tipOf, type World } from './world.ts';

/*
 * From Gitea's API description and its public sources (routers/api/v1/repo/pull.go, modules/structs), which Forgejo shares: endpoints,
 * fields, labels by id, the 409 for a second pull request, 201 for edits, `merge_when_checks_succeed` that merges at once when nothing
 * is missing, and a scheduled merge that only the timeline shows. No ETags.
 */

const REPO = '/repos/:owner/:repo';
const ONE = `${REPO}/pulls/:index`;
const WIP = /^(?:WIP:|\[WIP\])\s*/i;

function user(login: string) {
  return { login, id: login.length, username: login };
}

function toPull({ world, origin }: Pick<Call, 'world' | 'origin'>, pull: ServerPull) {
  const { owner, name } = world;
  const side = (ref: string, sha: string) => ({ label: ref, ref, sha, repo_id: 1, repo: { full_name: `${owner}/${name}` } });
  const merged = pull.state === 'merged';
  return {
    ...{
      id: pull.id,
      number: pull.number,
      user: user(pull.author),
      title: pull.draft ? `WIP: ${pull.title}` : pull.title,
      body: pull.body,
    },
    ...{ url: `${origin}/${owner}/${name}/pulls/${pull.number}`, html_url: `${origin}/${owner}/${name}/pulls/${pull.number}` },
    labels: world.labels.filter((label) => pull.labels.includes(label.name)),
    requested_reviewers: pull.reviewers.map(user),
    ...{ state: pull.state === 'open' ? 'open' : 'closed', draft: pull.draft, is_locked: false, comments: pull.comments.length },
    ...{
      merged,
      merged_at: merged ? pull.closedAt : null,
      merge_commit_sha: pull.mergeCommit ?? null,
      merged_by: merged ? user(pull.closedBy ?? '') : null,
    },
    ...{ base: side(pull.base, ''), head: side(pull.head, headOf(pull)), created_at: pull.createdAt, closed_at: pull.closedAt ?? null },
  };
}

function indexOf(call: Call): number {
  return Number(call.params.index);
}

function readTitle(title: string): { readonly title: string; readonly draft: boolean } {
  return { title: title.replace(WIP, ''), draft: WIP.test(title) };
}

function namesOf(world: World, ids: readonly number[]): string[] {
  return world.labels.filter((label) => ids.includes(label.id)).map((label) => label.name);
}

const pulls: readonly Route[] = [
  {
    method: 'GET',
    path: `${REPO}/pulls`,
    query: ['state', 'sort', 'milestone', 'labels', 'poster', 'base_branch'],
    handle(call) {
      const { state = 'open', poster, base_branch } = call.query;
      const wanted = call.visible.filter(
        (pull) =>
          (state === 'all' || (pull.state === 'open') === (state === 'open')) &&
          (poster === undefined || pull.author === poster) &&
          (base_branch === undefined || pull.base === base_branch),
      );
      return { status: 200, list: wanted.map((pull) => toPull(call, pull)).reverse() };
    },
  },
  {
    method: 'POST',
    path: `${REPO}/pulls`,
    body: z.strictObject({
      ...{
        title: z.string().min(1),
        head: z.string(),
        base: z.string(),
        body: z.string().optional(),
        labels: z.array(z.number().int()).optional(),
      },
      ...{
        assignee: z.string().optional(),
        assignees: z.array(z.string()).optional(),
        milestone: z.number().optional(),
        due_date: z.string().optional(),
      },
      ...{ reviewers: z.array(z.string()).optional(), team_reviewers: z.array(z.string()).optional() },
    }),
    async handle(call) {
      const { head, base, body = '', labels = [] } = call.body;
      const pull = await openPull(call.world, { ...readTitle(call.body.title), head, base, body, author: call.account.login });
      pull.labels = namesOf(call.world, labels);
      return { status: 201, body: toPull(call, pull) };
    },
  },
  { method: 'GET', path: ONE, handle: (call) => ({ status: 200, body: toPull(call, pullOf(call.world, indexOf(call))) }) },
  {
    method: 'PATCH',
    path: ONE,
    body: z.strictObject({
      ...{
        title: z.string().optional(),
        body: z.string().optional(),
        base: z.string().optional(),
        state: z.enum(['open', 'closed']).optional(),
      },
      ...{
        labels: z.array(z.number().int()).optional(),
        assignees: z.array(z.string()).optional(),
        allow_maintainer_edit: z.boolean().optional(),
      },
    }),
    async handle(call) {
      const pull = pullOf(call.world, indexOf(call));
      if (call.body.state === 'closed') closePull(call.world, pull.number, call.account.login);
      if (call.body.state === 'open') await reopenPull(call.world, pull.number, call.account.login);
      if (call.body.title) Object.assign(pull, readTitle(call.body.title));
      pull.body = call.body.body ?? pull.body;
      return { status: 201, body: toPull(call, pull) };
    },
  },
  {
    method: 'POST',
    path: `${ONE}/merge`,
    body: z.strictObject({
      ...{
        Do: z.enum(['merge', 'rebase', 'rebase-merge', 'squash', 'fast-forward-only', 'manually-merged']),
        head_commit_id: z.string().optional(),
      },
      ...{
        merge_when_checks_succeed: z.boolean().optional(),
        delete_branch_after_merge: z.boolean().optional(),
        force_merge: z.boolean().optional(),
      },
      ...{ MergeTitleField: z.string().optional(), MergeMessageField: z.string().optional(), MergeCommitID: z.string().optional() },
    }),
    async handle(call) {
      const pull = pullOf(call.world, indexOf(call));
      const ready = pull.state === 'open' && (await blockersOf(call.world, pull)).length === 0;
      if (call.body.merge_when_checks_succeed && !ready) {
        await scheduleMerge(call.world, pull.number, call.account.login);
        return { status: 201 };
      }
      await mergePull(call.world, pull.number, { by: call.account.login, sha: call.body.head_commit_id });
      return { status: 200 };
    },
  },
];

const STATES = { APPROVED: 'approved', REQUEST_CHANGES: 'changes-requested', COMMENT: 'commented' } as const;
const NAMES = { approved: 'APPROVED', 'changes-requested': 'REQUEST_CHANGES', commented: 'COMMENT' } as const;

const reviews: readonly Route[] = [
  {
    method: 'GET',
    path: `${ONE}/reviews`,
    handle: (call) => ({
      status: 200,
      list: pullOf(call.world, indexOf(call)).reviews.map((review) => ({
        ...{ id: review.id, user: user(review.reviewer), state: NAMES[review.state], body: review.body, commit_id: review.commit },
        ...{ stale: review.stale, official: true, dismissed: review.stale && review.state === 'approved', submitted_at: review.at },
      })),
    }),
  },
  {
    method: 'POST',
    path: `${ONE}/reviews`,
    body: z.strictObject({
      ...{ event: z.enum(['APPROVED', 'REQUEST_CHANGES', 'COMMENT', 'PENDING']).optional(), body: z.string().optional() },
      ...{ commit_id: z.string().optional(), comments: z.array(z.unknown()).optional() },
    }),
    handle(call) {
      const state = STATES[(call.body.event ?? 'COMMENT') as keyof typeof STATES] ?? 'commented';
      const review = { reviewer: call.account.login, state, body: call.body.body ?? '', commit: call.body.commit_id };
      return { status: 200, body: submitReview(call.world, indexOf(call), review) };
    },
  },
  {
    method: 'POST',
    path: `${ONE}/requested_reviewers`,
    body: z.strictObject({ reviewers: z.array(z.string()).optional(), team_reviewers: z.array(z.string()).optional() }),
    handle(call) {
      requestReviews(call.world, indexOf(call), { reviewers: call.body.reviewers ?? [], teams: call.body.team_reviewers ?? [] });
      return { status: 201, body: [] };
    },
  },
];

function toComment(comment: { id: number; author: string; body: string; at: string }) {
  return { id: comment.id, body: comment.body, user: user(comment.author), created_at: comment.at };
}

const issues: readonly Route[] = [
  {
    method: 'GET',
    path: `${REPO}/labels`,
    handle: ({ world }) => ({ status: 200, list: world.labels }),
  },
  {
    method: 'POST',
    path: `${REPO}/labels`,
    body: z.strictObject({
      name: z.string().min(1),
      color: z.string().regex(/^#?[0-9a-f]{6}$/i),
      description: z.string().optional(),
      exclusive: z.boolean().optional(),
    }),
    handle({ world, body }) {
      const label = { id: world.nextId(), name: body.name as string };
      world.labels.push(label);
      return { status: 201, body: label };
    },
  },
  {
    method: 'DELETE',
    path: `${REPO}/labels/:id`,
    handle({ world, params }) {
      const at = world.labels.findIndex((label) => label.id === Number(params.id));
      if (at < 0) return notFound();
      world.labels.splice(at, 1);
      return { status: 204 };
    },
  },
  {
    method: 'POST',
    path: `${REPO}/issues/:index/labels`,
    body: z.strictObject({ labels: z.array(z.union([z.number().int(), z.string()])) }),
    handle(call) {
      const pull = pullOf(call.world, indexOf(call));
      pull.labels = [...new Set([...pull.labels, ...namesOf(call.world, call.body.labels)])];
      return { status: 200, body: call.world.labels.filter((label) => pull.labels.includes(label.name)) };
    },
  },
  {
    method: 'GET',
    path: `${REPO}/issues/:index/comments`,
    query: ['since', 'before'],
    // Gitea gives all comments at once.
    handle: (call) => ({ status: 200, body: pullOf(call.world, indexOf(call)).comments.map(toComment) }),
  },
  {
    method: 'POST',
    path: `${REPO}/issues/:index/comments`,
    body: z.strictObject({ body: z.string().min(1), updated_at: z.string().optional() }),
    handle: (call) => ({ status: 201, body: toComment(addComment(call.world, indexOf(call), call.account.login, call.body.body)) }),
  },
  {
    method: 'PATCH',
    path: `${REPO}/issues/comments/:id`,
    body: z.strictObject({ body: z.string().min(1), updated_at: z.string().optional() }),
    handle: (call) => ({
      status: 200,
      body: toComment(changeComment(call.world, Number(call.params.id), call.account.login, call.body.body)),
    }),
  },
  {
    method: 'DELETE',
    path: `${REPO}/issues/comments/:id`,
    handle(call) {
      changeComment(call.world, Number(call.params.id), call.account.login, undefined);
      return { status: 204 };
    },
  },
  {
    method: 'GET',
    path: `${REPO}/issues/:index/timeline`,
    handle(call) {
      const pull = pullOf(call.world, indexOf(call));
      const scheduled = pull.autoMergeBy
        ? [{ type: 'pull_scheduled_merge', user: user(pull.autoMergeBy), created_at: pull.createdAt }]
        : [];
      const closed = pull.state === 'closed' ? [{ type: 'close', user: user(pull.closedBy ?? ''), created_at: pull.closedAt }] : [];
      return {
        status: 200,
        list: [...pull.comments.map((comment) => ({ type: 'comment', ...toComment(comment) })), ...scheduled, ...closed],
      };
    },
  },
];

const repository: readonly Route[] = [
  {
    method: 'GET',
    path: REPO,
    handle: ({ world, account }) => ({
      status: 200,
      body: { full_name: `${world.owner}/${world.name}`, permissions: { admin: false, push: account.scope === 'write', pull: true } },
    }),
  },
  {
    method: 'POST',
    path: `${REPO}/statuses/:sha`,
    body: z.strictObject({
      ...{ state: z.enum(['pending', 'success', 'error', 'failure', 'warning']), context: z.string().optional() },
      ...{ description: z.string().optional(), target_url: z.string().optional() },
    }),
    async handle(call) {
      const { state, context = 'default', description = '' } = call.body;
      const known = state === 'success' || state === 'pending' ? state : 'failure';
      return {
        status: 201,
        body: await setStatus(call.world, call.params.sha ?? '', { context, state: known, description, creator: call.account.login }),
      };
    },
  },
  {
    method: 'GET',
    path: `${REPO}/commits/:sha/statuses`,
    query: ['sort', 'state'],
    handle: ({ world, params }) => ({
      status: 200,
      list: latestStatuses(world, params.sha ?? '').map((one) => ({
        context: one.context,
        status: one.state,
        description: one.description,
      })),
    }),
  },
  {
    method: 'GET',
    path: `${REPO}/branches/*branch`,
    async handle({ world, params }) {
      const { branch = '' } = params;
      const tip = await tipOf(world, branch);
      if (!tip) return notFound();
      const { requiredStatuses = ['tier0/gate'], minimumApprovals = 1 } = world.protection;
      const rules = {
        required_approvals: minimumApprovals,
        enable_status_check: requiredStatuses.length > 0,
        status_check_contexts: requiredStatuses,
      };
      return { status: 200, body: { name: branch, commit: { id: tip }, protected: minimumApprovals > 0, ...rules } };
    },
  },
];

function notFound(): Answer {
  return { status: 404, body: { message: "The target couldn't be found." } };
}

function refuse(refusal: Refusal): Answer {
  const said = (status: number, message: string) => ({ status, body: { message } });
  switch (refusal.reason) {
    case 'duplicate':
      return said(409, `pull request already exists for these targets [id: 0, issue_id: ${refusal.message.split(' ')[0]}]`);
    case 'no-head':
    case 'no-base':
    case 'not-found':
      return notFound();
    case 'self-approval':
      return said(422, 'approve your own pull is not allowed');
    case 'own-review':
      return said(422, 'reject your own pull is not allowed');
    case 'no-commits':
    case 'unknown-account':
      return said(422, refusal.message);
    case 'already-scheduled':
      return said(409, 'pull request is already scheduled to auto merge when checks succeed');
    case 'head-moved':
      return said(409, 'head out of date');
    case 'already-merged':
      return said(412, 'cannot change state of this pull request, it was already merged');
    default:
      return said(405, refusal.message);
  }
}

export const GITEA: Dialect = {
  name: 'gitea',
  prefix: '/api/v1',
  draftPrefix: 'WIP: ',
  pages: { size: 'limit', standard: 30, most: 50 },
  etags: false,
  routes: [...pulls, ...reviews, ...issues, ...repository],
  tokenOf: (headers) => /^(?:token|Bearer) (.+)$/.exec(headers.authorization ?? '')?.[1],
  headerFlaw: () => undefined,
  unauthorized: () => ({ status: 401, body: { message: 'token is required' } }),
  forbidden: () => ({ status: 403, body: { message: 'token does not have at least one of required scope(s): [write:repository]' } }),
  notFound,
  invalid: (message) => ({ status: 422, body: { message } }),
  refuse,
  rateLimited: () => ({ answer: { status: 429, body: { message: 'Too Many Requests' } }, headers: { 'retry-after': '3600' } }),
  webhook(event, secret, world, origin) {
    const action = event.action === 'merged' ? 'closed' : event.action;
    const repository = { full_name: `${world.owner}/${world.name}` };
    const body = JSON.stringify({
      action,
      number: event.pull.number,
      pull_request: toPull({ world, origin }, event.pull),
      repository,
      sender: user(event.actor),
    });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    return { headers: { 'x-gitea-event': 'pull_request', 'x-gitea-signature': signature }, body };
  },
};
