import type { Answer, Call } from '../dialect.ts';
import { blockersOf } from '../rules.ts';
import { accountOf, headOf, type ServerPull, type World } from '../world.ts';

export const MERGE_REQUESTS = '/projects/:project/merge_requests';
export const ONE = `${MERGE_REQUESTS}/:iid`;
export const DRAFT = 'Draft: ';

export function user(world: World, login: string) {
  const { id } = accountOf(world, login);
  return { id, username: login, name: login, state: 'active' };
}

export async function toMergeRequest(call: Pick<Call, 'world' | 'origin'>, pull: ServerPull) {
  const { world, origin } = call;
  const states = { open: 'opened', closed: 'closed', merged: 'merged' } as const;
  const merged = pull.state === 'merged';
  const blockers = pull.state === 'open' ? await blockersOf(world, pull) : [];
  return {
    ...{ id: pull.id, iid: pull.number, project_id: 1, source_project_id: 1, target_project_id: 1 },
    ...{ title: pull.draft ? DRAFT + pull.title : pull.title, description: pull.body, state: states[pull.state], draft: pull.draft },
    web_url: `${origin}/${world.owner}/${world.name}/-/merge_requests/${pull.number}`,
    ...{ author: user(world, pull.author), source_branch: pull.head, target_branch: pull.base, sha: headOf(pull), labels: pull.labels },
    reviewers: pull.reviewers.map((login) => user(world, login)),
    ...{ created_at: pull.createdAt, merged_at: merged ? pull.closedAt : null, closed_at: pull.state === 'closed' ? pull.closedAt : null },
    closed_by: pull.state === 'closed' ? user(world, pull.closedBy ?? '') : null,
    ...{ merge_commit_sha: pull.mergeCommit ?? null, squash_commit_sha: null },
    merge_when_pipeline_succeeds: pull.autoMergeBy !== undefined && pull.state === 'open',
    detailed_merge_status:
      pull.state !== 'open' ? 'not_open' : pull.draft ? 'draft_status' : blockers.length === 0 ? 'mergeable' : 'not_approved',
  };
}

export function iidOf(call: Call): number {
  return Number(call.params.iid);
}

export function invalid(message: string): Answer {
  return { status: 400, body: { error: message } };
}
