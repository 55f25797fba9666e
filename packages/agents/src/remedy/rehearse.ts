import {
  type CallContext,
  type CmdbReader,
  type EvidenceSource,
  formatDuration,
  formatFieldPath,
  type ItemEdit,
  parseQuantity,
  type Rehearsal,
  type RehearsalResult,
  type Remedy,
  toTier0Error,
} from '@tier0/core';
import type { Matter } from '../findings/matter.ts';
import { type RuleRun, runRules } from '../findings/run-rules.ts';
import { describeBytes } from '../kubernetes/objects/quantity.ts';
import { textAt } from '../kubernetes/objects/read-object.ts';
import { memoryLimits, podsOf } from '../kubernetes/objects/workload.ts';
import { observeMemory } from '../signals/memory/observe-memory.ts';
import { RESTART_ANNOTATION } from '../signals/memory/raise-memory-limit.ts';
import { steepest } from '../signals/memory/steepest.ts';
import type { Check } from './check.ts';
import { checkNewPods } from './new-pods.ts';

/** What a remedy is judged by before anybody sees it. */
export interface RehearsalOptions {
  readonly matters: readonly Matter[];
  readonly evidence: readonly EvidenceSource[];
  /** How far back metrics are read, milliseconds. Default 6 h. */
  readonly windowMs?: number | undefined;
  /** Samples needed for a trend. Default 12. */
  readonly minimumSamples?: number | undefined;
}

/** Tries a remedy on a copy of the snapshot. What cannot be decided does not pass. */
export function createRehearsal(options: RehearsalOptions): Rehearsal {
  return {
    async rehearse({ remedy, reader }, context) {
      let rehearsed: CmdbReader;
      try {
        rehearsed = reader.rehearse(remedy.edits);
      } catch (error) {
        return { passed: false, notes: [`the edits cannot be applied: ${toTier0Error(error).message}`] };
      }
      const checks = [
        ...checkFindings(options.matters, { remedy, reader, rehearsed }),
        ...(remedy.success.kind === 'memory-relief' ? await checkMemory(options, { remedy, reader, rehearsed }, context) : []),
      ];
      return { passed: checks.every((check) => check.ok), notes: checks.map((check) => check.note) };
    },
  };
}

interface Trial {
  readonly remedy: Remedy;
  readonly reader: CmdbReader;
  readonly rehearsed: CmdbReader;
}

function checkFindings(matters: readonly Matter[], { remedy, reader, rehearsed }: Trial): readonly Check[] {
  const { checks, remaining } = compareFindings(matters, reader, rehearsed);
  return [...causeGone(remedy, remaining), ...checks];
}

/** What the rules find in the copy that they did not find before; new faults, and what can no longer be known, stop a change. */
function compareFindings(matters: readonly Matter[], reader: CmdbReader, rehearsed: CmdbReader) {
  return compareRuns(runRules(matters, reader), runRules(matters, rehearsed));
}

function compareRuns(before: RuleRun, after: RuleRun) {
  const known = new Set(before.findings.map((finding) => finding.fingerprint));
  const fresh = after.findings.filter((finding) => finding.severity === 'fault' && !known.has(finding.fingerprint));
  const undecided = after.unknowns.filter((unknown) => !before.unknowns.includes(unknown));
  const checks: readonly Check[] = [
    ...fresh.map((finding) => ({ ok: false, note: `new fault ${finding.code}: ${finding.message}` })),
    ...undecided.map((unknown) => ({ ok: false, note: `cannot be known beforehand: ${unknown}` })),
    ...(fresh.length === 0 ? [{ ok: true, note: 'no new fault appears' }] : []),
  ];
  return { checks, remaining: after.findings.map((finding) => finding.fingerprint) };
}

/** Tries edits that shall take a finding away on a copy of the snapshot: it must be gone, and no new fault may appear. */
export function rehearseFix(reader: CmdbReader, trial: FixTrial): RehearsalResult {
  const { matters, before, edits } = trial;
  try {
    const rehearsed = reader.rehearse(edits);
    const { checks, remaining } = compareRuns(before, runRules(matters, rehearsed));
    const all = [...goneChecks(trial, remaining), ...checks, ...checkNewPods(rehearsed)];
    return { passed: all.every((check) => check.ok), notes: all.map((check) => check.note) };
  } catch (error) {
    return { passed: false, notes: [`the edits cannot be applied: ${toTier0Error(error).message}`] };
  }
}

/** A finding from a log is not found again without the log, so that it is gone says nothing: then the advice must say what it rests on. */
function goneChecks({ before, fingerprint, assumption }: FixTrial, remaining: readonly string[]): readonly Check[] {
  const granted = assumption === undefined ? [] : [{ ok: true, note: `taken for granted: ${assumption}` }];
  if (before.findings.some((finding) => finding.fingerprint === fingerprint)) {
    const ok = !remaining.includes(fingerprint);
    return [{ ok, note: ok ? 'the cause is gone' : 'the cause is still there' }, ...granted];
  }
  if (assumption === undefined) return [{ ok: false, note: 'a log told of the cause, and what it will say then cannot be known' }];
  return [{ ok: true, note: 'a log told of the cause; what it rests on is changed' }, ...granted];
}

/** What a fix is tried with. */
export interface FixTrial {
  readonly matters: readonly Matter[];
  /** What the rules say without the edits. */
  readonly before: RuleRun;
  readonly edits: readonly ItemEdit[];
  /** Of the finding that shall go. */
  readonly fingerprint: string;
  /** See `Advice.assumption`. */
  readonly assumption?: string | undefined;
}

/** Tries edits that answer no finding, such as a person's wish, on a copy of the snapshot: no new fault may appear. */
export function rehearseEdits(matters: readonly Matter[], reader: CmdbReader, edits: readonly ItemEdit[]): RehearsalResult {
  try {
    const { checks } = compareFindings(matters, reader, reader.rehearse(edits));
    return { passed: checks.every((check) => check.ok), notes: checks.map((check) => check.note) };
  } catch (error) {
    return { passed: false, notes: [`the edits cannot be applied: ${toTier0Error(error).message}`] };
  }
}

function causeGone(remedy: Remedy, fingerprints: readonly string[]): readonly Check[] {
  if (remedy.success.kind !== 'finding-gone') return [];
  const ok = !fingerprints.includes(remedy.success.fingerprint);
  return [{ ok, note: ok ? `the cause ${remedy.cause} is gone` : `the cause ${remedy.cause} is still there` }];
}

async function checkMemory(options: RehearsalOptions, trial: Trial, context: CallContext): Promise<readonly Check[]> {
  const { success, subject, edits } = trial.remedy;
  if (success.kind !== 'memory-relief') return [];
  const before = memoryLimits(trial.reader, subject).find((limit) => limit.container === success.container);
  const after = memoryLimits(trial.rehearsed, subject).find((limit) => limit.container === success.container);
  if (!before || !after) return [{ ok: false, note: `container ${success.container} has no memory limit to judge by` }];
  const toMs = context.now();
  const window = { fromMs: toMs - (options.windowMs ?? 6 * 3_600_000), toMs, minimumSamples: options.minimumSamples ?? 12 };
  const { pods } = await observeMemory(options.evidence, { reader: trial.reader, workload: subject, limit: before, ...window }, context);
  const forecast = steepest(pods);
  if (!forecast) return [{ ok: false, note: 'the growth of memory could not be measured, so the relief cannot be judged' }];
  const restarts = edits.some((edit) => formatFieldPath(edit.fieldPath) === formatFieldPath(RESTART_ANNOTATION));
  const startLevel = restarts ? forecast.floor : forecast.level;
  const reliefMs = forecast.slopeHigh > 0 ? (after.bytes - startLevel) / forecast.slopeHigh : Number.POSITIVE_INFINITY;
  const ok = reliefMs >= success.reliefMs;
  const lasts = Number.isFinite(reliefMs) ? formatDuration(reliefMs) : 'without an end';
  const note = `at the steepest measured pace ${after.quantity} lasts ${lasts}, ${formatDuration(success.reliefMs)} are promised`;
  return [{ ok, note }, ...checkNodes(trial, after.bytes)];
}

/** The new limit must fit every node that the workload's pods run on. */
function checkNodes({ reader, remedy }: Trial, bytes: number): readonly Check[] {
  const nodes = new Set(
    podsOf(reader, remedy.subject).flatMap((pod) => reader.relations(pod, 'out', 'runsOn').map((relation) => relation.to)),
  );
  if (nodes.size === 0)
    return [{ ok: false, note: 'it is not known on which nodes the pods run, so whether the limit fits cannot be judged' }];
  return [...nodes].sort().map((node) => {
    const allocatable = parseQuantity(textAt(reader.object(node), 'status', 'allocatable', 'memory'));
    if (allocatable === undefined) return { ok: false, note: `the memory of ${node} is not known` };
    const ok = bytes <= allocatable;
    return { ok, note: `${describeBytes(bytes)} ${ok ? 'fit' : 'do not fit'} ${node} with ${describeBytes(allocatable)}` };
  });
}
