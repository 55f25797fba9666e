import { z } from 'zod';
import type { Route } from '../dialect.ts';
import { closePull, mergePull, openPull, reopenPull, requestReviews, submitReview } from '../rules.ts';
import { pullOf } from '../world.ts';
import { invalid, numberOf, REPO, toPull, user } from './shapes.ts';

export const listPulls: Route = {
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

export const createPull: Route = {
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

export const updatePull: Route = {
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

export const reviews: readonly Route[] = [
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
