import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createExpositionEvidence, createKubernetesLogsEvidence } from '@tier0/agents';
import { createPodLogReader } from '@tier0/cmdb';
import {
  type AuditLog,
  type CallContext,
  type Cmdb,
  createFileIncidentRecord,
  type Detector,
  type EvidenceSource,
  findIncident,
  handleIncident,
  type IncidentEntry,
  type IncidentState,
  incidentIdOf,
  type LoopPorts,
  type LoopSettings,
  type Pattern,
  pause,
  resumeIncident,
  Tier0Error,
  toTier0Error,
} from '@tier0/core';
import { writeAtomically } from '@tier0/core/files';
import { readScenario, type Scenario } from '@tier0/eval';
import { accountsOf, createLocalForge, createMirror, type LocalForgeDesk, type Members, readMembers } from '@tier0/gitops';
import type { Environment } from '../environment.ts';
import { watchWorld } from '../operations/watch.ts';
import { writeIncidentPage } from '../page/page-of-incident.ts';
import { catalogFromRepository } from '../world/catalog-from-repository.ts';
import { type Clock, createFastClock } from '../world/clock.ts';
import { composeCmdb, composeLoop, readPatterns } from '../world/compose-loop.ts';
import { gateSigner } from '../world/gate-key.ts';
import { modelFromOptions } from '../world/model-from-options.ts';
import { resumeCommand } from '../world/resume-command.ts';
import { BASE_BRANCH, PROTECTION, type ScenarioWorld, startScenarioWorld } from '../world/scenario-world.ts';
import { clearState, type StateFolder, stateFolder, withStateFolder } from '../world/state-folder.ts';
import { createJsonNarrator, createTimelineNarrator, type Ending, type Narrator } from './narrator.ts';
import type { PlayOptions } from './play-options.ts';
import { createReviewer, type Reviewer } from './reviewer.ts';
import { withTrackRecord } from './track-record.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WEEK_MS = 7 * 24 * HOUR_MS;

/** Looks at the world before a quiet scenario counts as healthy. */
const QUIET_ROUNDS = 24;
const LOOK_EVERY_MS = 300;

/** Account that proposes. */
export const AUTHOR = 'tier0-bot';

/** What a test may put between the loop and its parts. */
export interface PlayHooks {
  /** Replaces parts of the loop, e.g. to make one fail. */
  readonly ports?: ((ports: LoopPorts) => LoopPorts) | undefined;
  /** Replaces settings of the loop. */
  readonly settings?: ((settings: LoopSettings) => LoopSettings) | undefined;
  /** Called when the outside world stands, before anything is watched. */
  readonly world?: ((world: ScenarioWorld) => void) | undefined;
}

/** Plays a scenario to its end, once or twice. Never throws for how the incident ends; throws for what cannot be read or started. */
export async function playScenario(options: PlayOptions, environment: Environment, hooks: PlayHooks = {}): Promise<Ending> {
  const scenario = await readScenario(options.scenario);
  const folder = stateFolder(options.out);
  return withStateFolder(folder, { purpose: options.resume ? 'resume' : 'play', signal: environment.signal }, async () => {
    if (!options.resume) {
      await clearState(folder);
      await writeAtomically(folder.run, `${JSON.stringify({ command: 'play', ...options, resume: false }, null, 2)}\n`);
    }
    environment.goesOnWith?.(resumeCommand(folder));
    return playAsOften({ scenario, folder, options, environment, hooks });
  });
}

async function playAsOften(play: Omit<Play, 'laterMs'>): Promise<Ending> {
  const { folder, options } = play;
  const first = await playOnce({ ...play, laterMs: 0 });
  if (!options.twice || first.status !== 'resolved') return first;
  await clearWorld(folder);
  return playOnce({ ...play, laterMs: WEEK_MS });
}

interface Play {
  readonly scenario: Scenario;
  readonly folder: StateFolder;
  readonly options: PlayOptions;
  readonly environment: Environment;
  readonly hooks: PlayHooks;
  /** How much later than the scenario's moment the clock starts. */
  readonly laterMs: number;
}

/** Only the world is new a week later: what was learned and the audit chain stay. */
async function clearWorld(folder: StateFolder): Promise<void> {
  const { state } = folder;
  const clones = ['desk.git', 'reconciler.git', 'repository.git.seed'].map((name) => join(state, name));
  for (const path of [folder.repository, folder.mirror, ...clones]) await rm(path, { recursive: true, force: true });
}

async function playOnce(play: Play): Promise<Ending> {
  const { scenario, options, environment } = play;
  const clock = createFastClock(await startOfClock(play), scenario.meta.clockSpeed);
  const narrator = options.json ? createJsonNarrator(environment, clock) : createTimelineNarrator(environment, clock);
  const stopping = new AbortController();
  const context: CallContext = { signal: AbortSignal.any([environment.signal, stopping.signal]), now: clock.now };
  narrator.begin(`tier0 · ${scenario.meta.title}${play.laterMs > 0 ? ', a week later' : ''}`, introduction(play));
  const world = await startScenarioWorld({ scenario, folder: play.folder, context, keepRepository: options.resume, spoil: options.badFix });
  try {
    play.hooks.world?.(world);
    const ending = await handle(play, world, { clock, context, narrator });
    narrator.done(ending);
    return ending;
  } catch (error) {
    // What was cut off in the middle fails in many ways; for the person who pressed Ctrl-C it is one.
    environment.signal.throwIfAborted();
    throw error;
  } finally {
    stopping.abort();
    await world.close();
  }
}

/** A resumed run goes on where its record ends. */
async function startOfClock(play: Play): Promise<string> {
  const start = Date.parse(play.scenario.meta.now) + play.laterMs;
  const last = play.options.resume ? await lastRecordedMs(play.folder) : 0;
  return new Date(Math.max(start, last)).toISOString();
}

async function lastRecordedMs(folder: StateFolder): Promise<number> {
  const record = createFileIncidentRecord({ directory: folder.incidents });
  const context = { signal: new AbortController().signal, now: () => 0 };
  const times = await Promise.all((await record.list(context)).map(async (incident) => (await record.read(incident, context)).at(-1)?.at));
  return Math.max(0, ...times.map((at) => (at ? Date.parse(at) : 0)));
}

function introduction({ scenario, options }: Play): readonly string[] {
  const { clockSpeed, programs } = scenario.meta;
  const second =
    clockSpeed === 1
      ? 'one second'
      : clockSpeed < 60
        ? `${clockSpeed} seconds`
        : `${clockSpeed / 60} minute${clockSpeed === 60 ? '' : 's'}`;
  const real = Object.keys(programs).length > 0 ? 'Processes, memory, Git and HTTP are real' : 'Git and HTTP are real';
  return [
    `${real}; rollouts are simulated; the clock runs ${clockSpeed} times faster, so one second here is ${second} there.`,
    ...(options.modelUrl ? [] : ['No language model was given (--model URL); rules and the graph decide alone.']),
  ];
}

interface Running {
  readonly clock: Clock;
  readonly context: CallContext;
  readonly narrator: Narrator;
}

async function handle(play: Play, world: ScenarioWorld, running: Running): Promise<Ending> {
  const { meta } = play.scenario;
  const exposition = createExpositionEvidence({ url: world.metricsUrl, everyMs: meta.sampleEveryMs, now: running.clock.now });
  exposition.start();
  try {
    if (play.options.resume) await warmUp(play, running);
    const logs = createKubernetesLogsEvidence({ readLog: createPodLogReader({ kubeconfig: world.cluster.kubeconfig }) });
    const loop = await composeForWorld(play, world, { evidence: [exposition, logs], context: running.context });
    const reviewer = createReviewer({
      desk: loop.desk,
      account: meta.approver,
      membersOf: (group) => accountsOf(group, loop.members),
      environment: play.options.interactive ? play.environment : undefined,
      narrator: running.narrator,
      context: running.context,
    });
    const outcome = await watchAndHandle({ play, running, ports: loop.ports, detectors: loop.detectors, reviewer });
    await reviewer.settled();
    return await endingOf(outcome, loop, { play, running });
  } finally {
    await exposition.close();
  }
}

/** Samples that a trend is made of, and a few more: what was measured before the interruption went with the process that measured it. */
const WARM_UP_SAMPLES = 16;

/** An incident that was opened and not diagnosed needs something to be diagnosed by. */
async function warmUp({ folder, scenario }: Play, { context }: Running): Promise<void> {
  const record = createFileIncidentRecord({ directory: folder.incidents });
  const open = await findIncident(record, { open: true }, context);
  if (open !== undefined && open.results.diagnose === undefined) await pause(scenario.meta.sampleEveryMs * WARM_UP_SAMPLES, context.signal);
}

interface WorldLoop {
  readonly ports: LoopPorts;
  readonly detectors: readonly Detector[];
  readonly audit: AuditLog;
  readonly cmdb: Cmdb;
  readonly evidence: readonly EvidenceSource[];
  readonly desk: LocalForgeDesk;
  readonly members: Members;
}

/** The parts of the loop against a played world, and the desk where its people review. */
async function composeForWorld(
  play: Play,
  world: ScenarioWorld,
  { evidence, context }: { readonly evidence: readonly EvidenceSource[]; readonly context: CallContext },
): Promise<WorldLoop> {
  const { scenario, folder, options, environment } = play;
  const mirror = createMirror({ url: folder.repository, directory: folder.mirror });
  const catalog = await catalogFromRepository(mirror, BASE_BRANCH, folder.state, context);
  const cmdb = composeCmdb({ kubeconfig: world.cluster.kubeconfig, cluster: scenario.meta.cluster, catalog });
  await cmdb.refresh(context);
  const base = await mirror.resolve(BASE_BRANCH, context);
  const { members } = base ? await readMembers(mirror, base, context) : { members: {} };
  const signer = await gateSigner(folder);
  const desk = world.desk(members, signer);
  const loop = await composeLoop({
    cmdb,
    evidence,
    mirror,
    baseBranch: BASE_BRANCH,
    path: scenario.meta.syncPath,
    forge: createLocalForge({ mirror, members, protection: PROTECTION, signer }),
    submitStandingApproval: (number, approval, at) => desk.submitStandingApproval(number, approval, at),
    members,
    reconciler: world.reconciler,
    folder,
    patterns: await patternsOf(scenario, options),
    model: modelFromOptions({ url: options.modelUrl, name: options.modelName, apiKey: environment.variables.TIER0_MODEL_API_KEY }),
  });
  return { ...loop, ports: decorate(loop.ports, play), cmdb, evidence, desk, members };
}

interface Told {
  readonly play: Play;
  readonly running: Running;
}

/** Writes the page and says how it ended. */
async function endingOf({ state, reason, detectSeconds }: Outcome, loop: WorldLoop, { play, running }: Told): Promise<Ending> {
  if (!state) return { status: 'healthy', reason, entries: [], files: [] };
  const { folder, scenario } = play;
  const entries = await loop.ports.record.read(state.incident, running.context);
  const page = {
    file: folder.page,
    title: scenario.meta.title,
    note: introduction(play)[0] ?? '',
    state,
    entries,
    clockSpeed: running.clock.speed,
    detectSeconds,
    evidence: loop.evidence,
    audit: loop.audit,
    reader: loop.cmdb.reader(),
  };
  const hasPage = await tryToWrite(page, running);
  return {
    status: state.status ?? 'failed',
    reason: state.results.close?.reason ?? state.failure?.message ?? 'the incident is still open',
    state,
    entries,
    detectSeconds,
    files: [...(hasPage ? [folder.page] : []), folder.audit, join(folder.incidents, `${state.incident}.jsonl`)],
  };
}

/** The page is for reading; that it could not be written must not hide how the incident ended. */
async function tryToWrite(page: Parameters<typeof writeIncidentPage>[0], { context, narrator }: Running): Promise<boolean> {
  try {
    await writeIncidentPage(page, context);
    return true;
  } catch (error) {
    narrator.aside('page', `could not be written: ${toTier0Error(error).message}`);
    return false;
  }
}

function decorate(ports: LoopPorts, play: Play): LoopPorts {
  return play.hooks.ports ? play.hooks.ports(ports) : ports;
}

async function patternsOf(scenario: Scenario, options: PlayOptions): Promise<readonly Pattern[]> {
  const file = join(scenario.directory, 'patterns.json');
  const patterns = existsSync(file) ? await readPatterns(file) : [];
  return options.trackRecord
    ? withTrackRecord(patterns, await readFile(options.trackRecord, 'utf8').catch(noTrackRecord(options.trackRecord)), options.trackRecord)
    : patterns;
}

function noTrackRecord(file: string) {
  return (cause: unknown): never => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no track record ${file}.`,
      hint: 'The first folder under examples/ holds one.',
      cause,
    });
  };
}

interface Handling {
  readonly play: Play;
  readonly running: Running;
  readonly ports: LoopPorts;
  readonly detectors: readonly Detector[];
  readonly reviewer: Reviewer;
}

interface Outcome {
  readonly state?: IncidentState | undefined;
  readonly reason: string;
  readonly detectSeconds?: number | undefined;
}

async function watchAndHandle(handling: Handling): Promise<Outcome> {
  const { play, running, ports, detectors } = handling;
  const { context, narrator } = running;
  const loop = {
    ports,
    settings: settingsOf(play),
    onEntry: (entry: IncidentEntry) => {
      narrator.entry(entry);
      handling.reviewer.onEntry(entry);
    },
    onProgress: (_step: string, message: string) => narrator.progress(message),
  };
  if (play.options.resume) {
    const open = (await findIncident(ports.record, { open: true }, context))?.incident;
    if (open) for (const entry of await ports.record.read(open, context)) handling.reviewer.onEntry(entry);
    if (open) return { state: await resumeIncident({ ...loop, incident: open }, context), reason: '' };
  }
  const startedAt = performance.now();
  for await (const round of watchWorld(ports, { detectors, everyMs: LOOK_EVERY_MS, rounds: QUIET_ROUNDS }, context)) {
    narrator.watching(round);
    const [alerts] = round.groups;
    const [first] = alerts ?? [];
    if (!alerts || !first) continue;
    const detectSeconds = (performance.now() - startedAt) / 1000;
    return { state: await handleIncident({ ...loop, incident: incidentIdOf(first), alerts }, context), reason: '', detectSeconds };
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  return { reason: `${QUIET_ROUNDS} looks in ${seconds} s raised no alert` };
}

function settingsOf({ folder, scenario, options, hooks }: Play): LoopSettings {
  const settings: LoopSettings = {
    author: AUTHOR,
    repository: folder.repository,
    baseBranch: BASE_BRANCH,
    // The scripted role answers at once; a person may go for a coffee.
    approvalTimeoutMs: options.interactive ? WEEK_MS * 2 : 3 * HOUR_MS,
    // At least 40 real seconds, whatever the speed: a slow machine is no failed rollout.
    reconcileTimeoutMs: Math.max(30 * MINUTE_MS, 40_000 * scenario.meta.clockSpeed),
    holdMs: 2 * MINUTE_MS,
  };
  return hooks.settings ? hooks.settings(settings) : settings;
}
