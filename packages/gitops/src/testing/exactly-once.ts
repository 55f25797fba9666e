import {
  type CallContext,
  type ChangeProposal,
  type FileEdit,
  type Forge,
  type ProposalResult,
  type PullRequest,
  parseFieldPath,
  Tier0Error,
} from '@tier0/core';
import { createGiteaForge } from '../forges/gitea.ts';
import { createGitHubForge } from '../forges/github.ts';
import { createGitLabForge } from '../forges/gitlab.ts';
import { createLocalForge } from '../forges/local.ts';
import { createLocalForgeDesk } from '../forges/local-desk.ts';
import { createMirror, type Mirror } from '../git/mirror.ts';
import { createProposalWriter } from '../proposal/writer.ts';
import { drawFaults, type FaultSequence, type PlannedFault, toServerFault } from './fault-sequence.ts';
import { type ForgeServer, startForgeServer } from './forge-server/server.ts';
import { createTestRepository, type TestRepository } from './repository.ts';

/** A forge that can be proposed to. */
export type ForgeKind = 'local' | 'github' | 'gitlab' | 'gitea';

/** What came of several writers that proposed the same change through faults. */
export interface ExactlyOnceOutcome {
  readonly sequence: FaultSequence;
  /** Rounds in which writers that had failed tried again, until everyone had an answer. */
  readonly retries: number;
  /** What everyone was answered, and what they failed with on the way. */
  readonly answers: readonly string[];
  readonly failures: readonly string[];
  /** Faults that were planned and really happened. */
  readonly happened: number;
  /** What is wrong with the end; empty: one open pull request, one commit, right content, and people could merge it. */
  readonly flaws: readonly string[];
}

const FILE = 'shop/payment.yaml';
const MANIFEST = 'spec:\n  limit: 512Mi\n';
const CHANGED = 'spec:\n  limit: 1Gi\n';
const MAX_RETRIES = 8;
const LABELS = ['tier0', 'tier0/risk:low'];

/** Makes the proposal of a world; the field is `spec.limit`, from `512Mi` to `1Gi`. */
export type MakeProposal = (edit: FileEdit) => ChangeProposal;

/** Lets several writers propose one change while faults happen, lets them try again until all have an answer, and looks at the end. */
export async function proposeThroughFaults(
  kind: ForgeKind,
  from: number | FaultSequence,
  makeProposal: MakeProposal,
): Promise<ExactlyOnceOutcome> {
  const sequence = typeof from === 'number' ? drawFaults(from) : from;
  const repository = await createTestRepository({ [FILE]: MANIFEST });
  const server = kind === 'local' ? undefined : await startForgeServer({ dialect: kind, repository: repository.url });
  try {
    const world: FaultyWorld = {
      kind,
      repository,
      server,
      pending: sequence.faults.map((fault) => ({ fault, skip: fault.after })),
      happened: 0,
    };
    const faults = sequence.faults.flatMap((fault) => toServerFault(fault) ?? []);
    server?.faults.add(...faults);
    const url = server?.gitUrl ?? repository.url;
    const edit = { repository: url, file: FILE, document: 0, path: parseFieldPath('spec.limit'), expectOld: '512Mi', value: '1Gi' };
    const proposal = makeProposal(edit);
    const { answers, failures, retries } = await runWriters(world, sequence.writers, proposal);
    server?.faults.clear();
    const happened = world.happened + (server?.faults.happened.length ?? 0);
    world.pending.length = 0;
    return { sequence, retries, answers, failures, happened, flaws: await flawsOf(world, answers) };
  } finally {
    await server?.close();
    await repository.remove();
  }
}

interface FaultyWorld {
  readonly kind: ForgeKind;
  readonly repository: TestRepository;
  readonly server: ForgeServer | undefined;
  /** Faults that do not happen at a server: kills, and everything where there is no server. */
  readonly pending: { readonly fault: PlannedFault; skip: number }[];
  happened: number;
}

async function runWriters(world: FaultyWorld, count: number, proposal: ChangeProposal) {
  const failures: string[] = [];
  const answers: string[] = [];
  let waiting = Array.from({ length: count }, (_, index) => index);
  let retries = -1;
  while (waiting.length > 0 && retries < MAX_RETRIES) {
    retries += 1;
    const results = await Promise.allSettled(waiting.map((index) => runOnce(world, `${index}-${retries}`, index, proposal)));
    const failed: number[] = [];
    for (const [at, result] of results.entries()) {
      if (result.status === 'fulfilled') answers.push(result.value.status);
      else {
        failures.push(String(result.reason?.message ?? result.reason).slice(0, 200));
        failed.push(waiting[at] as number);
      }
    }
    waiting = failed;
  }
  return { answers, failures, retries };
}

/** One run as a new process would make it: its own client and connection, a mirror that earlier runs of the same writer left behind. */
function runOnce(world: FaultyWorld, _run: string, writer: number, proposal: ChangeProposal): Promise<ProposalResult> {
  const controller = new AbortController();
  const context: CallContext = { signal: controller.signal, now: () => Date.parse(proposal.createdAt) };
  const { mirror, forge } = connect(world, `writer-${writer}`, controller);
  const decision = { effect: 'require-approval', reasons: ['production'], requiredApprovals: 1 } as const;
  return createProposalWriter({ mirror, forge }).propose({ proposal, gate: { checks: [], decision, trust: [] } }, context);
}

function connect(world: FaultyWorld, name: string, controller: AbortController): { readonly mirror: Mirror; readonly forge: Forge } {
  const { server, repository } = world;
  const directory = `${repository.directory}/${name}`;
  const kill = <T>(step: PlannedFault['step'], value: T): T => {
    if (take(world, step, ['kill']) === undefined) return value;
    controller.abort(new Error(`killed after ${step}`));
    throw controller.signal.reason;
  };
  const plain = createMirror({ url: server?.gitUrl ?? repository.url, directory, authorization: server?.gitAuthorization('tier0') });
  const faulty = server ? plain : withFaults(world, plain);
  const forge = server ? hostedForge(server, world.kind) : createLocalForge({ mirror: faulty });
  return {
    mirror: { ...faulty, push: async (updates, context) => kill('push', await faulty.push(updates, context)) },
    forge: {
      ...forge,
      status: async (commit, status, context) => kill('status', await forge.status(commit, status, context)),
      create: async (draft, context) => kill('open', await forge.create(draft, context)),
    },
  };
}

function hostedForge(server: ForgeServer, kind: ForgeKind): Forge {
  const shared = { token: 'token-tier0', apiUrl: server.apiUrl, timeoutMs: 20_000 };
  if (kind === 'gitlab') return createGitLabForge({ ...shared, project: server.fullName });
  return kind === 'github'
    ? createGitHubForge({ ...shared, repository: server.fullName })
    : createGiteaForge({ ...shared, repository: server.fullName });
}

function take(world: FaultyWorld, step: PlannedFault['step'], kinds: readonly PlannedFault['kind'][]): PlannedFault['kind'] | undefined {
  const index = world.pending.findIndex(({ fault }) => fault.step === step && kinds.includes(fault.kind));
  const found = world.pending[index];
  if (!found) return undefined;
  if (found.skip > 0) {
    found.skip -= 1;
    return undefined;
  }
  world.pending.splice(index, 1);
  world.happened += 1;
  return found.fault.kind;
}

const AT_REQUEST = ['cut-before', 'cut-after', 'error-before', 'error-after', 'twice', 'stale', 'rate-limit'] as const;

/** The same faults where there is no server: the local forge does everything by fetching and pushing. */
function withFaults(world: FaultyWorld, mirror: Mirror): Mirror {
  const lost = (kind: string) => new Tier0Error({ code: 'UNAVAILABLE', message: `fault: ${kind}`, hint: 'Try again.' });
  const stepOf = (refs: readonly string[]): PlannedFault['step'] =>
    refs.some((ref) => ref.startsWith('refs/tier0/prs/'))
      ? 'open'
      : refs.some((ref) => ref.startsWith('refs/tier0/statuses/'))
        ? 'status'
        : 'push';
  return {
    ...mirror,
    async fetch(context) {
      const kind = take(world, 'fetch', AT_REQUEST) ?? take(world, 'list', AT_REQUEST);
      // A stale list is one that was not fetched again.
      if (kind === 'stale') return;
      if (kind?.endsWith('before') || kind === 'rate-limit') throw lost(kind);
      await mirror.fetch(context);
      if (kind === 'twice') await mirror.fetch(context);
      if (kind?.endsWith('after')) throw lost(kind);
    },
    async push(updates, context) {
      const kind = take(world, stepOf(updates.map((update) => update.ref)), AT_REQUEST);
      if (kind?.endsWith('before') || kind === 'rate-limit') throw lost(kind);
      const result = await mirror.push(updates, context);
      if (kind?.endsWith('after')) throw lost(kind);
      return kind === 'twice' ? mirror.push(updates, context) : result;
    },
  };
}

async function flawsOf(world: FaultyWorld, answers: readonly string[]): Promise<readonly string[]> {
  const { repository, server } = world;
  const context: CallContext = { signal: new AbortController().signal, now: () => Date.now() };
  const mirror = repository.newMirror();
  const forge = server ? hostedForge(server, world.kind) : createLocalForge({ mirror });
  const all = await forge.find({}, context);
  await mirror.fetch(context);
  const branches = [...(await mirror.listRefs('refs/heads/tier0/', context))];
  const [main, tip] = [await mirror.resolve('main', context), branches[0]?.[1]];
  const commits = main && tip ? await mirror.commitsBetween(main, tip, 10, context) : [];
  const unwanted = answers.filter((answer) => !['created', 'adopted', 'updated'].includes(answer));
  return [
    ...(unwanted.length > 0 ? [`writers were answered ${unwanted.join(', ')}`] : []),
    ...(all.length === 1
      ? pullRequestFlaws(all[0] as PullRequest, tip)
      : [`${all.length} pull requests: ${all.map((one) => one.state.status).join(', ')}`]),
    ...(branches.length === 1 ? [] : [`${branches.length} branches`]),
    ...(commits.length === 1 ? [] : [`${commits.length} commits`]),
    ...(await mergeFlaws(world, forge, all[0]?.number ?? 0, context)),
  ];
}

function pullRequestFlaws(pullRequest: PullRequest, tip: string | undefined): readonly string[] {
  return [
    ...(pullRequest.state.status === 'open' ? [] : [`the pull request is ${pullRequest.state.status}`]),
    ...(pullRequest.headCommit === tip ? [] : ['its head is not the branch']),
    ...LABELS.filter((label) => !pullRequest.labels.includes(label)).map((label) => `the label ${label} is missing`),
    ...(pullRequest.labels.length === LABELS.length ? [] : [`labels: ${pullRequest.labels.join(', ')}`]),
  ];
}

/** Nothing is lost when people can merge it: the check is there, and the base branch says what was proposed. */
async function mergeFlaws(world: FaultyWorld, forge: Forge, number: number, context: CallContext): Promise<readonly string[]> {
  const { server, repository } = world;
  try {
    if (server) {
      await server.review(number, { reviewer: 'ada', state: 'approved' });
      await server.merge(number, 'ada');
    } else {
      await createLocalForgeDesk({ mirror: repository.newMirror() }).submitReview({ number, reviewer: 'ada', state: 'approved' }, context);
    }
    const { state } = await forge.read(number, context);
    if (state.status !== 'merged') return [`approved, it is still ${state.status}`];
    return (await repository.read('main', FILE)) === CHANGED ? [] : ['the base branch does not say what was proposed'];
  } catch (error) {
    return [`it cannot be merged: ${String(error)}`];
  }
}
