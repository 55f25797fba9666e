import {
  type CallContext,
  type Forge,
  type PullRequest,
  type PullRequestDraft,
  type PullRequestQuery,
  pause,
  Tier0Error,
  toTier0Error,
} from '@tier0/core';
import { inline } from '../governance/markdown.ts';
import { topicOf, withTopic } from '../governance/marker.ts';

/** A comment as the forge lists it. */
export interface HostedComment {
  readonly id: number;
  readonly author: string;
  readonly body: string;
}

/** What differs from one hosted forge to the next; `createHostedForge` makes a `Forge` of it. */
export interface HostedApi {
  readonly name: string;
  check(context: CallContext): Promise<readonly string[]>;
  read(number: number, context: CallContext): Promise<PullRequest>;
  /** Newest first; may return more than asked for, never less. */
  list(query: PullRequestQuery, context: CallContext): Promise<readonly PullRequest[]>;
  /** Opens it; `exists` when the forge refuses a second one for the same branches. Throws NOT_FOUND for a missing branch. */
  open(draft: PullRequestDraft, context: CallContext): Promise<PullRequest | 'exists'>;
  addLabels(number: number, labels: readonly string[], context: CallContext): Promise<unknown>;
  /** Asks one account, unless it is asked already. */
  askAccount(number: number, login: string, context: CallContext): Promise<unknown>;
  askTeam(number: number, team: string, context: CallContext): Promise<unknown>;
  /** Asks for the merge to happen by the forge's own rules. Throws UNSUPPORTED where the forge would merge at once, or cannot. */
  requestAutoMerge(pullRequest: PullRequest, context: CallContext): Promise<unknown>;
  edit(pullRequest: PullRequest, change: { readonly title?: string; readonly body?: string }, context: CallContext): Promise<void>;
  close(number: number, context: CallContext): Promise<void>;
  comments(number: number, context: CallContext): Promise<readonly HostedComment[]>;
  /** Without id: a new one. Without body: it is removed. */
  writeComment(number: number, comment: { readonly id?: number; readonly body?: string }, context: CallContext): Promise<void>;
  status: Forge['status'];
  reviews: Forge['reviews'];
}

/** One thing done after opening, which is worth a note when the forge refuses it and no reason to fail. */
interface FollowUp {
  /** As in "could not ...". */
  readonly what: string;
  run(context: CallContext): Promise<unknown>;
}

/** Looks after which a list that a duplicate must be in is given up on: lists of hosted forges lag. */
const LOOKS = 3;
const LOOK_AGAIN_MS = 150;

/** The rules that every hosted forge shares: adopt instead of duplicate, one comment a topic, nothing said to what is not open. */
export function createHostedForge(api: HostedApi): Forge {
  const find = async (query: PullRequestQuery, context: CallContext) =>
    (await api.list(query, context)).filter((pullRequest) => matches(pullRequest, query));

  const comment = async (number: number, { topic, body }: { topic: string; body: string }, context: CallContext) => {
    const { author } = await api.read(number, context);
    // Of our own comments only: anybody can write a line that looks like ours.
    const own = (await api.comments(number, context)).filter((one) => one.author === author && topicOf(one.body) === topic);
    const [first, ...surplus] = own;
    const text = withTopic(topic, body);
    if (!first) await api.writeComment(number, { body: text }, context);
    else if (first.body !== text) await api.writeComment(number, { id: first.id, body: text }, context);
    for (const { id } of surplus) await api.writeComment(number, { id }, context);
  };

  return {
    name: api.name,
    check: (context) => api.check(context),
    read: (number, context) => api.read(number, context),
    find,

    async create(draft, context) {
      const opened = await api.open(draft, context);
      const pullRequest = opened === 'exists' ? await findOpen(find, draft, context) : opened;
      const steps = followUps(api, pullRequest, draft);
      const refused: string[] = [];
      for (const step of steps) {
        const reason = await runStep(step, context);
        if (reason) refused.push(`- could not ${step.what}: ${inline(reason)}`);
      }
      if (refused.length > 0) await comment(pullRequest.number, { topic: 'setup', body: refused.join('\n') }, context);
      const current = steps.length > 0 ? await api.read(pullRequest.number, context) : pullRequest;
      return { outcome: opened === 'exists' ? 'exists' : 'created', pullRequest: current };
    },

    async update(number, change, context) {
      const pullRequest = await api.read(number, context);
      if (pullRequest.state.status !== 'open') throw notOpen(pullRequest);
      await api.edit(pullRequest, change, context);
      return api.read(number, context);
    },

    comment,
    status: api.status,
    reviews: api.reviews,

    async closePullRequest(number, reason, context) {
      const pullRequest = await api.read(number, context);
      if (pullRequest.state.status === 'closed') return;
      if (pullRequest.state.status === 'merged') throw notOpen(pullRequest);
      await comment(number, { topic: 'closed', body: reason }, context);
      await api.close(number, context);
    },
  };
}

/** What is still missing of reviewers, the request to merge by itself and labels. Labels come last: they say that the rest was tried. */
function followUps(api: HostedApi, pullRequest: PullRequest, draft: PullRequestDraft): readonly FollowUp[] {
  const { number, author } = pullRequest;
  const labels = draft.labels.filter((label) => !pullRequest.labels.includes(label));
  const { accounts, teams } = splitReviewers(draft.reviewers);
  const others = accounts.filter((login) => login !== author);
  const steps: FollowUp[] = [
    // One by one: forges refuse a whole list for one name in it.
    ...others.map((login) => ({ what: `ask ${login} for a review`, run: (call: CallContext) => api.askAccount(number, login, call) })),
    ...teams.map((team) => ({ what: `ask the team ${team} for a review`, run: (call: CallContext) => api.askTeam(number, team, call) })),
  ];
  if (draft.autoMerge && !pullRequest.autoMerge) {
    steps.push({ what: 'ask for it to be merged once its rules are satisfied', run: (call) => api.requestAutoMerge(pullRequest, call) });
  }
  if (labels.length > 0) steps.push({ what: 'set the labels', run: (call) => api.addLabels(number, labels, call) });
  return steps;
}

function matches(pullRequest: PullRequest, query: PullRequestQuery): boolean {
  return (
    (query.key === undefined || pullRequest.key === query.key) &&
    (query.sourceBranch === undefined || pullRequest.sourceBranch === query.sourceBranch) &&
    (query.author === undefined || pullRequest.author === query.author) &&
    (query.status === undefined || pullRequest.state.status === query.status)
  );
}

async function findOpen(find: Forge['find'], draft: PullRequestDraft, context: CallContext): Promise<PullRequest> {
  for (let look = 1; ; look++) {
    const open = await find({ sourceBranch: draft.sourceBranch, status: 'open' }, context);
    const same = open.find((pullRequest) => pullRequest.targetBranch === draft.targetBranch);
    if (same) return same;
    if (look === LOOKS) break;
    await pause(LOOK_AGAIN_MS * look, context.signal);
  }
  throw new Tier0Error({
    code: 'CONFLICT',
    message: `The forge says that ${draft.sourceBranch} has an open pull request, and lists none.`,
    hint: 'Its lists lag behind: try again.',
    retryable: true,
  });
}

/** Why the forge refused a step; undefined when it was done. What may be cured by trying again is thrown. */
async function runStep(step: FollowUp, context: CallContext): Promise<string | undefined> {
  try {
    await step.run(context);
    return undefined;
  } catch (error) {
    const known = toTier0Error(error);
    if (known.retryable || known.code === 'INTERNAL') throw known;
    return known.message;
  }
}

function notOpen(pullRequest: PullRequest): Tier0Error {
  return new Tier0Error({
    code: 'CONFLICT',
    message: `Pull request ${pullRequest.number} is ${pullRequest.state.status}, not open.`,
    hint: 'Read it again; if the change is still wanted, open a new one.',
  });
}

/** A branch that the forge does not have. */
export function branchMissing(draft: PullRequestDraft): Tier0Error {
  return new Tier0Error({
    code: 'NOT_FOUND',
    message: `The branch "${draft.sourceBranch}" or "${draft.targetBranch}" does not exist on the forge.`,
    hint: 'Push it before opening the pull request.',
  });
}

/** Owners as CODEOWNERS writes them, told apart: `@ada` and `ada` are accounts, `@org/team` is a team. Addresses are left out. */
function splitReviewers(reviewers: readonly string[]): { readonly accounts: readonly string[]; readonly teams: readonly string[] } {
  const names = [...new Set(reviewers.map((reviewer) => reviewer.replace(/^@/, '')))].filter((name) => !name.includes('@'));
  return {
    accounts: names.filter((name) => !name.includes('/')),
    teams: names.filter((name) => name.includes('/')).map((name) => name.slice(name.lastIndexOf('/') + 1)),
  };
}
