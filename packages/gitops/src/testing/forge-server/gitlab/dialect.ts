import type { Answer, Dialect } from '../dialect.ts';
import type { Refusal } from '../world.ts';
import { mergeRequests } from './merge-requests.ts';
import { approvals, notes, project } from './reviews.ts';
import { invalid, user } from './shapes.ts';

/*
 * From GitLab's API documentation and its public sources (lib/api/merge_requests.rb): endpoints, parameters, the 409 for a second merge
 * request, `auto_merge` that merges at once when everything is satisfied and answers 405 when it cannot be scheduled. Ids and iids
 * differ on purpose. Required checks stand for "pipelines must succeed": commit statuses make the external pipeline of a commit.
 */

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
