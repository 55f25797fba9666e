import { createHmac } from 'node:crypto';
import type { Answer, Dialect } from '../dialect.ts';
import type { Refusal } from '../world.ts';
import { issues, repository } from './issues.ts';
import { pulls, reviews } from './pulls.ts';
import { notFound, toPull, user } from './shapes.ts';

/*
 * From Gitea's API description and its public sources (routers/api/v1/repo/pull.go, modules/structs), which Forgejo shares: endpoints,
 * fields, labels by id, the 409 for a second pull request, 201 for edits, `merge_when_checks_succeed` that merges at once when nothing
 * is missing, and a scheduled merge that only the timeline shows. No ETags.
 */

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
