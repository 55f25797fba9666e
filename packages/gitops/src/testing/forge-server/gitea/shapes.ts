import type { Answer, Call } from '../dialect.ts';
import { headOf, type ServerPull, type World } from '../world.ts';

export const REPO = '/repos/:owner/:repo';
export const ONE = `${REPO}/pulls/:index`;
export const WIP = /^(?:WIP:|\[WIP\])\s*/i;

export function user(login: string) {
  return { login, id: login.length, username: login };
}

export function toPull({ world, origin }: Pick<Call, 'world' | 'origin'>, pull: ServerPull) {
  const { owner, name } = world;
  const side = (ref: string, sha: string) => ({ label: ref, ref, sha, repo_id: 1, repo: { full_name: `${owner}/${name}` } });
  const merged = pull.state === 'merged';
  return {
    ...{
      id: pull.id,
      number: pull.number,
      user: user(pull.author),
      title: pull.draft ? `WIP: ${pull.title}` : pull.title,
      body: pull.body,
    },
    ...{ url: `${origin}/${owner}/${name}/pulls/${pull.number}`, html_url: `${origin}/${owner}/${name}/pulls/${pull.number}` },
    labels: world.labels.filter((label) => pull.labels.includes(label.name)),
    requested_reviewers: pull.reviewers.map(user),
    ...{ state: pull.state === 'open' ? 'open' : 'closed', draft: pull.draft, is_locked: false, comments: pull.comments.length },
    ...{
      merged,
      merged_at: merged ? pull.closedAt : null,
      merge_commit_sha: pull.mergeCommit ?? null,
      merged_by: merged ? user(pull.closedBy ?? '') : null,
    },
    ...{ base: side(pull.base, ''), head: side(pull.head, headOf(pull)), created_at: pull.createdAt, closed_at: pull.closedAt ?? null },
  };
}

export function indexOf(call: Call): number {
  return Number(call.params.index);
}

export function namesOf(world: World, ids: readonly number[]): string[] {
  return world.labels.filter((label) => ids.includes(label.id)).map((label) => label.name);
}

export function notFound(): Answer {
  return { status: 404, body: { message: "The target couldn't be found." } };
}
