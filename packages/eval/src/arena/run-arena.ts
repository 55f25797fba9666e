import { cpus, platform, totalmem } from 'node:os';
import { type CallContext, canonicalJson, Tier0Error, toTimestamp } from '@tier0/core';
import type { Scenario } from '../scenario/scenario.ts';
import type { ToolUnderTest } from '../tools/tool-under-test.ts';
import { CANARY, twinsOf } from './hostile-twin.ts';
import { createLane, type Lane, type PlannedTrial } from './lane.ts';
import { scenarioDigest } from './recording-digest.ts';
import type { ManifestScenario, ManifestTool, RunManifest, ScenarioPurpose, TokenPrice, TrialRecord } from './trial.ts';
import { TrialRecordSchema } from './trial.ts';
import { createTrialLog, reopenTrialLog, type TrialLog } from './trial-log.ts';
import { trialOrder } from './trial-order.ts';
import { whatHappened } from './what-happened.ts';

export interface ArenaOptions {
  readonly tools: readonly ToolUnderTest[];
  readonly scenarios: readonly Scenario[];
  /** File that receives one line for each trial. It is emptied first, unless the run is gone on with. */
  readonly logFile: string;
  readonly repeats: number;
  readonly seed: number;
  /** Go on with the run that the log holds, if it is the same run. Default false. */
  readonly resume?: boolean | undefined;
  /** Incidents that are played once more with an instruction planted in their text. Default 0. */
  readonly hostileTwins?: number | undefined;
  /** Milliseconds a tool may take for one trial. Default 120,000. */
  readonly trialTimeoutMs?: number | undefined;
  /** Port of the cluster's API in every trial, for tools that are started before the run. Default 0: any free one. */
  readonly clusterPort?: number | undefined;
  /** Trials at the same time. Default 1. */
  readonly lanes?: number | undefined;
  /** Opens a lane, e.g. in another process. Default: in this one. */
  readonly openLane?: ((index: number) => Promise<Lane>) | undefined;
  /** What models may cost in all. The run stops before the trial that would begin beyond it, and can be gone on with. Default: without a limit. */
  readonly budget?: ModelBudget | undefined;
  /** What a million tokens cost, for tools that tell tokens and no money. Lanes that are opened elsewhere are told there. */
  readonly price?: TokenPrice | undefined;
  /** Version and commit of the harness, for the manifest. */
  readonly harness?: string | undefined;
  /** The model that answers for the tools that have one, for the manifest. */
  readonly model?: string | undefined;
  readonly onTrial?: ((trial: TrialRecord, progress: Progress) => void) | undefined;
}

/** What the models of a run may cost in all. */
export interface ModelBudget {
  /** Tokens read and written. */
  readonly maxTokens?: number | undefined;
  /** US dollars, as far as the trials tell. */
  readonly maxUsd?: number | undefined;
}

/** How far a run is. */
export interface Progress {
  readonly done: number;
  readonly planned: number;
}

/** A finished run: its manifest and its trials in the order of the plan, which are also in the log. */
export interface ArenaRun {
  readonly manifest: RunManifest;
  readonly trials: readonly TrialRecord[];
}

interface Contestant {
  readonly tool: ToolUnderTest;
  readonly entry: ManifestTool;
}

/** Runs every available tool on every scenario. When the signal aborts, the log is closed with that fact and the reason is thrown. */
export async function runArena(options: ArenaOptions, context: CallContext): Promise<ArenaRun> {
  const scenarios = arenaScenarios(options.scenarios, options.hostileTwins ?? 0);
  const contestants = await Promise.all(options.tools.map(enter));
  requireDistinctIds(contestants);
  const manifest = manifestOf({ ...options, scenarios }, contestants, context);
  const { log, done } = openLog(options, manifest);
  const trials: TrialRecord[] = [...done];
  try {
    await runTrials({ ...options, scenarios }, { contestants, manifest, done, signal: context.signal }, (trial) => {
      log.append(trial);
      trials.push(trial);
    });
  } finally {
    for (const { tool } of contestants) await tool.close?.();
    log.append({ type: 'end', trials: trials.length, aborted: context.signal.aborted });
  }
  return { manifest, trials: trials.sort((a, b) => a.sequence - b.sequence) };
}

/** The scenarios of a run: those that were given and the hostile twins of some. */
export function arenaScenarios(scenarios: readonly Scenario[], hostileTwins: number): readonly Scenario[] {
  return [...scenarios, ...twinsOf(scenarios, hostileTwins)];
}

async function enter(tool: ToolUnderTest): Promise<Contestant> {
  return { tool, entry: await manifestEntry(tool) };
}

/** What a tool is and whether it runs, as the manifest says it. */
export async function manifestEntry(tool: ToolUnderTest): Promise<ManifestTool> {
  const availability = await tool.availability();
  const { asked = 'root-cause', ...description } = await tool.describe();
  const entry = Object.fromEntries(
    Object.entries({ ...description, asked }).filter(([, value]) => value !== undefined),
  ) as unknown as ManifestTool;
  if (availability.status === 'available') return entry;
  return { ...entry, notRun: { reason: availability.reason, howToAdd: availability.howToAdd } };
}

function requireDistinctIds(contestants: readonly Contestant[]): void {
  const ids = contestants.map(({ entry }) => entry.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice === undefined) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `Two tools have the id "${twice}".`,
    hint: 'Give each an id of its own, e.g. with what is different about it.',
  });
}

/** A new log, or the one that a killed run of the same plan left behind. */
function openLog(options: ArenaOptions, manifest: RunManifest): { readonly log: TrialLog; readonly done: readonly TrialRecord[] } {
  const opened = options.resume === true ? reopenTrialLog(options.logFile) : undefined;
  if (opened === undefined) {
    const log = createTrialLog(options.logFile);
    log.append(manifest);
    return { log, done: [] };
  }
  const [first, ...rest] = opened.entries;
  if (planKey(first as unknown as RunManifest) !== planKey(manifest)) throw anotherRun(options.logFile);
  return { log: opened.log, done: rest.flatMap((entry) => TrialRecordSchema.safeParse(entry).data ?? []) };
}

/** What must be the same for two halves to be one run; when and where they ran may differ. */
function planKey({ seed, repeats, tools, scenarios, model }: RunManifest): string {
  return canonicalJson({
    seed,
    repeats,
    model,
    tools: tools ?? [],
    scenarios: (scenarios ?? []).map(({ name, digest }) => [name, digest]),
  });
}

function anotherRun(file: string): Tier0Error {
  return new Tier0Error({
    code: 'CONFLICT',
    message: `The run in ${file} is another one: its tools, scenarios, repeats or seed differ.`,
    hint: 'Resume with the options it was started with, or start a new run in another folder.',
  });
}

interface Course {
  readonly contestants: readonly Contestant[];
  readonly manifest: RunManifest;
  readonly done: readonly TrialRecord[];
  readonly signal: AbortSignal;
}

/** Lanes take the next planned trial as soon as they are free. */
async function runTrials(
  options: ArenaOptions,
  { contestants, manifest, done, signal }: Course,
  onTrial: (trial: TrialRecord) => void,
): Promise<void> {
  const { trialTimeoutMs = 120_000, clusterPort = 0, scenarios, price } = options;
  const known = new Set(done.map(keyOf));
  const planned = trialOrder(manifest);
  const open = planned.filter((trial) => !known.has(keyOf(trial)));
  let finished = planned.length - open.length;
  const spent = [...done];
  const openLane =
    options.openLane ??
    (async () => ({ ...createLane({ tools: contestants, scenarios, trialTimeoutMs, clusterPort, price, signal }), close: async () => {} }));
  const drive = async (index: number) => {
    const lane = await openLane(index);
    try {
      for (let trial = open.shift(); trial !== undefined; trial = open.shift()) {
        signal.throwIfAborted();
        requireBudget(options.budget, spent);
        const record = await lane.run(trial);
        finished += 1;
        spent.push(record);
        onTrial(record);
        options.onTrial?.(record, { done: finished, planned: planned.length });
      }
    } finally {
      await lane.close();
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.max(1, options.lanes ?? 1) }, (_, index) => drive(index)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

function requireBudget({ maxTokens = Infinity, maxUsd = Infinity }: ModelBudget = {}, trials: readonly TrialRecord[]): void {
  const costs = trials.flatMap(({ modelCost }) => modelCost ?? []);
  const tokens = costs.reduce((sum, { inputTokens = 0, outputTokens = 0 }) => sum + inputTokens + outputTokens, 0);
  const usd = costs.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0);
  if (tokens < maxTokens && usd < maxUsd) return;
  const used = usd >= maxUsd ? `${usd.toFixed(2)} of ${maxUsd} US dollars` : `${tokens} of ${maxTokens} tokens`;
  throw new Tier0Error({
    code: 'BUDGET_EXCEEDED',
    message: `The run was stopped after ${trials.length} trials: its models have used ${used}.`,
    hint: 'Its log is kept. Raise the limit and resume, or name fewer scenarios or tools.',
  });
}

function keyOf({ tool, scenario, repeat }: PlannedTrial | TrialRecord): string {
  return JSON.stringify([tool, scenario, repeat]);
}

function manifestOf(options: ArenaOptions, contestants: readonly Contestant[], context: CallContext): RunManifest {
  const processors = cpus();
  return {
    type: 'run',
    schema: 'tier0.trials/v3',
    startedAt: toTimestamp(context.now()),
    seed: options.seed,
    repeats: options.repeats,
    harness: options.harness ?? 'unknown',
    model: options.model ?? 'none',
    machine: {
      cpu: processors[0]?.model.trim() ?? 'unknown',
      cores: processors.length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      node: process.version,
      platform: `${platform()} ${process.arch}`,
    },
    tools: contestants.map(({ entry }) => entry),
    scenarios: options.scenarios.map(manifestScenario),
  };
}

function manifestScenario(scenario: Scenario): ManifestScenario {
  const { name, expected } = scenario;
  const purpose: ScenarioPurpose = name.endsWith('--planted-instruction') ? 'safety' : expected.healthy ? 'control' : 'incident';
  return {
    name,
    title: whatHappened(scenario, purpose),
    purpose,
    suite: scenario.meta.origin ?? 'written',
    digest: scenarioDigest(scenario),
    expected: {
      healthy: expected.healthy,
      rootCauses: expected.rootCauses,
      ...(expected.forbidden === undefined ? {} : { forbidden: expected.forbidden }),
    },
    hasFix: (expected.fixes ?? []).length > 0,
    ...(purpose === 'safety' ? { canary: CANARY } : {}),
  };
}
