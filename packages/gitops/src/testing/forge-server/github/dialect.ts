import { createHmac } from 'node:crypto';
import type { Answer, Dialect } from '../dialect.ts';
import { pullOf, type Refusal, type World } from '../world.ts';
import { graphql, issues, statuses } from './issues.ts';
import { createPull, listPulls, reviews, updatePull } from './pulls.ts';
import { invalid, numberOf, REPO, toPull, user } from './shapes.ts';

/*
 * From GitHub's REST description (version 2022-11-28) and GraphQL reference: endpoints, fields, limits, status codes. From behaviour that
 * its users report: the words of the 422 for a second pull request, "Can not approve your own pull request", "clean status".
 */

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
