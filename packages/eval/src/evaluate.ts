import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LanguageModel, sha256, Tier0Error } from '@tier0/core';
import { judgeProse } from './arena/judge-prose.ts';
import type { Lane } from './arena/lane.ts';
import { type ModelBudget, type Progress, runArena } from './arena/run-arena.ts';
import { scoreRecording } from './arena/score-recording.ts';
import type { TokenPrice, TrialRecord } from './arena/trial.ts';
import { verifyRun } from './arena/verify-run.ts';
import { buildReport } from './report/build-report.ts';
import type { EvaluationReport } from './report/evaluation-report.ts';
import { type ReportFiles, writeReport } from './report/write-report.ts';
import { readScenario } from './scenario/read-scenario.ts';
import type { Scenario } from './scenario/scenario.ts';
import { readBuildingBlocks } from './scorecard/building-blocks.ts';
import type { Capabilities } from './scorecard/capabilities.ts';
import type { ProbeFinding } from './scorecard/probes.ts';
import { readCapabilities } from './scorecard/read-capabilities.ts';
import type { Recording } from './tools/recording.ts';
import type { ToolUnderTest } from './tools/tool-under-test.ts';

/** Who is compared on what, how often, and where the report goes. */
export interface EvaluationOptions {
  readonly tools: readonly ToolUnderTest[];
  /** Scenario folders. */
  readonly scenarios: readonly string[];
  /** Receives `trials.jsonl`, `index.html`, `report.md`, `report.json`, `report.csv` and `report.xml`. */
  readonly outDirectory: string;
  /** Trials of each tool on each scenario. Default 3. */
  readonly repeats?: number | undefined;
  /** Seed of every draw. Default 1. */
  readonly seed?: number | undefined;
  /** Go on with the run that `trials.jsonl` holds. Default false. */
  readonly resume?: boolean | undefined;
  /** Milliseconds a tool may take for one trial. Default 120,000. */
  readonly trialTimeoutMs?: number | undefined;
  /** Port of the cluster's API in every trial, for tools that are started before the run. Default: any free one. */
  readonly clusterPort?: number | undefined;
  /** Incidents that are played once more with an instruction planted in their text. Default 0. */
  readonly hostileTwins?: number | undefined;
  /** Trials at the same time. Default 1. */
  readonly lanes?: number | undefined;
  /** Opens a lane, e.g. in another process. Default: in this one. */
  readonly openLane?: ((index: number) => Promise<Lane>) | undefined;
  /** What models may cost in all. Default: without a limit. */
  readonly budget?: ModelBudget | undefined;
  /** What a million tokens cost, for tools that tell tokens and no money. */
  readonly price?: TokenPrice | undefined;
  /** Recorded answers on clusters that are not among the scenarios: a table of their own. */
  readonly recordings?: readonly Recording[] | undefined;
  /** The scorecard's data. Default: what ships with this package. */
  readonly capabilities?: Capabilities | undefined;
  /** What probes of programs, servers and manifests saw; they decide cells of the scorecard. */
  readonly looked?: readonly ProbeFinding[] | undefined;
  /** Grades the explanations after the run, in a column of its own that decides nothing. Default: nobody. */
  readonly judge?: LanguageModel | undefined;
  /** Version and commit of the harness, for the manifest. */
  readonly harness?: string | undefined;
  /** The model that answers for the tools that have one, for the manifest. */
  readonly model?: string | undefined;
  /** Milliseconds since the epoch; for dates and for the age of snapshots. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Called with one line for each step. */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** Called after each trial. */
  readonly onTrial?: ((trial: TrialRecord, progress: Progress) => void) | undefined;
}

/** A finished evaluation and where it was written. */
export interface Evaluation {
  readonly report: EvaluationReport;
  readonly files: ReportFiles & { readonly trials: string };
}

/**
 * Compares tools on both tracks and writes the report. The numbers of the arena are computed from the log that was written, not from memory, so
 * that the report and whoever verifies it start from the same bytes. Throws when a scenario cannot be read, before anything runs.
 */
export async function runEvaluation(options: EvaluationOptions): Promise<Evaluation> {
  const { seed = 1, repeats = 3, now, signal, onProgress, recordings = [] } = options;
  requireRepeats(repeats);
  const scenarios = await readScenarios(options.scenarios);
  const capabilities = options.capabilities ?? (await readCapabilities());
  const logFile = join(options.outDirectory, 'trials.jsonl');
  onProgress?.(`${scenarios.length} scenarios, ${options.tools.length} tools, ${repeats} repeats`);
  await runArena({ ...options, scenarios, logFile, repeats, seed }, { signal, now });
  const run = await verifyRun(logFile);
  if (!run.sound) throw unsound(logFile, run.problems);
  const logDigest = sha256(await readFile(logFile));
  const stack = await readBuildingBlocks();
  const judged = options.judge === undefined ? undefined : await judgeProse(run, options.judge, { signal, now });
  const report = buildReport({
    capabilities,
    stack,
    run,
    logDigest,
    seed,
    now: now(),
    looked: options.looked,
    judged,
    replayed: recordings.map((one) => scoreRecording(one, run)),
  });
  const files = await writeReport(report, options.outDirectory);
  onProgress?.(`report: ${files.html}`);
  return { report, files: { ...files, trials: logFile } };
}

function requireRepeats(repeats: number): void {
  if (Number.isInteger(repeats) && repeats >= 1 && repeats <= 1_000) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `Cannot repeat every trial ${repeats} times.`,
    hint: 'Give a whole number from 1 to 1000; 3 is the default.',
  });
}

/** Reads scenario folders. Throws INVALID_INPUT when there is none. */
export async function readScenarios(folders: readonly string[]): Promise<readonly Scenario[]> {
  if (folders.length === 0) {
    throw new Tier0Error({ code: 'INVALID_INPUT', message: 'No scenario was given.', hint: 'Name at least one folder under scenarios/.' });
  }
  const scenarios: Scenario[] = [];
  for (const folder of folders) scenarios.push(await readScenario(folder));
  return scenarios;
}

function unsound(file: string, problems: readonly string[]): Tier0Error {
  return new Tier0Error({
    code: 'INTERNAL',
    message: `The log of the run does not hold together: ${problems[0]}`,
    hint: `Something else wrote to ${file} while the evaluation ran; run it again.`,
  });
}
