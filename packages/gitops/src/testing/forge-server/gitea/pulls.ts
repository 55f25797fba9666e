import { z } from 'zod';
import type { Route } from '../dialect.ts';
import { blockersOf, closePull, mergePull, openPull, reopenPull, requestReviews, scheduleMerge, submitReview } from '../rules.ts';
import { pullOf } from '../world.ts';
import { indexOf, namesOf, ONE, REPO, toPull, user, WIP } from './shapes.ts';

function readTitle(title: string): { readonly title: string; readonly draft: boolean } {
  return { title: title.replace(WIP, ''), draft: WIP.test(title) };
}

export const pulls: readonly Route[] = [
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

export const reviews: readonly Route[] = [
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
