import { z } from 'zod';
import type { Route } from '../dialect.ts';
import { addComment, changeComment, latestStatuses, setStatus, standingReviews, submitReview } from '../rules.ts';
import { pullOf, type World } from '../world.ts';
import { iidOf, ONE, user } from './shapes.ts';

export const approvals: readonly Route[] = [
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

export const notes: readonly Route[] = [
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

export const project: readonly Route[] = [
  {
    method: 'GET',
    path: '/personal_access_tokens/self',
    handle: ({ account }) => ({
      status: 200,
      body: { id: account.id, active: true, scopes: [account.scope === 'write' ? 'api' : 'read_api'] },
    }),
  },
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
