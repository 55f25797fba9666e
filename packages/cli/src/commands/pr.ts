import { existsSync } from 'node:fs';
import { type CallContext, isTier0Error, type PullRequest, Tier0Error } from '@tier0/core';
import {
  createLocalForge,
  createLocalForgeDesk,
  createMirror,
  type Mirror,
  pullRequestDigest,
  readMembers,
  type SettleResult,
} from '@tier0/gitops';
import type { Environment } from '../environment.ts';
import { PLAY, PROGRAM } from '../program-name.ts';
import { diffPage, markdownPage } from '../terminal/markdown-page.ts';
import { painted } from '../terminal/outlet.ts';
import { BASE_BRANCH, PROTECTION } from '../world/scenario-world.ts';
import { stateFolder } from '../world/state-folder.ts';
import { type Command, parseOptions } from './command.ts';
import { chosen } from './did-you-mean.ts';

const VERBS = ['list', 'show', 'approve', 'reject'] as const;
const STATES = ['open', 'merged', 'closed', 'all'] as const;

/** `tier0 pr`: the people's side of pull requests that are kept in the repository itself. */
export const pr: Command = {
  name: 'pr',
  usage: `Usage: ${PROGRAM} pr list [options]
       ${PROGRAM} pr show NUMBER [options]
       ${PROGRAM} pr approve NUMBER --as ACCOUNT --digest DIGEST [options]
       ${PROGRAM} pr reject NUMBER --as ACCOUNT --reason TEXT [options]

Pull requests of the local forge live on refs of the repository; this is where people decide on them. The forge's rules hold: code owners
approve, nobody approves their own change, and the last approval merges. It does not check who you are: whoever may push to the repository
can review in it.

  --repository URL   the repository          (what "${PLAY}" left in out)
  --branch NAME      the protected branch    (main)
  --as ACCOUNT       who decides
  --digest DIGEST    what is approved, as "pr show" names it: if anything of it has changed since, nothing is approved
  --reason TEXT      why it is rejected
  --state STATE      list: open, merged, closed or all (open)
  --out DIR          where the mirror is kept (out)

Exit code: 0 done, 1 approved but not merged yet (what is missing is said), 2 could not be done.
Example: ${PROGRAM} pr approve 1 --as ann --digest 4f1c09d2ab3e5f60`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('pr', args, {
      repository: { type: 'string' },
      branch: { type: 'string', default: BASE_BRANCH },
      as: { type: 'string' },
      digest: { type: 'string' },
      reason: { type: 'string' },
      state: { type: 'string', default: 'open' },
      out: { type: 'string', default: 'out' },
    });
    const act = decided(positionals, values);
    return await act(await openDesk(values, environment), environment);
  },
};

type Act = (desk: OpenDesk, environment: Environment) => Promise<number>;

/** What is to be done; all that can be wrong with the words is said before any repository is read. Throws INVALID_INPUT. */
function decided(
  [word = 'list', text, ...others]: readonly string[],
  values: Readonly<Partial<Record<'state' | 'as' | 'digest' | 'reason', string | undefined>>>,
): Act {
  const verb = chosen({ name: 'What follows "pr"', given: word, known: VERBS });
  if (verb === 'list') {
    const state = chosen({ name: '--state', given: values.state, known: STATES });
    return (desk, environment) => list(desk, state, environment);
  }
  const number = pullRequestNumber(text, verb);
  if (others.length > 0) throw invalid('One pull request is looked at at a time.', `Run "${PROGRAM} pr ${verb} ${number}".`);
  if (verb === 'show') return (desk, environment) => show(desk, number, environment);
  const { as: reviewer, digest: shown, reason } = values;
  if (!reviewer) throw invalid('Who decides?', `Run "${PROGRAM} pr ${verb} ${number} --as ACCOUNT".`);
  if (verb === 'approve') {
    if (!shown)
      throw invalid('What is approved?', `Run "${PROGRAM} pr show ${number}": it shows everything, and the digest to approve it by.`);
    return (desk, environment) => approve(desk, { number, reviewer, shown }, environment);
  }
  if (!reason) throw invalid('Why is it rejected?', `Run "${PROGRAM} pr reject ${number} --as ${reviewer} --reason TEXT".`);
  return (desk, environment) => reject(desk, { number, reviewer, reason }, environment);
}

async function reject(
  { desk, context }: OpenDesk,
  { number, reviewer, reason }: { readonly number: number; readonly reviewer: string; readonly reason: string },
  { terminal }: Environment,
): Promise<number> {
  await desk.closeByHuman(number, reviewer, reason, context);
  terminal.write(`#${number} is closed: ${reason}\n`);
  return 0;
}

interface OpenDesk {
  readonly mirror: Mirror;
  readonly context: CallContext;
  readonly forge: ReturnType<typeof createLocalForge>;
  readonly desk: ReturnType<typeof createLocalForgeDesk>;
}

async function openDesk(
  values: { readonly repository?: string | undefined; readonly branch: string; readonly out: string },
  environment: Environment,
): Promise<OpenDesk> {
  const folder = stateFolder(values.out);
  if (values.repository === undefined && !existsSync(folder.repository))
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `Nothing was played in ${values.out}: there is no repository there.`,
      hint: `Name yours with --repository URL, or another folder of a run with --out.`,
    });
  const context = { signal: environment.signal, now: () => Date.now() };
  const mirror = createMirror({
    url: values.repository ?? folder.repository,
    directory: `${folder.mirror}.review`,
    authorization: environment.variables.TIER0_GIT_AUTHORIZATION,
  });
  await mirror.fetch(context);
  const base = await mirror.resolve(values.branch, context);
  const { members, problems } = base ? await readMembers(mirror, base, context) : { members: {}, problems: [] };
  for (const problem of problems) environment.terminal.write(`note: ${problem}\n`);
  const shared = { mirror, members, protection: PROTECTION };
  return { mirror, context, forge: createLocalForge(shared), desk: createLocalForgeDesk(shared) };
}

async function list({ forge, context }: OpenDesk, state: (typeof STATES)[number], { terminal }: Environment): Promise<number> {
  const found = await forge.find(state === 'all' ? {} : { status: state }, context);
  for (const one of found)
    terminal.write(`#${one.number}  ${state === 'all' ? `${one.state.status.padEnd(6)}  ` : ''}${one.title}  (by ${one.author})\n`);
  if (found.length === 0) terminal.write(state === 'all' ? 'there is no pull request\n' : `no pull request is ${state}\n`);
  return 0;
}

async function show({ forge, desk, mirror, context }: OpenDesk, number: number, { terminal }: Environment): Promise<number> {
  const pullRequest = await forge.read(number, context).catch((error: unknown) => {
    if (!isTier0Error(error) || error.code !== 'NOT_FOUND') throw error;
    throw new Tier0Error({
      ...error,
      message: error.message,
      hint: `Run "${PROGRAM} pr list --state all" to see those there are.`,
      cause: error,
    });
  });
  const reviews = await forge.reviews(number, context);
  const title = `#${number}  ${pullRequest.title}`;
  terminal.write(
    `${terminal.colour ? painted('bold', title) : title}\n${stateLine(pullRequest)}\nby ${pullRequest.author}, ${pullRequest.sourceBranch} -> ${pullRequest.targetBranch}\n`,
  );
  terminal.write(`\n${markdownPage(pullRequest.body, terminal)}`);
  for (const review of reviews)
    terminal.write(`\n${review.at}  ${review.reviewer}: ${review.state}${review.body ? ` (${review.body})` : ''}`);
  if (reviews.length > 0) terminal.write('\n');
  if (pullRequest.state.status !== 'open') return 0;
  const base = await mirror.resolve(pullRequest.targetBranch, context);
  const fork = base && (await mirror.mergeBase(base, pullRequest.headCommit, context));
  const diff = fork ? await mirror.diff(fork, pullRequest.headCommit, context) : undefined;
  // In a pipe it is git's own text, byte for byte: somebody may apply it.
  if (diff !== undefined) terminal.write(`\n${terminal.colour ? diffPage(diff, terminal) : diff}`);
  const settled = await desk.settle(number, context);
  terminal.write(`\nto approve exactly this: ${PROGRAM} pr approve ${number} --as ACCOUNT --digest ${pullRequestDigest(pullRequest)}\n`);
  if (settled.status === 'waiting') terminal.write(`\nstill missing:\n${settled.reasons.map((reason) => `  ${reason}\n`).join('')}`);
  return 0;
}

function stateLine({ state }: PullRequest): string {
  if (state.status === 'merged') return `merged as ${state.commit.slice(0, 12)} at ${state.at}`;
  if (state.status === 'closed') return `closed by ${state.by} at ${state.at}${state.reason ? `: ${state.reason}` : ''}`;
  return 'open';
}

async function approve(
  { desk, context }: OpenDesk,
  review: { readonly number: number; readonly reviewer: string; readonly shown: string },
  { terminal }: Environment,
): Promise<number> {
  const settled = await desk.submitReview({ ...review, state: 'approved', body: 'Approved on the command line.' }, context);
  terminal.write(`#${review.number} is ${settled.status}${whatIsMissing(settled)}\n`);
  return settled.status === 'merged' ? 0 : 1;
}

function whatIsMissing(settled: SettleResult): string {
  return settled.status === 'waiting' ? `: ${settled.reasons.join('; ')}` : '';
}

function pullRequestNumber(text: string | undefined, verb: string): number {
  const number = Number(text?.replace(/^#/, ''));
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw invalid(
    `Which pull request?${text ? ` "${text}" is no number.` : ''}`,
    `Run "${PROGRAM} pr list", then "${PROGRAM} pr ${verb} NUMBER".`,
  );
}

function invalid(message: string, hint: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint });
}
