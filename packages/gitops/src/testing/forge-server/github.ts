import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Answer, Call, Dialect, Route } from './dialect.ts';
import {
  addComment,
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
import { headOf, pullOf, type Refusal, type ServerPull, type World } from './world.ts';

/*
 * From GitHub's REST description (version 2022-11-28) and GraphQL reference: endpoints, fields, limits, status codes. From behaviour that
 * its users report: the words of the 422 for a second pull request, "Can not approve your own pull request", "clean status".
 */

const REPO = '/repos/:owner/:repo';

function user(login: string) {
  return { login, id: login.length, type: 'User' };
}

function toPull({ world, origin }: Pick<Call, 'world' | 'origin'>, pull: ServerPull, single = false) {
  const { owner, name } = world;
  const repo = { full_name: `${owner}/${name}`, name, owner: user(owner) };
  const side = (ref: string, sha: string) => ({ label: `${owner}:${ref}`, ref, sha, user: user(owner), repo });
  return {
    ...{ id: pull.id, node_id: `PR_${pull.id}`, number: pull.number, state: pull.state === 'open' ? 'open' : 'closed', locked: false },
    url: `${origin}/repos/${owner}/${name}/pulls/${pull.number}`,
    html_url: `${origin}/${owner}/${name}/pull/${pull.number}`,
    ...{ title: pull.title, body: pull.body === '' ? null : pull.body, user: user(pull.author), draft: pull.draft },
    labels: pull.labels.map((label) => ({ name: label, color: 'ededed' })),
    requested_reviewers: pull.reviewers.map(user),
    requested_teams: pull.teams.map((slug) => ({ slug, name: slug })),
    ...{ created_at: pull.createdAt, closed_at: pull.closedAt ?? null, merged_at: pull.state === 'merged' ? pull.closedAt : null },
    merge_commit_sha: pull.mergeCommit ?? null,
    ...{ head: side(pull.head, headOf(pull)), base: side(pull.base, '') },
    auto_merge: pull.autoMergeBy ? { enabled_by: user(pull.autoMergeBy), merge_method: 'merge' } : null,
    ...(single ? { merged: pull.state === 'merged', merged_by: pull.state === 'merged' ? user(pull.closedBy ?? '') : null } : {}),
  };
}

function toComment(comment: { id: number; author: string; body: string; at: string }) {
  return { id: comment.id, body: comment.body, user: user(comment.author), created_at: comment.at };
}

function numberOf(call: Call): number {
  return Number(call.params.number);
}

const listPulls: Route = {
  method: 'GET',
  path: `${REPO}/pulls`,
  query: ['state', 'head', 'base', 'sort', 'direction'],
  handle(call) {
    const { state = 'open', head, base, direction = 'desc' } = call.query;
    if (!['open', 'closed', 'all'].includes(state)) return invalid(`state ${state}`);
    // A head without `user:` filters nothing on GitHub: the classic way to adopt somebody else's pull request.
    const branch = head?.includes(':') ? head.slice(head.indexOf(':') + 1) : undefined;
    const ofOwner = head?.includes(':') ? head.startsWith(`${call.world.owner}:`) : true;
    const wanted = call.visible.filter(
      (pull) =>
        ofOwner &&
        (state === 'all' || (pull.state === 'open') === (state === 'open')) &&
        (branch === undefined || pull.head === branch) &&
        (base === undefined || pull.base === base),
    );
    const list = wanted.map((pull) => toPull(call, pull));
    return { status: 200, list: direction === 'asc' ? list : list.reverse() };
  },
};

const createPull: Route = {
  method: 'POST',
  path: `${REPO}/pulls`,
  body: z.strictObject({
    ...{ title: z.string().min(1).max(256), head: z.string(), base: z.string(), body: z.string().max(65_536).optional() },
    ...{ draft: z.boolean().optional(), maintainer_can_modify: z.boolean().optional(), head_repo: z.string().optional() },
  }),
  async handle(call) {
    const { title, body = '', head, base, draft = false } = call.body;
    const branch = head.startsWith(`${call.world.owner}:`) ? head.slice(call.world.owner.length + 1) : head;
    const pull = await openPull(call.world, { title, body, head: branch, base, draft, author: call.account.login });
    return { status: 201, body: toPull(call, pull, true) };
  },
};

const updatePull: Route = {
  method: 'PATCH',
  path: `${REPO}/pulls/:number`,
  body: z.strictObject({
    ...{
      title: z.string().min(1).max(256).optional(),
      body: z.string().max(65_536).optional(),
      state: z.enum(['open', 'closed']).optional(),
    },
    ...{ base: z.string().optional(), maintainer_can_modify: z.boolean().optional() },
  }),
  async handle(call) {
    const pull = pullOf(call.world, numberOf(call));
    if (call.body.state === 'closed') closePull(call.world, pull.number, call.account.login);
    if (call.body.state === 'open') await reopenPull(call.world, pull.number, call.account.login);
    pull.title = call.body.title ?? pull.title;
    pull.body = call.body.body ?? pull.body;
    return { status: 200, body: toPull(call, pull, true) };
  },
};

const REVIEW_STATES = { APPROVE: 'approved', REQUEST_CHANGES: 'changes-requested', COMMENT: 'commented' } as const;
const REVIEW_NAMES = { approved: 'APPROVED', 'changes-requested': 'CHANGES_REQUESTED', commented: 'COMMENTED' } as const;

const reviews: readonly Route[] = [
  {
    method: 'GET',
    path: `${REPO}/pulls/:number/reviews`,
    handle: (call) => ({
      status: 200,
      list: pullOf(call.world, numberOf(call)).reviews.map((review) => ({
        ...{ id: review.id, user: user(review.reviewer), body: review.body, commit_id: review.commit, submitted_at: review.at },
        state: review.stale && review.state === 'approved' ? 'DISMISSED' : REVIEW_NAMES[review.state],
      })),
    }),
  },
  {
    method: 'POST',
    path: `${REPO}/pulls/:number/reviews`,
    body: z.strictObject({
      ...{
        event: z.enum(['APPROVE', 'REQUEST_CHANGES', 'COMMENT']).optional(),
        body: z.string().optional(),
        commit_id: z.string().optional(),
      },
      comments: z.array(z.unknown()).optional(),
    }),
    handle(call) {
      const {
        event = 'COMMENT',
        body = '',
        commit_id,
      } = call.body as { event?: keyof typeof REVIEW_STATES; body?: string; commit_id?: string };
      const review = { reviewer: call.account.login, state: REVIEW_STATES[event], body, commit: commit_id };
      return { status: 200, body: submitReview(call.world, numberOf(call), review) };
    },
  },
  {
    method: 'POST',
    path: `${REPO}/pulls/:number/requested_reviewers`,
    body: z.strictObject({ reviewers: z.array(z.string()).optional(), team_reviewers: z.array(z.string()).optional() }),
    handle(call) {
      requestReviews(call.world, numberOf(call), { reviewers: call.body.reviewers ?? [], teams: call.body.team_reviewers ?? [] });
      return { status: 201, body: toPull(call, pullOf(call.world, numberOf(call))) };
    },
  },
  {
    method: 'PUT',
    path: `${REPO}/pulls/:number/merge`,
    body: z.strictObject({
      ...{ commit_title: z.string().optional(), commit_message: z.string().optional(), sha: z.string().optional() },
      merge_method: z.enum(['merge', 'squash', 'rebase']).optional(),
    }),
    async handle(call) {
      const sha = await mergePull(call.world, numberOf(call), { by: call.account.login, sha: call.body.sha });
      return { status: 200, body: { sha, merged: true, message: 'Pull Request successfully merged' } };
    },
  },
];

const issues: readonly Route[] = [
  {
    method: 'GET',
    path: `${REPO}/issues/:number`,
    handle(call) {
      const pull = pullOf(call.world, numberOf(call));
      return {
        status: 200,
        body: {
          number: pull.number,
          state: pull.state === 'open' ? 'open' : 'closed',
          closed_by: pull.closedBy ? user(pull.closedBy) : null,
        },
      };
    },
  },
  {
    method: 'POST',
    path: `${REPO}/issues/:number/labels`,
    body: z.strictObject({ labels: z.array(z.string().min(1).max(50)) }),
    handle(call) {
      const pull = pullOf(call.world, numberOf(call));
      pull.labels = [...new Set([...pull.labels, ...call.body.labels])];
      return { status: 200, body: pull.labels.map((name) => ({ name })) };
    },
  },
  {
    method: 'GET',
    path: `${REPO}/issues/:number/comments`,
    query: ['since'],
    handle: (call) => ({ status: 200, list: pullOf(call.world, numberOf(call)).comments.map(toComment) }),
  },
  {
    method: 'POST',
    path: `${REPO}/issues/:number/comments`,
    body: z.strictObject({ body: z.string().min(1).max(65_536) }),
    handle: (call) => ({ status: 201, body: toComment(addComment(call.world, numberOf(call), call.account.login, call.body.body)) }),
  },
  {
    method: 'PATCH',
    path: `${REPO}/issues/comments/:id`,
    body: z.strictObject({ body: z.string().min(1).max(65_536) }),
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
];

const statuses: readonly Route[] = [
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
      ...{ state: z.enum(['error', 'failure', 'pending', 'success']), context: z.string().optional() },
      ...{ description: z.string().max(140).nullable().optional(), target_url: z.string().nullable().optional() },
    }),
    async handle(call) {
      const { state, context = 'default', description } = call.body;
      const made = { context, state: state === 'error' ? 'failure' : state, description: description ?? '', creator: call.account.login };
      return { status: 201, body: await setStatus(call.world, call.params.sha ?? '', made) };
    },
  },
  {
    method: 'GET',
    path: `${REPO}/commits/:sha/status`,
    handle: (call) => ({
      status: 200,
      body: { sha: call.params.sha, statuses: latestStatuses(call.world, call.params.sha ?? '').slice(0, 30) },
    }),
  },
];

const INPUTS: Readonly<Record<string, readonly string[]>> = {
  enablePullRequestAutoMerge: [
    'pullRequestId',
    'expectedHeadOid',
    'mergeMethod',
    'commitHeadline',
    'commitBody',
    'authorEmail',
    'clientMutationId',
  ],
};

/** Of GraphQL only the mutations that REST does not have, with their input fields checked; not a GraphQL engine. */
const graphql: Route = {
  method: 'POST',
  path: '/graphql',
  body: z.strictObject({
    query: z.string(),
    variables: z.record(z.string(), z.unknown()).optional(),
    operationName: z.string().optional(),
  }),
  async handle(call) {
    const problem = (message: string, type?: string): Answer => ({
      status: 200,
      body: { data: null, errors: [{ message, ...(type ? { type } : {}) }] },
    });
    const [, mutation = '', inputs = ''] = /\{\s*(\w+)\s*\(\s*input:\s*\{([^}]*)\}/.exec(call.body.query) ?? [];
    const known = INPUTS[mutation];
    if (!known) return problem(`Field '${mutation}' doesn't exist on type 'Mutation'`);
    const given = Object.fromEntries([...inputs.matchAll(/(\w+):\s*\$?(\w+)/g)].map((match) => [match[1] ?? '', match[2] ?? '']));
    const odd = Object.keys(given).find((field) => !known.includes(field));
    if (odd) return problem(`InputObject doesn't accept argument '${odd}'`, 'argumentNotAccepted');
    const inputOf = (field: string) => call.body.variables?.[given[field] ?? ''] ?? given[field];
    const pull = call.world.pulls.find((one) => `PR_${one.id}` === inputOf('pullRequestId'));
    if (!pull) return problem(`Could not resolve to a node with the global id of '${inputOf('pullRequestId')}'`, 'NOT_FOUND');
    if (given.expectedHeadOid && inputOf('expectedHeadOid') !== headOf(pull))
      return problem('Head branch was modified. Review and try the merge again.');
    if (call.world.mergeQueue && given.mergeMethod) return problem('The merge strategy for this branch is set by the merge queue');
    try {
      await scheduleMerge(call.world, pull.number, call.account.login);
    } catch (error) {
      const { reason, message } = error as Refusal;
      if (reason !== 'already-scheduled') return problem(reason === 'clean' ? `Pull request ${message}` : message, 'UNPROCESSABLE');
    }
    return { status: 200, body: { data: { [mutation]: { pullRequest: { number: pull.number } } } } };
  },
};

function invalid(message: string, errors: readonly unknown[] = []): Answer {
  return {
    status: 422,
    body: {
      message: errors.length > 0 ? 'Validation Failed' : `Validation Failed: ${message}`,
      errors,
      documentation_url: 'https://docs.github.com/rest',
    },
  };
}

function ofPull(error: Readonly<Record<string, string>>): Answer {
  return invalid('', [{ resource: 'PullRequest', ...error }]);
}

function refuse(refusal: Refusal): Answer {
  const said = (status: number, message: string) => ({ status, body: { message } });
  switch (refusal.reason) {
    case 'duplicate':
      return ofPull({ code: 'custom', message: `A pull request already exists for ${refusal.message.split(' ')[1]}.` });
    case 'no-head':
      return ofPull({ field: 'head', code: 'invalid' });
    case 'no-base':
      return ofPull({ field: 'base', code: 'invalid' });
    case 'no-commits':
      return ofPull({ code: 'custom', message: `No commits between ${refusal.message}` });
    case 'self-approval':
      return { status: 422, body: { message: 'Unprocessable Entity', errors: ['Can not approve your own pull request'] } };
    case 'own-review':
    case 'unknown-account':
      return { status: 422, body: { message: refusal.message } };
    case 'blocked':
    case 'already-merged':
      return said(
        405,
        refusal.reason === 'blocked' ? `Repository rule violations found: ${refusal.message}` : 'Pull Request is not mergeable',
      );
    case 'head-moved':
      return said(409, 'Head branch was modified. Review and try the merge again.');
    case 'not-found':
      return refusal.message.startsWith('No commit') ? said(422, refusal.message) : said(404, 'Not Found');
    default:
      return said(422, refusal.message);
  }
}

export const GITHUB: Dialect = {
  name: 'github',
  prefix: '',
  draftPrefix: undefined,
  pages: { size: 'per_page', standard: 30, most: 100 },
  etags: true,
  routes: [
    ...[listPulls, createPull, updatePull, ...reviews, ...issues, ...statuses, graphql],
    {
      method: 'GET',
      path: `${REPO}/pulls/:number`,
      handle: (call) => ({ status: 200, body: toPull(call, pullOf(call.world, numberOf(call)), true) }),
    },
  ],
  tokenOf: (headers) => /^(?:Bearer|token) (.+)$/.exec(headers.authorization ?? '')?.[1],
  headerFlaw(headers) {
    if (!headers['user-agent'])
      return {
        status: 403,
        body: { message: 'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.' },
      };
    const version = headers['x-github-api-version'];
    return version && version !== '2022-11-28'
      ? { status: 400, body: { message: `"${version}" is not a supported API version.` } }
      : undefined;
  },
  unauthorized: () => ({ status: 401, body: { message: 'Bad credentials' } }),
  forbidden: () => ({ status: 403, body: { message: 'Resource not accessible by personal access token' } }),
  notFound: () => ({ status: 404, body: { message: 'Not Found' } }),
  invalid,
  refuse,
  rateLimited: (resetAtMs) => ({
    answer: { status: 403, body: { message: 'API rate limit exceeded' } },
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(resetAtMs / 1000)) },
  }),
  webhook(event, secret, world: World, origin) {
    const action = event.action === 'merged' ? 'closed' : event.action === 'synchronized' ? 'synchronize' : event.action;
    const repository = { full_name: `${world.owner}/${world.name}` };
    const body = JSON.stringify({
      action,
      number: event.pull.number,
      pull_request: toPull({ world, origin }, event.pull, true),
      repository,
      sender: user(event.actor),
    });
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    return {
      headers: { 'x-github-event': event.action === 'reviewed' ? 'pull_request_review' : 'pull_request', 'x-hub-signature-256': signature },
      body,
    };
  },
};
