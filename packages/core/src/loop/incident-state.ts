import { isSuccess } from '../model/outcome.ts';
import type { ProposalResult } from '../ports/proposal-writer.ts';
import type { IncidentEntry, IncidentStatus, StepName, StepResults } from './incident-entry.ts';

/** An incident as its record tells it. */
export interface IncidentState {
  readonly incident: string;
  readonly results: Readonly<Partial<StepResults>>;
  /** When each of them was recorded. ISO 8601, UTC. */
  readonly doneAt: Readonly<Partial<Record<StepName, string>>>;
  /** Sequence of the newest entry; 0 for an empty record. */
  readonly sequence: number;
  /** A step that was started and neither done nor failed: it was interrupted. */
  readonly interrupted?: StepName | undefined;
  /** The newest failure, unless a later step was done. */
  readonly failure?: { readonly step: StepName; readonly code: string; readonly message: string; readonly hint: string } | undefined;
  /** Set once the incident is closed. */
  readonly status?: IncidentStatus | undefined;
}

/** Folds a record into the state of its incident. Pure: replay, resume and audit are the same thing. */
export function foldIncident(incident: string, entries: readonly IncidentEntry[]): IncidentState {
  return entries.reduce(applyEntry, { incident, results: {}, doneAt: {}, sequence: 0 });
}

function applyEntry(state: IncidentState, entry: IncidentEntry): IncidentState {
  const { sequence, step } = entry;
  if (entry.phase === 'started') return { ...state, sequence, interrupted: step, failure: undefined };
  if (entry.phase === 'failed') return { ...state, sequence, interrupted: undefined, failure: { step, ...entry.error } };
  const results = { ...state.results, [step]: entry.result };
  const status = entry.step === 'close' ? entry.result.status : state.status;
  const doneAt = { ...state.doneAt, [step]: entry.at };
  return { ...state, sequence, results, doneAt, interrupted: undefined, failure: undefined, status };
}

/** A way out of the loop: the step to do next, and for a hand-over the reason that the people will read. */
export type Route = { readonly step: Exclude<StepName, 'hand-over' | 'close'> } | HandOver | Close | undefined;
interface HandOver {
  readonly step: 'hand-over';
  readonly reason: string;
}
interface Close {
  readonly step: 'close';
  readonly status: IncidentStatus;
  readonly reason: string;
}

/** What is to be done next; undefined when the incident is closed. The whole order of the loop is in this function. */
export function nextStep(state: IncidentState): Route {
  const done = state.results;
  if (done.close) return undefined;
  if (done['hand-over']) return { step: 'close', status: 'handed-over', reason: done['hand-over'].reason };
  if (!done.open) return { step: 'open' };
  return nextBeforeChange(done) ?? nextAfterChange(done);
}

function nextBeforeChange(done: Partial<StepResults>): Route {
  if (!done.diagnose) return { step: 'diagnose' };
  if (done.diagnose.diagnosis.rootCauses.length === 0) return handOver('no root cause was found');
  if (!done.remedy) return { step: 'remedy' };
  if (done.remedy.remedies.length === 0) return handOver('no safe remedy is known for this cause');
  if (!done.locate) return { step: 'locate' };
  if (!done.locate.located.some((remedy) => remedy.status === 'located')) return handOver(whyNotLocated(done.locate));
  if (!done.rehearse) return { step: 'rehearse' };
  if (done.rehearse.chosen === undefined) return handOver(whyRehearsalFailed(done.rehearse));
  if (!done.gate) return { step: 'gate' };
  if (done.gate.gate.decision.effect === 'deny') return handOver(`the gate denied it: ${done.gate.gate.decision.reasons.join('; ')}`);
  if (!done['follow-up']) return { step: 'follow-up' };
  if (!done.propose) return { step: 'propose' };
  if (!isProposed(done.propose.result)) return handOver(`no pull request: ${done.propose.result.reason}`);
  if (!done.decide) return { step: 'decide' };
  if (done.decide.status === 'rejected') return handOver(`${done.decide.by} rejected the pull request: ${done.decide.reason}`);
  if (done.decide.status === 'timed-out') return handOver(`nobody decided in time: ${done.decide.reason}`);
  return undefined;
}

function nextAfterChange(done: Partial<StepResults>): Route {
  if (!done.reconcile) return { step: 'reconcile' };
  if (done.reconcile.status === 'live' && !done.verify) return { step: 'verify' };
  if (done.verify && isSuccess(done.verify.outcome)) {
    if (!done.learn) return { step: 'learn' };
    return { step: 'close', status: 'resolved', reason: done.verify.outcome.reasons.join('; ') };
  }
  return nextInRollback(done);
}

function nextInRollback(done: Partial<StepResults>): Route {
  if (!done.learn) return { step: 'learn' };
  if (!done.revert) return { step: 'revert' };
  if (!isProposed(done.revert.result)) return handOver(`the change did not help and could not be reverted: ${done.revert.result.reason}`);
  if (!done['decide-revert']) return { step: 'decide-revert' };
  const decision = done['decide-revert'];
  if (decision.status !== 'merged') return handOver(`the change did not help and its revert was not merged: ${decision.reason}`);
  if (!done['reconcile-revert']) return { step: 'reconcile-revert' };
  const reconcile = done['reconcile-revert'];
  if (reconcile.status !== 'live') return handOver(`the revert was merged but did not become live: ${reconcile.message}`);
  return { step: 'close', status: 'rolled-back', reason: `the change was taken back: ${whyNotResolved(done)}` };
}

/** Why the change counts as failed, in one sentence. */
export function whyNotResolved(done: Partial<StepResults>): string {
  if (done.verify) return [...done.verify.outcome.reasons, ...done.verify.outcome.regressions].join('; ');
  return done.reconcile?.message ?? 'it did not become live';
}

/** Whether a pull request stands behind this result. */
export function isProposed(result: ProposalResult): result is Extract<ProposalResult, { readonly pullRequest: unknown }> {
  return result.status === 'created' || result.status === 'adopted' || result.status === 'updated';
}

function handOver(reason: string): HandOver {
  return { step: 'hand-over', reason };
}

/** How a reason begins that tells of drift: a change of Git cannot mend what Git never said. */
export const DRIFTED = 'the cluster drifted from Git: have the delivery apply it again, and find out who changed it; ';

function whyNotLocated(result: StepResults['locate']): string {
  const reasons = result.located.flatMap((remedy) => remedy.reasons);
  const distinct = [...new Set(reasons)];
  if (distinct.length > 0 && distinct.every((reason) => reason.startsWith(DRIFTED))) return distinct.join('; ');
  return `the files to change were not found: ${distinct.join('; ')}`;
}

function whyRehearsalFailed(result: StepResults['rehearse']): string {
  const notes = result.rehearsals.map((rehearsal) => `${rehearsal.remedy}: ${rehearsal.result.notes.join(', ')}`);
  return `no remedy passed its rehearsal (${notes.join('; ')})`;
}
