import {
  type CallContext,
  type CommitStatus,
  type Forge,
  type ProposalResult,
  type PullRequest,
  type PullRequestDraft,
  toTimestamp,
} from '@tier0/core';
import { contended } from '../git/contended.ts';
import type { CommitRequest, Mirror } from '../git/mirror.ts';
import type { CodeOwnersDialect } from '../governance/code-owners.ts';
import { readCodeOwners } from '../governance/read-code-owners.ts';
import { isNewer, type Rival, rivalsOf } from './field-set.ts';
import type { JournalEntry, ProposalJournal } from './journal.ts';
import { type Plan, resolveBase } from './plan.ts';

/** Everything about a pull request that does not depend on what the repository looks like now. */
export interface Work {
  readonly key: string;
  readonly branch: string;
  readonly baseBranch: string;
  readonly author: string;
  readonly incident: string;
  /** When it was proposed. ISO 8601. */
  readonly createdAt: string;
  readonly title: string;
  readonly body: string;
  readonly reviewers: readonly string[];
  readonly labels: readonly string[];
  readonly status: CommitStatus;
  /** Short digests of the fields it changes. */
  readonly fields: readonly string[];
  /** Whether limits and other pull requests about the same fields hold it up. */
  readonly isLimited: boolean;
  /** The commit on top of a base, or why there is none. */
  plan(base: string): Promise<CommitRequest | Exclude<Plan, { status: 'planned' }>>;
}

/** How many pull requests a writer opens. */
export interface ProposalLimits {
  /** Pull requests of tier0 that may be open at once before it proposes no more. Default 10. */
  readonly openPullRequests?: number | undefined;
  /** New ones in an hour, by the journal. Default no limit. */
  readonly perHour?: number | undefined;
}

/** Where work is published, and how. */
export interface PublishOptions {
  readonly mirror: Mirror;
  readonly forge: Forge;
  readonly journal: ProposalJournal;
  readonly limits: ProposalLimits;
  readonly draft?: boolean | undefined;
  readonly autoMerge?: boolean | undefined;
  readonly reviewersFromCodeOwners: boolean;
}

const ATTEMPTS = 4;
const HOUR_MS = 3_600_000;

/** Brings the repository from whatever state it is in to: branch pushed, check set, pull request open. */
export async function publish(options: PublishOptions, work: Work, context: CallContext): Promise<ProposalResult> {
  const { mirror } = options;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await mirror.fetch(context);
    const known = await findOwn(options.forge, work, context);
    if (known?.state.status === 'merged') return adopted(options, known, context);
    if (known?.state.status === 'closed' && known.state.by !== work.author) {
      return { status: 'closed-by-human', reason: `${known.state.by} closed ${known.url}; what people closed is not opened again` };
    }
    const base = await resolveBase(mirror, work.baseBranch, context);
    const request = await work.plan(base);
    if ('status' in request) return withdraw(options, work, { known, reason: request }, context);
    const open = work.isLimited ? await openOnes(options, work, context) : [];
    const blocked = blockedBy(work, await rivalsOf(mirror, open, work, context));
    if (blocked) return blocked;
    const head = await pushBranch(options, work, { request, base, open: open.length }, context);
    if (head === 'again') continue;
    if ('status' in head) return head;
    await note(options, work, { step: 'status', commit: head.commit }, context);
    await options.forge.status(head.commit, work.status, context);
    const opened = await openPullRequest(options, work, { ...head, base, known, files: [...request.files.keys()] }, context);
    return yieldToFirst(options, work, opened, context);
  }
  throw contended(`the branch ${work.branch}`);
}

/** The pull request of this key: one that is not closed before closed ones. Lists may lag, so an open one is read again. */
async function findOwn(forge: Forge, work: Work, context: CallContext): Promise<PullRequest | undefined> {
  const found = await forge.find({ key: work.key, sourceBranch: work.branch }, context);
  const known = found.find((pullRequest) => pullRequest.state.status !== 'closed') ?? found[0];
  return known?.state.status === 'open' ? forge.read(known.number, context) : known;
}

function note(options: PublishOptions, work: Work, entry: Pick<JournalEntry, 'step' | 'commit'>, context: CallContext): Promise<void> {
  return options.journal.append({ key: work.key, branch: work.branch, at: toTimestamp(context.now()), ...entry }, context);
}

/** Nothing is to be done; a pull request of ours that says what the base branch says already is closed. */
async function withdraw(
  options: PublishOptions,
  work: Work,
  at: { readonly known: PullRequest | undefined; readonly reason: Exclude<Plan, { status: 'planned' }> },
  context: CallContext,
): Promise<ProposalResult> {
  const { known, reason } = at;
  if (reason.status !== 'no-change' || known?.state.status !== 'open') return reason;
  const tip = await options.mirror.resolve(work.branch, context);
  if (!tip || !(await ownCommit(options, work, tip, context))) return reason;
  await note(options, work, { step: 'close' }, context);
  await options.forge.closePullRequest(known.number, reason.reason, context);
  return reason;
}

function openOnes(options: PublishOptions, work: Work, context: CallContext): Promise<readonly PullRequest[]> {
  return options.forge.find({ author: work.author, status: 'open' }, context);
}

/** One pull request a field: another incident's is waited for, a newer one of the same incident counts instead. */
function blockedBy(work: Work, rivals: readonly Rival[]): ProposalResult | undefined {
  const foreign = rivals.find((rival) => rival.incident !== work.incident);
  if (foreign) return { status: 'limit-reached', reason: `${foreign.pullRequest.url} is about the same field already; one at a time` };
  const newer = rivals.find((rival) => isNewer(rival, work));
  return newer && { status: 'refused', reason: `${newer.pullRequest.url} is a newer proposal of the same incident for the same field` };
}

/**
 * Looks again after opening. Two writers that opened at the same time both see each other here: of two incidents the first pull request
 * stays, of one incident the newest proposal does. Older ones of the same incident are superseded.
 */
async function yieldToFirst(options: PublishOptions, work: Work, opened: ProposalResult, context: CallContext): Promise<ProposalResult> {
  if (!work.isLimited || !('pullRequest' in opened)) return opened;
  const { number, url } = opened.pullRequest;
  const close = async (which: number, reason: string) => {
    await note(options, work, { step: 'close' }, context);
    await options.forge.closePullRequest(which, reason, context);
  };
  const rivals = await rivalsOf(options.mirror, await openOnes(options, work, context), work, context);
  const blocked = blockedBy(
    work,
    rivals.filter((rival) => rival.incident === work.incident || rival.pullRequest.number < number),
  );
  if (blocked && 'reason' in blocked) {
    await close(number, blocked.reason);
    return blocked;
  }
  for (const rival of rivals) {
    if (rival.incident === work.incident) await close(rival.pullRequest.number, `superseded by ${url}`);
  }
  return opened;
}

interface Head {
  readonly commit: string;
  readonly parent: string;
  readonly outcome: 'created' | 'adopted' | 'updated';
}

/** Pushes the commit, or finds that it is there. `again` when the branch moved meanwhile. */
async function pushBranch(
  options: PublishOptions,
  work: Work,
  wanted: { readonly request: CommitRequest; readonly base: string; readonly open: number },
  context: CallContext,
): Promise<Head | ProposalResult | 'again'> {
  const { mirror } = options;
  const { request, base, open } = wanted;
  const tip = await mirror.resolve(work.branch, context);
  const own = tip ? await ownCommit(options, work, tip, context) : undefined;
  if (tip && !own) return { status: 'human-edited', reason: `somebody else committed to ${work.branch}; their work is left alone` };
  if (tip && own?.current && !(await isOvertaken(mirror, own.parent, base, request, context))) {
    return { commit: tip, parent: own.parent, outcome: 'adopted' };
  }
  const limit = !tip && work.isLimited ? await limitReached(options, work, open, context) : undefined;
  if (limit) return { status: 'limit-reached', reason: limit };
  const commit = await mirror.commitFiles(request, context);
  await note(options, work, { step: 'push', commit }, context);
  const pushed = await mirror.push([{ ref: `refs/heads/${work.branch}`, commit, expected: tip }], context);
  if (pushed.status !== 'pushed') return 'again';
  return { commit, parent: request.parents[0] ?? '', outcome: tip ? 'updated' : 'created' };
}

/** Whether the base branch has since changed a file that the commit changes: then it is made again on top, which voids approvals. */
async function isOvertaken(mirror: Mirror, parent: string, base: string, request: CommitRequest, context: CallContext): Promise<boolean> {
  if (parent === base) return false;
  return (await mirror.changedPaths(parent, base, context)).some((path) => request.files.has(path));
}

/**
 * Whether a branch tip is tier0's own commit: made again on its own parent, the tree is the same; or the journal says that we made it.
 * `current`: made again, the whole commit is the same.
 */
async function ownCommit(
  options: PublishOptions,
  work: Work,
  tip: string,
  context: CallContext,
): Promise<{ readonly parent: string; readonly current: boolean } | undefined> {
  const { mirror, journal } = options;
  const facts = await mirror.readCommit(tip, context);
  const [parent, second] = facts.parents;
  const base = await mirror.resolve(work.baseBranch, context);
  if (!parent || second || !base || !(await mirror.isAncestor(parent, base, context))) return undefined;
  const request = await work.plan(parent);
  if (!('status' in request)) {
    const again = await mirror.commitFiles(request, context);
    if (again === tip) return { parent, current: true };
    if ((await mirror.readCommit(again, context)).tree === facts.tree && facts.authorEmail === request.author.email)
      return { parent, current: false };
  }
  const noted = (await journal.read(context)).some((entry) => entry.step === 'push' && entry.key === work.key && entry.commit === tip);
  return noted ? { parent, current: false } : undefined;
}

/** Why no more are opened now; undefined: they are. Writers at the same moment may each open one. */
async function limitReached(options: PublishOptions, work: Work, open: number, context: CallContext): Promise<string | undefined> {
  const { openPullRequests = 10, perHour } = options.limits;
  if (open >= openPullRequests) return `${open} pull requests of ${work.author} are open, as many as the limit allows`;
  if (perHour === undefined) return undefined;
  const since = context.now() - HOUR_MS;
  const entries = (await options.journal.read(context)).filter((entry) => entry.step === 'push' && Date.parse(entry.at) > since);
  const recent = new Set(entries.map((entry) => entry.key).filter((key) => key !== work.key)).size;
  return recent >= perHour ? `${recent} pull requests were opened within the hour, as many as the limit allows` : undefined;
}

interface Opening extends Head {
  readonly base: string;
  readonly known: PullRequest | undefined;
  readonly files: readonly string[];
}

async function openPullRequest(options: PublishOptions, work: Work, at: Opening, context: CallContext): Promise<ProposalResult> {
  const { forge, mirror } = options;
  // Read while the forge is asked: neither waits for the other.
  const [{ outcome, pullRequest }, diff] = await Promise.all([
    findOrCreate(options, work, at, context),
    mirror.diff(at.parent, at.commit, context),
  ]);
  const stale = pullRequest.body !== work.body || pullRequest.title !== work.title;
  if (stale) await note(options, work, { step: 'update' }, context);
  const current = stale ? await forge.update(pullRequest.number, { title: work.title, body: work.body }, context) : pullRequest;
  const status =
    outcome === 'exists' ? (at.outcome === 'updated' ? 'updated' : 'adopted') : at.outcome === 'created' ? 'created' : 'adopted';
  return { status, pullRequest: current, diff };
}

/** An open one with all its labels needs nothing: labels are what a forge sets last. */
async function findOrCreate(options: PublishOptions, work: Work, at: Opening, context: CallContext): ReturnType<Forge['create']> {
  const { known } = at;
  if (known?.state.status === 'open' && work.labels.every((label) => known.labels.includes(label))) {
    return { outcome: 'exists', pullRequest: { ...known, headCommit: at.commit } };
  }
  const draft: PullRequestDraft = {
    ...{ key: work.key, title: work.title, body: work.body, author: work.author, labels: work.labels },
    ...{ sourceBranch: work.branch, targetBranch: work.baseBranch, reviewers: await reviewersFor(options, work, at, context) },
    ...(options.draft ? { draft: true } : {}),
    ...(options.autoMerge ? { autoMerge: true } : {}),
  };
  await note(options, work, { step: 'open', commit: at.commit }, context);
  return options.forge.create(draft, context);
}

/** Who is named, and who owns what is changed, by the CODEOWNERS of the base branch. */
async function reviewersFor(options: PublishOptions, work: Work, at: Opening, context: CallContext): Promise<readonly string[]> {
  if (!options.reviewersFromCodeOwners) return work.reviewers;
  const owners = await readCodeOwners(options.mirror, { commit: at.base, dialect: dialectOfForge(options.forge.name) }, context);
  return [...new Set([...work.reviewers, ...at.files.flatMap((file) => owners?.ownersOf(file) ?? [])])];
}

/** A forge reads the file in its own grammar; the local one by the folder it lies in. */
function dialectOfForge(name: string): CodeOwnersDialect | undefined {
  return name === 'github' || name === 'gitlab' || name === 'gitea' ? name : undefined;
}

async function adopted(options: PublishOptions, pullRequest: PullRequest, context: CallContext): Promise<ProposalResult> {
  const [parent = pullRequest.headCommit] = (await options.mirror.readCommit(pullRequest.headCommit, context)).parents;
  return { status: 'adopted', pullRequest, diff: await options.mirror.diff(parent, pullRequest.headCommit, context) };
}
