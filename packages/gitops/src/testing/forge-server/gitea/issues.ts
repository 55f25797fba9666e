import { z } from 'zod';
import type { Route } from '../dialect.ts';
import { addComment, changeComment, latestStatuses, setStatus } from '../rules.ts';
import { pullOf, tipOf } from '../world.ts';
import { indexOf, namesOf, notFound, REPO, user } from './shapes.ts';

function toComment(comment: { id: number; author: string; body: string; at: string }) {
  return { id: comment.id, body: comment.body, user: user(comment.author), created_at: comment.at };
}

export const issues: readonly Route[] = [
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

export const repository: readonly Route[] = [
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
