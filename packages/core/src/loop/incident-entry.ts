import type { Alert } from '../model/alert.ts';
import type { Approval } from '../model/approval.ts';
import type { ChangeProposal } from '../model/change-proposal.ts';
import type { Diagnosis } from '../model/diagnosis.ts';
import type { FileEdit } from '../model/file-edit.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Remedy } from '../model/remedy.ts';
import type { Severity } from '../model/severity.ts';
import type { GateReport } from '../ports/gate.ts';
import type { ProposalResult } from '../ports/proposal-writer.ts';
import type { RehearsalResult } from '../ports/rehearsal.ts';

/** How an incident ended. `handed-over`: people have it, with everything that was found. */
export type IncidentStatus = 'resolved' | 'rolled-back' | 'handed-over' | 'failed';

/** A remedy with the files that declare what it edits, or why they were not found. */
export type LocatedRemedy =
  | { readonly remedy: Remedy; readonly status: 'located'; readonly edits: readonly FileEdit[]; readonly reasons: readonly string[] }
  | { readonly remedy: Remedy; readonly status: 'refused'; readonly reasons: readonly string[] };

/** How the forge decided, with who counted. */
export type DecisionResult =
  | { readonly status: 'merged'; readonly commit: string; readonly approvals: readonly Approval[] }
  | { readonly status: 'rejected'; readonly by: string; readonly reason: string }
  | { readonly status: 'timed-out'; readonly reason: string };

/** Whether a merged commit became live. */
export interface ReconcileResult {
  readonly status: 'live' | 'failed' | 'timed-out';
  readonly commit: string;
  readonly message: string;
  /** When the answer was known. ISO 8601, UTC. */
  readonly at: string;
}

/** What each step of the loop leaves in the record, by step name. */
export interface StepResults {
  open: { readonly title: string; readonly severity: Severity; readonly items: readonly string[]; readonly alerts: readonly Alert[] };
  diagnose: { readonly diagnosis: Diagnosis };
  remedy: { readonly remedies: readonly Remedy[] };
  locate: { readonly located: readonly LocatedRemedy[] };
  rehearse: {
    /** Position in `located` of the first remedy that passed; absent when none did. */
    readonly chosen?: number | undefined;
    readonly rehearsals: readonly { readonly remedy: string; readonly result: RehearsalResult }[];
  };
  gate: { readonly proposal: ChangeProposal; readonly gate: GateReport };
  'follow-up': { readonly ticket?: string | undefined };
  propose: { readonly result: ProposalResult };
  decide: DecisionResult;
  reconcile: ReconcileResult;
  verify: { readonly outcome: Outcome };
  revert: { readonly result: ProposalResult };
  'decide-revert': DecisionResult;
  'reconcile-revert': ReconcileResult;
  learn: { readonly pattern?: string | undefined; readonly succeeded: boolean; readonly trackRecord?: string | undefined };
  'hand-over': { readonly reason: string; readonly ticket: string };
  close: { readonly status: IncidentStatus; readonly reason: string };
}

/** A step of the loop that leaves a result in the record. */
export type StepName = keyof StepResults;

interface EntryBase {
  readonly incident: string;
  /** From 1, without gaps, per incident. */
  readonly sequence: number;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** One line of an incident's record. A step that was started and not done was interrupted: it is run again, and finds its own work. */
export type IncidentEntry =
  | (EntryBase & { readonly phase: 'started'; readonly step: StepName })
  | (EntryBase & {
      readonly phase: 'failed';
      readonly step: StepName;
      readonly error: { readonly code: string; readonly message: string; readonly hint: string };
    })
  | { [Step in StepName]: EntryBase & { readonly phase: 'done'; readonly step: Step; readonly result: StepResults[Step] } }[StepName];
