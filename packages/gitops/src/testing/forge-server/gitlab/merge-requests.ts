import { z } from 'zod';
import type { Answer, Call, Route } from '../dialect.ts';
import { blockersOf, closePull, mergePull, openPull, reopenPull, requestReviews, scheduleMerge } from '../rules.ts';
import { headOf, pullOf, Refusal, type ServerPull } from '../world.ts';
import { iidOf, invalid, MERGE_REQUESTS, ONE, toMergeRequest } from './shapes.ts';

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

export const mergeRequests: readonly Route[] = [
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
