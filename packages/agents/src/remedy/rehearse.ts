import {
  type CmdbReader,
  type Finding,
  formatFieldPath,
  type ItemEdit,
  parseKubernetesItemId,
  type Rehearsal,
  type RehearsalResult,
  type Remedy,
  readField,
  toTier0Error,
} from '@tier0/core';
import { isSameToServer, whyNotWritable } from '@tier0/core/kubernetes';
import { movesLever } from '../findings/lever.ts';
import { leversOf, type Matter } from '../findings/matter.ts';
import { isBrokenRule, type RuleRun, runRules } from '../findings/run-rules.ts';
import type { Signal, SignalOptions } from '../findings/signal.ts';
import { MATTERS } from '../kubernetes/matters.ts';
import { SIGNALS } from '../signals/signals.ts';
import type { Check } from './check.ts';
import { findingOf } from './choose.ts';
import { whatStays, whatToDelete, whoRunsUnknown } from './made-anew.ts';
import { checkNewPods } from './new-pods.ts';
import { placeboOf } from './placebo.ts';
import { whatChangedUnderneath } from './underneath.ts';

/** What a remedy is judged by before anybody sees it. */
export interface RehearsalOptions extends Partial<SignalOptions> {
  /** Default `MATTERS`. */
  readonly matters?: readonly Matter[] | undefined;
  /** Default `SIGNALS`. */
  readonly signals?: readonly Signal[] | undefined;
}

/** Tries a remedy on a copy of the snapshot. What cannot be decided does not pass. */
export function createRehearsal(options: RehearsalOptions = {}): Rehearsal {
  const { matters = MATTERS, signals = SIGNALS } = options;
  return {
    async rehearse({ remedy, diagnosis, reader }, context) {
      const signal = signals.find((one) => one.judges(remedy));
      const finding = findingOf(diagnosis.findings, remedy.success.kind === 'finding-gone' ? remedy.success.fingerprint : undefined);
      const own =
        finding === undefined ? rehearseEdits(matters, reader, remedy.edits) : rehearseRemedy({ matters, reader, remedy, finding });
      if (signal === undefined) return finding === undefined ? noCause(own) : own;
      const checks = await signal.rehearse({ remedy, reader, options }, context);
      return withChecks(own, checks);
    },
  };
}

/** What a remedy is tried with. */
export interface RemedyTrial {
  readonly matters: readonly Matter[];
  readonly reader: CmdbReader;
  readonly remedy: Pick<Remedy, 'edits' | 'kind' | 'assumption' | 'cause'>;
  /** The finding that shall go: of a rule, or told by a log. */
  readonly finding: Finding;
  /** What the rules say without the edits. Default: they are run. */
  readonly before?: RuleRun | undefined;
}

/**
 * Tries a remedy against its own placebo. "Cured" is only said when the objects show that the cause is gone after the remedy and is not
 * gone after the same remedy without the fields that the cause depends on. Where pods or a log carried the evidence, their absence shows
 * nothing: then the remedy must move what the cause depends on and say what it takes for granted.
 */
export function rehearseRemedy(trial: RemedyTrial): RehearsalResult {
  const { reader, remedy } = trial;
  const refusal = refusalOf(reader, remedy.edits);
  if (refusal !== undefined) return notCured(refusal);
  try {
    return judge(trial, reader.rehearse(remedy.edits));
  } catch (error) {
    return notCured(`the edits cannot be applied: ${toTier0Error(error).message}`);
  }
}

/** Why the edits are none at all, or none that a person may write. */
function refusalOf(reader: CmdbReader, edits: readonly ItemEdit[]): string | undefined {
  if (edits.length === 0) return 'nothing is edited';
  if (!edits.some((edit) => changesAnything(reader, edit))) return 'the edits change nothing: they write out what is in force already';
  return edits.map((edit) => whyNotWritable(reader.object(edit.item), edit.fieldPath)).find((reason) => reason !== undefined);
}

function changesAnything(reader: CmdbReader, { item, fieldPath, value }: ItemEdit): boolean {
  const kind = parseKubernetesItemId(item)?.kind ?? '';
  return !isSameToServer({ kind, path: fieldPath }, readField(reader.object(item), fieldPath), value);
}

function judge(trial: RemedyTrial, rehearsed: CmdbReader): RehearsalResult {
  const { matters, reader, remedy, finding } = trial;
  const levers = leversOf(matters, finding.cause);
  const isLever = (edit: ItemEdit) =>
    changesAnything(reader, edit) &&
    movesLever({ item: edit.item, path: edit.fieldPath }, { finding, levers, before: reader, after: rehearsed });
  if (!remedy.edits.some(isLever)) return notCured(`nothing that the cause depends on is changed (${whatIsChanged(remedy.edits)})`);
  const stays = whatStays(reader, remedy.edits);
  const beside = whatToDelete(reader, remedy.edits);
  if (stays !== undefined && beside === undefined) return notCured(stays);
  const before = wholeRun(trial);
  const after = runRules(matters, rehearsed);
  const against = [...freshFaults(before, after), ...checkNewPods(rehearsed)];
  const broken = against.filter((check) => !check.ok).map((check) => check.note);
  const open = [
    ...freshUnknowns(before, after).map((check) => check.note),
    ...[whoRunsUnknown(reader, rehearsed, remedy.edits) ?? []].flat(),
  ];
  if (holds(after, finding)) return notCured('the cause is still there', [...broken, ...open]);
  if (broken.length > 0) return notCured(broken[0] ?? '', [...broken.slice(1), ...open]);
  if (open.length > 0) return { verdict: 'cannot-be-known', passed: false, reason: open[0] ?? '', notes: open };
  const said = against.filter((check) => check.ok).map((check) => check.note);
  const result = remedy.assumption === undefined && isShown(trial, before, isLever) ? shown(said) : granted(trial, said);
  return stays === undefined || beside === undefined ? result : once(result, beside, stays);
}

/** What was wrong before; looked at again where a rule could not run then, since what it would have found is not new. */
function wholeRun({ matters, reader, before }: RemedyTrial): RuleRun {
  return before === undefined || before.unknowns.some(isBrokenRule) ? runRules(matters, reader) : before;
}

/** What would be so but for a pod that its controller keeps: somebody has to delete it, and no edit does. */
function once(result: RehearsalResult, beside: string, stays: string): RehearsalResult {
  if (!result.passed) return notCured(stays, result.notes);
  const reason = result.verdict === 'cured' ? `works once ${beside}: ${stays}` : `once ${beside}, ${result.reason}: ${stays}`;
  return { verdict: 'cannot-be-known', passed: false, reason, beside, notes: [reason, ...result.notes] };
}

/**
 * Whether the objects themselves hold the finding, and the placebo leaves it, or leaves what would bring it back: pods that no node takes,
 * that nobody may make, or of whose image nothing is known. Only then does the absence of the finding say something.
 */
function isShown({ matters, reader, remedy, finding }: RemedyTrial, before: RuleRun, isLever: (edit: ItemEdit) => boolean): boolean {
  if (!holds(before, finding)) return false;
  const placebo = placeboOf(reader, remedy.edits, isLever);
  try {
    const untouched = reader.rehearse(placebo);
    const after = runRules(matters, untouched);
    const against = [...freshFaults(before, after), ...freshUnknowns(before, after), ...checkNewPods(untouched)];
    return holds(after, finding) || against.some((check) => !check.ok);
  } catch {
    return false;
  }
}

/** The finding itself, or one that says the same of the same subject in other words. */
function holds(run: RuleRun, { fingerprint, cause, subject, container }: Finding): boolean {
  return run.findings.some(
    (one) =>
      one.fingerprint === fingerprint ||
      (one.severity === 'fault' && one.cause === cause && one.subject === subject && one.container === container),
  );
}

function shown(said: readonly string[]): RehearsalResult {
  const reason = 'the cause is gone, and without this change it is still there';
  return { verdict: 'cured', passed: true, reason, notes: [reason, 'no new fault appears', ...said] };
}

/** What the cause depends on is changed; the rest is taken for granted, if the remedy says what. */
function granted({ reader, remedy }: RemedyTrial, said: readonly string[]): RehearsalResult {
  const moved = 'what the cause depends on is changed; the pods or the log that told of it are not there to ask';
  const underneath = remedy.kind === 'revert' ? whatChangedUnderneath(reader, remedy.edits) : undefined;
  if (underneath !== undefined)
    return { verdict: 'cannot-be-known', passed: false, reason: underneath, notes: [moved, underneath, ...said] };
  const { assumption } = remedy;
  if (assumption === undefined) {
    const reason = 'whether it is enough cannot be known beforehand';
    return { verdict: 'cannot-be-known', passed: false, reason, notes: [moved, reason, ...said] };
  }
  const reason = `taken for granted: ${assumption}`;
  return { verdict: 'cannot-be-known', passed: true, reason, notes: [moved, reason, 'no new fault appears', ...said] };
}

function notCured(reason: string, notes: readonly string[] = []): RehearsalResult {
  return { verdict: 'not-cured', passed: false, reason, notes: [reason, ...notes] };
}

function whatIsChanged(edits: readonly ItemEdit[]): string {
  const [first, ...others] = edits.map(({ fieldPath }) => formatFieldPath(fieldPath));
  return others.length === 0 ? `${first}` : `${first} and ${others.length} more`;
}

function freshFaults(before: RuleRun, after: RuleRun): readonly Check[] {
  const known = new Set(before.findings.map((finding) => finding.fingerprint));
  return after.findings
    .filter((finding) => finding.severity === 'fault' && !known.has(finding.fingerprint))
    .map((finding) => ({ ok: false, note: `new fault ${finding.code}: ${finding.message}` }));
}

function freshUnknowns(before: RuleRun, after: RuleRun): readonly Check[] {
  const known = new Set(before.unknowns.map(({ message }) => message));
  return after.unknowns
    .filter(({ message }) => !known.has(message))
    .map(({ message }) => ({ ok: false, note: `cannot be known beforehand: ${message}` }));
}

/** Tries edits that answer no finding, such as a person's wish, on a copy of the snapshot: no new fault may appear. */
export function rehearseEdits(matters: readonly Matter[], reader: CmdbReader, edits: readonly ItemEdit[]): RehearsalResult {
  try {
    const after = reader.rehearse(edits);
    const [old, now] = [runRules(matters, reader), runRules(matters, after)];
    const broken = [...freshFaults(old, now), ...freshUnknowns(old, now)].map((check) => check.note);
    if (broken.length > 0) return notCured(broken[0] ?? '', broken.slice(1));
    const reason = 'no new fault appears';
    return { verdict: 'cannot-be-known', passed: true, reason, notes: [reason] };
  } catch (error) {
    return notCured(`the edits cannot be applied: ${toTier0Error(error).message}`);
  }
}

/** A remedy for a cause that nothing found: what it shall take away is not known, so nothing can show that it does. */
function noCause(own: RehearsalResult): RehearsalResult {
  const reason = 'the finding that it answers is not part of the diagnosis, so nothing can show that it goes';
  return { ...own, verdict: 'cannot-be-known', passed: false, reason, notes: [reason, ...own.notes] };
}

function withChecks(own: RehearsalResult, checks: readonly Check[]): RehearsalResult {
  const broken = checks.find((check) => !check.ok);
  const notes = [...checks.map((check) => check.note), ...own.notes];
  if (broken !== undefined) return { verdict: 'not-cured', passed: false, reason: broken.note, notes };
  if (!own.passed && own.verdict === 'not-cured') return { ...own, notes };
  return { verdict: 'cured', passed: true, reason: checks[0]?.note ?? own.reason, notes };
}
