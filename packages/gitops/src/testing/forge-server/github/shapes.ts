import type { Answer, Call } from '../dialect.ts';
import { headOf, type ServerPull } from '../world.ts';

export const REPO = '/repos/:owner/:repo';

export function user(login: string) {
  return { login, id: login.length, type: 'User' };
}

export function toPull({ world, origin }: Pick<Call, 'world' | 'origin'>, pull: ServerPull, single = false) {
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

export function toComment(comment: { id: number; author: string; body: string; at: string }) {
  return { id: comment.id, body: comment.body, user: user(comment.author), created_at: comment.at };
}

export function numberOf(call: Call): number {
  return Number(call.params.number);
}

export function invalid(message: string, errors: readonly unknown[] = []): Answer {
  return {
    status: 422,
    body: {
      message: errors.length > 0 ? 'Validation Failed' : `Validation Failed: ${message}`,
      errors,
      documentation_url: 'https://docs.github.com/rest',
    },
  };
}
