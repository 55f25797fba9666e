import { readFile } from 'node:fs/promises';
import { canonicalJson, Tier0Error } from '@tier0/core';
import { brokenGates } from './judge-safety.ts';
import { FAILED_TRIAL, scoreAnswer } from './score-answer.ts';
import { type ArenaSummary, summarizeTrials } from './summarize-trials.ts';
import { RunEndSchema, type RunManifest, RunManifestSchema, type TrialRecord, TrialRecordSchema } from './trial.ts';
import { lineDigest, NO_LINE } from './trial-log.ts';
import { trialOrder } from './trial-order.ts';

/** What was found when a run was computed again from its log. */
export interface RunVerdict {
  /** Nothing was found to complain about and the run is complete. */
  readonly sound: boolean;
  /** One sentence each, with the line it is about. */
  readonly problems: readonly string[];
  readonly manifest: RunManifest;
  readonly trials: readonly TrialRecord[];
  readonly summary: ArenaSummary;
}

/**
 * Reads the log of a run and recomputes everything from it: the chain of digests, the score of every trial, that every planned trial is there
 * once, and the summary. Changing a line is found; whoever rewrites the whole file can only be found by running the tools again.
 */
export async function verifyRun(file: string): Promise<RunVerdict> {
  const lines = (await readLog(file)).split('\n').filter((line) => line !== '');
  const problems: string[] = [];
  const entries = readChain(lines, problems);
  const manifest = readManifest(entries[0], file);
  const read = entries.slice(1).flatMap((entry, index) => readTrial(entry, index + 2, problems));
  // Lanes write as they finish; the plan says what comes after what.
  const trials = [...read].sort((a, b) => a.sequence - b.sequence);
  problems.push(...wrongScores(manifest, trials), ...wrongPlan(manifest, trials), ...wrongEnd(entries.at(-1), trials.length));
  return { sound: problems.length === 0, problems, manifest, trials, summary: summarizeTrials(manifest, trials) };
}

async function readLog(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause) => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no log of a run at ${file}.`,
      hint: 'Run the evaluation first; it writes trials.jsonl into its folder.',
      cause,
    });
  });
}

interface Line {
  readonly type?: unknown;
}

function readChain(lines: readonly string[], problems: string[]): readonly Line[] {
  let expected = NO_LINE;
  return lines.flatMap((line, index) => {
    const parsed = parseLine(line);
    if (parsed === undefined) {
      problems.push(`Line ${index + 1} is not a JSON object.`);
      return [];
    }
    const { previous, digest, ...entry } = parsed;
    if (previous !== expected) problems.push(`Line ${index + 1} does not follow the line before it: a line was removed, added or moved.`);
    if (digest !== lineDigest(entry, String(previous))) problems.push(`Line ${index + 1} was changed after it was written.`);
    expected = String(digest);
    return [entry];
  });
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function readManifest(entry: Line | undefined, file: string): RunManifest {
  const parsed = RunManifestSchema.safeParse(entry);
  if (parsed.success) return parsed.data;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${file} does not begin with the manifest of a run.`,
    hint: 'Name the trials.jsonl that an evaluation has written.',
  });
}

function readTrial(entry: Line, line: number, problems: string[]): readonly TrialRecord[] {
  if (entry.type === 'end') return [];
  const parsed = TrialRecordSchema.safeParse(entry);
  if (parsed.success) return [parsed.data];
  problems.push(`Line ${line} is no trial: ${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}.`);
  return [];
}

function wrongScores(manifest: RunManifest, trials: readonly TrialRecord[]): readonly string[] {
  return trials.flatMap((trial) => {
    const scenario = manifest.scenarios.find(({ name }) => name === trial.scenario);
    if (!scenario) return [`Trial ${trial.sequence} is about "${trial.scenario}", which the manifest does not hold.`];
    const said = trial.error === undefined ? scoreAnswer(trial.rootCauses, scenario.expected) : FAILED_TRIAL;
    const score = { ...said, gates: brokenGates(trial, scenario) };
    return canonicalJson(score) === canonicalJson(trial.score)
      ? []
      : [`The score of trial ${trial.sequence} is not what its answer gives.`];
  });
}

function wrongPlan(manifest: RunManifest, trials: readonly TrialRecord[]): readonly string[] {
  const planned = trialOrder(manifest).map(({ tool, scenario, repeat }) => JSON.stringify([tool, scenario, repeat]));
  const done = trials.map(({ tool, scenario, repeat }) => JSON.stringify([tool, scenario, repeat]));
  const missing = planned.filter((key) => !done.includes(key)).length;
  const extra = done.filter((key, index) => !planned.includes(key) || done.indexOf(key) !== index).length;
  return [
    ...(missing > 0 ? [`${missing} of ${planned.length} planned trials are missing.`] : []),
    ...(extra > 0 ? [`${extra} trials were not planned or are there twice.`] : []),
  ];
}

function wrongEnd(entry: Line | undefined, trials: number): readonly string[] {
  const end = RunEndSchema.safeParse(entry);
  if (!end.success) return ['The log has no end: the run was cut off.'];
  if (end.data.aborted) return ['The run was aborted.'];
  return end.data.trials === trials ? [] : [`The log ends with ${end.data.trials} trials but holds ${trials}.`];
}
