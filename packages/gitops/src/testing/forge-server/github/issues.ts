import { z } from 'zod';
import type { Answer, Route } from '../dialect.ts';
import { addComment, changeComment, latestStatuses, scheduleMerge, setStatus } from '../rules.ts';
import { headOf, pullOf, type Refusal } from '../world.ts';
import { numberOf, REPO, toComment, user } from './shapes.ts';

export const issues: readonly Route[] = [
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

export const statuses: readonly Route[] = [
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
export const graphql: Route = {
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
