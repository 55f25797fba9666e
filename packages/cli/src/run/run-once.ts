import { join } from 'node:path';
import { createKubernetesLogsEvidence, createPrometheusEvidence } from '@tier0/agents';
import { createPodLogReader, createSqliteCmdbStore } from '@tier0/cmdb';
import {
  type Alert,
  type CallContext,
  type Cmdb,
  type EvidenceSource,
  type Forge,
  findIncident,
  formatDuration,
  type Gap,
  handleIncident,
  type IncidentState,
  incidentIdOf,
  isProposed,
  isTier0Error,
  type LoopPorts,
  type Reconciler,
  Tier0Error,
  toTimestamp,
} from '@tier0/core';
import { writeAtomically } from '@tier0/core/files';
import { createMirror, type Members, type Mirror, readMembers, repositoryAddress } from '@tier0/gitops';
import type { Environment } from '../environment.ts';
import { watchWorld } from '../operations/watch.ts';
import { createJsonNarrator, createTimelineNarrator, type Narrator } from '../play/narrator.ts';
import { AUTHOR } from '../play/play-scenario.ts';
import { catalogFromRepository } from '../world/catalog-from-repository.ts';
import { realClock } from '../world/clock.ts';
import { composeCmdb, composeLoop, readPatterns } from '../world/compose-loop.ts';
import { forgeFromOptions, requireForge } from '../world/forge-from-options.ts';
import { gateSigner } from '../world/gate-key.ts';
import { kubeconfigFrom } from '../world/kubeconfig-from-options.ts';
import { modelFromOptions } from '../world/model-from-options.ts';
import { resumeCommand } from '../world/resume-command.ts';
import { type StateFolder, stateFolder, withStateFolder } from '../world/state-folder.ts';
import { teamMembers } from '../world/team-members.ts';
import type { RunOptions } from './run-options.ts';
import { withAlertLease } from './with-alert-lease.ts';

/** Looks at what the options point to, once or again and again, and proposes. Returns the exit code. */
export async function runOnce(options: RunOptions, environment: Environment): Promise<number> {
  // A dry run keeps its records apart: what was only shown must never be taken for what was decided.
  const folder = stateFolder(options.dryRun ? join(options.out, 'dry-run') : options.out);
  return withStateFolder(folder, { purpose: 'run', signal: environment.signal }, () => runIn(folder, options, environment));
}

async function runIn(folder: StateFolder, options: RunOptions, environment: Environment): Promise<number> {
  const clock = realClock();
  const context: CallContext = { signal: environment.signal, now: clock.now };
  const narrator = options.json ? createJsonNarrator(environment, clock) : createTimelineNarrator(environment, clock);
  await writeAtomically(folder.run, `${JSON.stringify({ command: 'run', ...options }, null, 2)}\n`);
  environment.goesOnWith?.(resumeCommand(folder));
  narrator.begin(`tier0 · ${options.dryRun ? 'dry run' : 'run'} against cluster ${options.cluster}`, [
    `Reads the cluster, proposes to ${options.repository}, and stops at the pull request.`,
  ]);
  const loop = await compose(options, { folder, context, environment });
  let found = 0;
  let unknown: readonly Gap[] = [];
  const rounds = options.everySeconds > 0 ? undefined : 1;
  const watch = { detectors: loop.detectors, everyMs: options.everySeconds * 1000, rounds };
  try {
    for await (const round of watchWorld(loop, watch, context)) {
      narrator.watching(round);
      for (const alerts of round.groups)
        found += await propose(alerts, { options, ports: loop.ports, forge: loop.forge, context, narrator, folder });
      if (!areSame(round.unknowns, unknown)) sayUnknowns(round.unknowns, environment);
      unknown = round.unknowns;
    }
  } finally {
    await loop.store.close?.();
  }
  if (found === 0) narrator.done({ ...quietEnding(unknown), entries: [], files: [] });
  return found > 0 ? 1 : unknown.length > 0 ? 2 : 0;
}

/** Finding nothing is good news only where everything could be looked at. */
function quietEnding(unknown: readonly Gap[]): { readonly status: string; readonly reason: string } {
  if (unknown.length === 0) return { status: 'healthy', reason: 'nothing is wrong and nothing is about to be' };
  return { status: 'unknown', reason: `nothing was found, but ${unknown.length} things could not be looked at; they are listed above` };
}

function areSame(one: readonly Gap[], other: readonly Gap[]): boolean {
  return one.length === other.length && one.every(({ message }, index) => message === other[index]?.message);
}

function sayUnknowns(unknowns: readonly Gap[], environment: Environment): void {
  for (const { message } of unknowns.slice(0, 10)) environment.stderr(`not known: ${message}\n`);
  if (unknowns.length > 10) environment.stderr(`not known: ${unknowns.length - 10} more\n`);
}

interface Place {
  readonly folder: StateFolder;
  readonly context: CallContext;
  readonly environment: Environment;
}

async function compose(options: RunOptions, { folder, context, environment }: Place) {
  const kubeconfig = await kubeconfigFrom(options.kubeconfig, environment, options.context);
  const mirror = createMirror({
    url: options.repository,
    directory: folder.mirror,
    authorization: environment.variables.TIER0_GIT_AUTHORIZATION,
  });
  const catalog = options.catalog ?? (await catalogFromRepository(mirror, options.branch, folder.state, context));
  await requireBranch(mirror, options, context);
  const store = createSqliteCmdbStore({ file: folder.cmdb });
  try {
    return { ...(await composeOn(store, { options, kubeconfig, catalog, mirror }, { folder, context, environment })), store };
  } catch (error) {
    await store.close?.();
    throw error;
  }
}

interface Parts {
  readonly options: RunOptions;
  readonly kubeconfig: string;
  readonly catalog: string | undefined;
  readonly mirror: ReturnType<typeof createMirror>;
}

async function composeOn(
  store: ReturnType<typeof createSqliteCmdbStore>,
  { options, kubeconfig, catalog, mirror }: Parts,
  { folder, context, environment }: Place,
) {
  const live = { kubeconfig, context: options.context, requestTimeoutMs: options.requestTimeoutMs };
  const cmdb = composeCmdb({ ...live, cluster: options.cluster, catalog, store });
  const { failures, items } = await cmdb.refresh(context);
  if (items === 0 || failures.some(isWholeCluster)) throw couldNotLook(failures);
  const members = await membersOf(options, { mirror, cmdb }, context);
  const evidence: EvidenceSource[] = [createKubernetesLogsEvidence({ readLog: createPodLogReader(live) })];
  if (options.prometheus) evidence.unshift(createPrometheusEvidence({ url: options.prometheus }));
  const forge = forgeFromOptions(options.forge, {
    mirror,
    members,
    token: environment.variables.TIER0_FORGE_TOKEN,
    signer: await gateSigner(folder),
  });
  await requireForge(forge, context);
  const loop = await composeLoop({
    cmdb,
    evidence,
    mirror,
    baseBranch: options.branch,
    path: options.path,
    forge,
    members,
    reconciler: NOBODY_WATCHES,
    folder,
    patterns: options.patterns ? await readPatterns(options.patterns) : [],
    model: modelFromOptions({ url: options.modelUrl, name: options.modelName, apiKey: environment.variables.TIER0_MODEL_API_KEY }),
  });
  return { ...loop, cmdb, forge };
}

/** From the catalog file that was named, else from the files of the repository that have a say. */
async function membersOf(
  options: RunOptions,
  { mirror, cmdb }: { readonly mirror: Mirror; readonly cmdb: Cmdb },
  context: CallContext,
): Promise<Members> {
  if (options.catalog !== undefined) return teamMembers(cmdb.reader());
  const base = await mirror.resolve(options.branch, context);
  return base ? (await readMembers(mirror, base, context)).members : {};
}

async function requireBranch(mirror: ReturnType<typeof createMirror>, options: RunOptions, context: CallContext): Promise<void> {
  if (await mirror.resolve(options.branch, context)) return;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `The repository ${mirror.url} has no branch "${options.branch}".`,
    hint: 'Name the branch that the cluster is reconciled from with --branch.',
  });
}

/** Nothing of the cluster could be read: what a catalog says is no look at it. */
function isWholeCluster({ source, kind }: Gap): boolean {
  return source === 'kubernetes' && kind === undefined;
}

function couldNotLook(failures: readonly Gap[]): Tier0Error {
  return new Tier0Error({
    code: 'UNAVAILABLE',
    message: `The cluster could not be read: ${failures.map(({ message }) => message).join('; ') || 'it holds nothing tier0 may see'}.`,
    hint: 'Check the kubeconfig with "kubectl get pods -A"; tier0 needs get and list.',
  });
}

/** `tier0 run` stops at the pull request: whether it becomes live is for the cluster's own reconciler to say. */
const NOBODY_WATCHES: Reconciler = {
  name: 'none',
  // biome-ignore lint/correctness/useYield: it never has anything to say
  async *watch() {
    throw new Tier0Error({ code: 'UNSUPPORTED', message: 'tier0 run does not watch rollouts.', hint: 'It stops at the pull request.' });
  },
};

interface Proposing {
  readonly forge: Forge;
  readonly options: RunOptions;
  readonly ports: LoopPorts;
  readonly context: CallContext;
  readonly narrator: Narrator;
  readonly folder: StateFolder;
}

/** After people merged, a change has this long to become live before the same alert is answered again. */
const ROLLOUT_GRACE_MS = 60 * 60 * 1000;
/** What people closed is not proposed again for this long. */
const RESPECT_MS = 24 * 60 * 60 * 1000;

/** Handles one group of alerts as far as the pull request. Returns 1: something was found. */
async function propose(alerts: readonly Alert[], proposing: Proposing): Promise<number> {
  const { options, context } = proposing;
  const [first] = alerts;
  if (!first) return 0;
  const about = { alert: first, repository: repositoryAddress(options.repository) };
  return withAlertLease(about, context, () => proposeFor(first, alerts, proposing));
}

async function proposeFor(first: Alert, alerts: readonly Alert[], proposing: Proposing): Promise<number> {
  const { options, ports, context, narrator, folder } = proposing;
  const previous = await findIncident(ports.record, { fingerprint: first.fingerprint }, context);
  const settled = previous && (await whatPeopleDid(previous, proposing));
  if (settled?.answered) {
    narrator.done({ status: 'answered', reason: settled.reason, state: previous, entries: [], files: [folder.incidents] });
    return 1;
  }
  const goesOn = previous && !previous.status && !settled;
  const fresh = previous ? incidentIdOf({ ...first, startsAt: toTimestamp(context.now()) }) : incidentIdOf(first);
  const incident = goesOn ? previous.incident : fresh;
  const state = await handleIncident(
    {
      incident,
      alerts,
      ports,
      settings: {
        author: options.author ?? AUTHOR,
        repository: repositoryAddress(options.repository),
        baseBranch: options.branch,
        approvalTimeoutMs: 0,
        reconcileTimeoutMs: 0,
        holdMs: 0,
      },
      until: options.dryRun ? 'gate' : 'propose',
      onEntry: (entry) => narrator.entry(entry),
      onProgress: (_step, message) => narrator.progress(message),
    },
    context,
  );
  const ending = await endingOf(state, { options, ports, context });
  const entries = await ports.record.read(incident, context);
  narrator.done({ ...ending, state, entries, files: [folder.audit, folder.incidents] });
  return 1;
}

/** What became of the pull request of an earlier incident; undefined while it is open or when there is none. */
async function whatPeopleDid({ results }: IncidentState, { forge, context }: Proposing) {
  const proposed = results.propose?.result;
  if (!proposed || !isProposed(proposed)) return undefined;
  const known = await forge.read(proposed.pullRequest.number, context).catch((error: unknown) => {
    if (isTier0Error(error) && error.code === 'NOT_FOUND') return undefined;
    throw error;
  });
  if (!known) return { answered: false, reason: 'its pull request is gone' };
  const { state, number } = known;
  if (state.status === 'open') return undefined;
  const sinceMs = context.now() - Date.parse(state.at);
  if (state.status === 'closed') {
    return { answered: sinceMs < RESPECT_MS, reason: `${state.by} closed pull request #${number}; it is not proposed again for a day` };
  }
  return {
    answered: sinceMs < ROLLOUT_GRACE_MS,
    reason: `pull request #${number} was merged ${formatDuration(sinceMs)} ago; the change has an hour to become live`,
  };
}

async function endingOf(state: IncidentState, { options, ports, context }: Pick<Proposing, 'options' | 'ports' | 'context'>) {
  if (state.status) return { status: state.status, reason: state.results.close?.reason ?? '' };
  if (state.failure) return { status: 'failed', reason: `${state.failure.message} ${state.failure.hint}` };
  const { propose: proposed, gate } = state.results;
  if (proposed && isProposed(proposed.result))
    return { status: 'proposed', reason: `pull request #${proposed.result.pullRequest.number} waits for people` };
  if (options.dryRun && gate) {
    const preview = await ports.writer.preview(gate.proposal, context);
    return {
      status: 'dry-run',
      reason: preview.status === 'preview' ? `this would be proposed:\n${preview.diff}` : 'nothing would be proposed',
    };
  }
  return { status: 'failed', reason: 'the loop stopped before it proposed' };
}
