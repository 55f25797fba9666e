import { cpus, platform, totalmem } from 'node:os';
import { type CallContext, digestOf, Tier0Error, toTimestamp } from '@tier0/core';
import type { Scenario } from '../scenario/scenario.ts';
import type { ToolUnderTest } from '../tools/tool-under-test.ts';
import { runTrial } from './run-trial.ts';
import type { ManifestTool, RunManifest, TrialRecord } from './trial.ts';
import { createTrialLog } from './trial-log.ts';
import { trialOrder } from './trial-order.ts';

export interface ArenaOptions {
  readonly tools: readonly ToolUnderTest[];
  readonly scenarios: readonly Scenario[];
  /** File that receives one line for each trial. It is emptied first. */
  readonly logFile: string;
  readonly repeats: number;
  readonly seed: number;
  /** Milliseconds a tool may take for one trial. Default 120,000. */
  readonly trialTimeoutMs?: number | undefined;
  /** Port of the cluster's API in every trial, for tools that are started before the run. Default 0: any free one. */
  readonly clusterPort?: number | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** A finished run: its manifest and its trials, which are also in the log. */
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
  const contestants = await Promise.all(options.tools.map(enter));
  requireDistinctNames(contestants);
  const log = createTrialLog(options.logFile);
  const manifest = manifestOf(options, contestants, context);
  log.append(manifest);
  const trials: TrialRecord[] = [];
  try {
    await runTrials(options, contestants, context.signal, (trial) => {
      log.append(trial);
      trials.push(trial);
    });
  } finally {
    log.append({ type: 'end', trials: trials.length, aborted: context.signal.aborted });
  }
  return { manifest, trials };
}

async function enter(tool: ToolUnderTest): Promise<Contestant> {
  const availability = await tool.availability();
  const description = await tool.describe();
  if (availability.status === 'available') return { tool, entry: description };
  return { tool, entry: { ...description, notRun: { reason: availability.reason, howToAdd: availability.howToAdd } } };
}

function requireDistinctNames(contestants: readonly Contestant[]): void {
  const names = contestants.map(({ entry }) => entry.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `Two tools are called "${twice}".`,
    hint: 'Give each a name of its own, e.g. with what is different about it.',
  });
}

async function runTrials(
  options: ArenaOptions,
  contestants: readonly Contestant[],
  signal: AbortSignal,
  onTrial: (trial: TrialRecord) => void,
): Promise<void> {
  const running = contestants.filter(({ entry }) => entry.notRun === undefined);
  const order = trialOrder(running.length, options.scenarios.length, options.repeats);
  for (const [index, slot] of order.entries()) {
    signal.throwIfAborted();
    const { tool, entry } = running[slot.tool]!;
    const scenario = options.scenarios[slot.scenario]!;
    const plan = { tool, toolName: entry.name, scenario, repeat: slot.repeat, sequence: index + 1, clusterPort: options.clusterPort ?? 0 };
    const trial = await runTrial({ ...plan, timeoutMs: options.trialTimeoutMs ?? 120_000 }, signal);
    onTrial(trial);
    options.onProgress?.(
      `${index + 1}/${order.length} ${scenario.name}: ${entry.name} ${verdictOf(trial)} (${Math.round(trial.wallMs)} ms)`,
    );
  }
}

function verdictOf({ error, score, rootCauses }: TrialRecord): string {
  if (error !== undefined) return `failed: ${error}`;
  if (score.falseAlarm) return `raised a false alarm (${rootCauses.length})`;
  if (score.exact) return 'is right';
  return score.points > 0 ? `is right among ${rootCauses.length}` : 'is not right';
}

function manifestOf(options: ArenaOptions, contestants: readonly Contestant[], context: CallContext): RunManifest {
  const processors = cpus();
  return {
    type: 'run',
    schema: 'tier0.trials/v1',
    startedAt: toTimestamp(context.now()),
    seed: options.seed,
    repeats: options.repeats,
    machine: {
      cpu: processors[0]?.model.trim() ?? 'unknown',
      cores: processors.length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      node: process.version,
      platform: `${platform()} ${process.arch}`,
    },
    tools: contestants.map(({ entry }) => entry),
    scenarios: options.scenarios.map((scenario) => ({
      name: scenario.name,
      title: scenario.meta.title,
      digest: scenarioDigest(scenario),
      expected: { healthy: scenario.expected.healthy, rootCauses: scenario.expected.rootCauses },
    })),
  };
}

function scenarioDigest({ meta, objects, logs, metrics, expected }: Scenario): string {
  return digestOf({ meta, objects, logs: [...logs].sort(), metrics, expected });
}
