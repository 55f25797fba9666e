import { accountsOf, codeOwnersPaths, parseCodeOwners } from '../../governance/code-owners.ts';
import {
  accountOf,
  gitOf,
  headOf,
  pullOf,
  Refusal,
  type ServerPull,
  type ServerReview,
  type ServerStatus,
  tipOf,
  type World,
  write,
} from './world.ts';

/** Opens a pull request. Refused when the same branches have an open one, a branch is missing, or they do not differ. */
export async function openPull(
  world: World,
  wanted: {
    readonly title: string;
    readonly body: string;
    readonly head: string;
    readonly base: string;
    readonly author: string;
    readonly draft: boolean;
  },
): Promise<ServerPull> {
  const { head, base, author } = wanted;
  const tip = await tipOf(world, head);
  const baseTip = await tipOf(world, base);
  if (!tip) throw new Refusal('no-head', `The branch ${head} does not exist.`);
  if (!baseTip) throw new Refusal('no-base', `The branch ${base} does not exist.`);
  const open = world.pulls.find((one) => one.state === 'open' && one.head === head && one.base === base);
  if (open) throw new Refusal('duplicate', `${open.number} ${head}`);
  if ((await gitOf(world, ['rev-list', '--max-count=1', tip, `^${baseTip}`])) === '')
    throw new Refusal('no-commits', `${base} and ${head}`);
  const at = world.now();
  const pull: ServerPull = {
    ...{
      id: world.nextId(),
      number: world.pulls.length + 1,
      title: wanted.title,
      body: wanted.body,
      author,
      head,
      base,
      draft: wanted.draft,
    },
    ...{ versions: [{ sha: tip, at }], createdAt: at, labels: [], reviewers: [], teams: [], autoMergeBy: undefined },
    ...{ state: 'open', closedBy: undefined, closedAt: undefined, mergeCommit: undefined, reviews: [], comments: [] },
  };
  write(world, () => world.pulls.push(pull));
  world.events({ action: 'opened', pull, actor: author });
  return pull;
}

/** Looks at the branches: a moved one makes a new version of its pull request and voids the approvals given before. */
export async function refresh(world: World): Promise<void> {
  for (const pull of world.pulls.filter((one) => one.state === 'open')) {
    const tip = await tipOf(world, pull.head);
    if (tip === undefined) closePull(world, pull.number, pull.author);
    else if (tip !== headOf(pull)) {
      write(world, () => {
        pull.versions.push({ sha: tip, at: world.now() });
        for (const review of pull.reviews) review.stale = true;
      });
      world.events({ action: 'synchronized', pull, actor: pull.author });
    }
  }
}

/** Merges whatever may now merge by itself. */
export async function settleAll(world: World): Promise<void> {
  for (const pull of world.pulls) {
    if (pull.state !== 'open' || !pull.autoMergeBy || (await blockersOf(world, pull)).length > 0) continue;
    await mergePull(world, pull.number, { by: pull.autoMergeBy });
  }
}

/** Records a review. Nobody reviews their own pull request but to comment. */
export function submitReview(
  world: World,
  number: number,
  review: { readonly reviewer: string; readonly state: ServerReview['state']; readonly body: string; readonly commit?: string | undefined },
): ServerReview {
  const pull = pullOf(world, number);
  accountOf(world, review.reviewer);
  if (pull.state !== 'open') throw new Refusal('not-open', `Pull request ${number} is ${pull.state}.`);
  if (review.reviewer === pull.author && review.state !== 'commented') {
    throw new Refusal(review.state === 'approved' ? 'self-approval' : 'own-review', `${review.reviewer} opened pull request ${number}.`);
  }
  if (review.commit !== undefined && review.commit !== headOf(pull)) throw new Refusal('head-moved', `The head is ${headOf(pull)}.`);
  const { reviewer, state, body } = review;
  const made = { id: world.nextId(), reviewer, state, body, commit: headOf(pull), at: world.now(), stale: false };
  write(world, () => pull.reviews.push(made));
  world.events({ action: 'reviewed', pull, actor: reviewer });
  return made;
}

/** Sets a check on a commit. Refused for a commit that the repository does not have. */
export async function setStatus(world: World, sha: string, status: Omit<ServerStatus, 'at'>): Promise<ServerStatus> {
  const type = await gitOf(world, ['cat-file', '-t', sha], [0, 128]);
  if (type !== 'commit') throw new Refusal('not-found', `No commit found for SHA: ${sha}`);
  const made = { ...status, at: world.now() };
  world.statuses.set(sha, [made, ...(world.statuses.get(sha) ?? [])]);
  return made;
}

/** Newest status of each context. */
export function latestStatuses(world: World, sha: string): readonly ServerStatus[] {
  const all = world.statuses.get(sha) ?? [];
  return all.filter((status, index) => all.findIndex((one) => one.context === status.context) === index);
}

/** The last word of each reviewer that still counts. */
export function standingReviews(pull: ServerPull): readonly ServerReview[] {
  const said = pull.reviews.filter((review) => review.state !== 'commented');
  return said.filter((review) => !review.stale && said.findLast((one) => one.reviewer === review.reviewer) === review);
}

/** What keeps a pull request from merging, one line each. */
export async function blockersOf(world: World, pull: ServerPull): Promise<readonly string[]> {
  const { requiredStatuses = ['tier0/gate'], minimumApprovals = 1 } = world.protection;
  const reviews = standingReviews(pull);
  const approvals = reviews.filter((review) => review.state === 'approved');
  const statuses = latestStatuses(world, headOf(pull));
  return [
    ...(pull.draft ? ['it is a draft'] : []),
    ...requiredStatuses
      .filter((name) => !statuses.some((status) => status.context === name && status.state === 'success'))
      .map((name) => `the required check ${name} is not successful`),
    ...reviews.filter((review) => review.state === 'changes-requested').map((review) => `${review.reviewer} requested changes`),
    ...(approvals.length < minimumApprovals ? [`${approvals.length} of ${minimumApprovals} approving reviews`] : []),
    ...(world.protection.requireCodeOwners ? await missingOwners(world, pull, approvals) : []),
    ...((await mergedTree(world, pull)) ? [] : ['it conflicts with the base branch']),
  ];
}

async function missingOwners(world: World, pull: ServerPull, approvals: readonly ServerReview[]): Promise<readonly string[]> {
  const { dialect } = world;
  const files = codeOwnersPaths(dialect).map((path) => gitOf(world, ['cat-file', 'blob', `refs/heads/${pull.base}:${path}`], [0, 128]));
  const owners = parseCodeOwners((await Promise.all(files)).find((text) => text !== '') ?? '', dialect);
  const touched = await gitOf(world, ['diff', '--name-only', '--no-renames', `refs/heads/${pull.base}...${headOf(pull)}`]);
  const unmet = touched.split('\n').flatMap((path) => {
    const named = owners.ownersOf(path);
    const accounts = named.flatMap((owner) => accountsOf(owner.replace(/^@[^/]+\//, '@'), world.protection.members ?? {}));
    return named.length === 0 || approvals.some((review) => accounts.includes(review.reviewer)) ? [] : [named.join(' or ')];
  });
  return [...new Set(unmet)].map((owner) => `a review of the code owner ${owner} is required`);
}

/** Tree of the merge; undefined when it conflicts. */
async function mergedTree(world: World, pull: ServerPull): Promise<string | undefined> {
  const said = await gitOf(world, ['merge-tree', '--write-tree', `refs/heads/${pull.base}`, headOf(pull)], [0, 1]);
  const [tree = '', ...conflicts] = said.split('\n');
  return conflicts.length === 0 ? tree : undefined;
}

/** Merges with a merge commit, by compare-and-swap on the base branch. */
export async function mergePull(
  world: World,
  number: number,
  request: { readonly by: string; readonly sha?: string | undefined },
): Promise<string> {
  const pull = pullOf(world, number);
  if (pull.state === 'merged') throw new Refusal('already-merged', `Pull request ${number} is merged.`);
  if (pull.state === 'closed') throw new Refusal('not-open', `Pull request ${number} is closed.`);
  if (request.sha !== undefined && request.sha !== headOf(pull))
    throw new Refusal('head-moved', `Head branch was modified: it is ${headOf(pull)}.`);
  const blockers = await blockersOf(world, pull);
  if (blockers.length > 0) throw new Refusal('blocked', blockers.join('; '));
  const base = (await tipOf(world, pull.base)) ?? '';
  const tree = (await mergedTree(world, pull)) ?? '';
  const identity = ['-c', 'user.name=forge', '-c', 'user.email=forge@example.com'];
  // As forges write it: nothing of the merged commit's own message.
  const message = `Merge pull request #${number} from ${world.owner}/${pull.head}\n\n${pull.title}`;
  const commit = await gitOf(world, [...identity, 'commit-tree', tree, '-p', base, '-p', headOf(pull), '-m', message]);
  await gitOf(world, ['update-ref', `refs/heads/${pull.base}`, commit, base]);
  write(world, () => Object.assign(pull, { state: 'merged', mergeCommit: commit, closedBy: request.by, closedAt: world.now() }));
  world.events({ action: 'merged', pull, actor: request.by });
  return commit;
}

/** Asks for the merge to happen by itself. Refused where it could happen at once, or not at all. */
export async function scheduleMerge(world: World, number: number, by: string): Promise<void> {
  const pull = pullOf(world, number);
  if (!world.autoMergeAllowed) throw new Refusal('auto-merge-off', 'Auto merge is not allowed for this repository');
  if (pull.state !== 'open') throw new Refusal('not-open', `Pull request ${number} is ${pull.state}.`);
  if (pull.autoMergeBy) throw new Refusal('already-scheduled', `Pull request ${number} is already scheduled.`);
  if ((await blockersOf(world, pull)).length === 0) throw new Refusal('clean', 'Pull request is in clean status');
  write(world, () => {
    pull.autoMergeBy = by;
  });
}

export function closePull(world: World, number: number, by: string): void {
  const pull = pullOf(world, number);
  if (pull.state === 'merged') throw new Refusal('already-merged', `Pull request ${number} is merged.`);
  if (pull.state === 'closed') return;
  write(world, () => Object.assign(pull, { state: 'closed', closedBy: by, closedAt: world.now(), autoMergeBy: undefined }));
  world.events({ action: 'closed', pull, actor: by });
}

/** Refused when its branch is gone or the same branches have another open one. */
export async function reopenPull(world: World, number: number, by: string): Promise<void> {
  const pull = pullOf(world, number);
  if (pull.state === 'open') return;
  if (pull.state === 'merged') throw new Refusal('already-merged', `Pull request ${number} is merged.`);
  if (!(await tipOf(world, pull.head))) throw new Refusal('no-head', `The branch ${pull.head} does not exist.`);
  if (world.pulls.some((one) => one.state === 'open' && one.head === pull.head && one.base === pull.base))
    throw new Refusal('duplicate', `${pull.number} ${pull.head}`);
  write(world, () => Object.assign(pull, { state: 'open', closedBy: undefined, closedAt: undefined }));
  world.events({ action: 'reopened', pull, actor: by });
}

/** Adds a comment to a pull request. */
export function addComment(world: World, number: number, author: string, body: string) {
  const pull = pullOf(world, number);
  const made = { id: world.nextId(), author, body, at: world.now() };
  write(world, () => pull.comments.push(made));
  return made;
}

/** A comment by id; only its author may change or remove it. */
export function changeComment(world: World, id: number, by: string, body: string | undefined) {
  const pull = world.pulls.find((one) => one.comments.some((comment) => comment.id === id));
  const comment = pull?.comments.find((one) => one.id === id);
  if (!pull || !comment) throw new Refusal('not-found', `There is no comment ${id}.`);
  if (comment.author !== by) throw new Refusal('own-review', `${by} did not write comment ${id}.`);
  return write(world, () => {
    if (body === undefined) pull.comments = pull.comments.filter((one) => one !== comment);
    else comment.body = body;
    return comment;
  });
}

/** Asks accounts and teams for a review. Refused for the author and for accounts the server does not know. */
export function requestReviews(
  world: World,
  number: number,
  wanted: { readonly reviewers: readonly string[]; readonly teams: readonly string[] },
): void {
  const pull = pullOf(world, number);
  if (wanted.reviewers.includes(pull.author)) throw new Refusal('own-review', 'Review cannot be requested from pull request author.');
  for (const login of wanted.reviewers) accountOf(world, login);
  for (const team of wanted.teams) {
    if (!world.protection.members?.[team]) throw new Refusal('unknown-account', `There is no team ${team}.`);
  }
  write(world, () => {
    pull.reviewers = [...new Set([...pull.reviewers, ...wanted.reviewers])];
    pull.teams = [...new Set([...pull.teams, ...wanted.teams])];
  });
}
