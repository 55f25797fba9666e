import type { ApprovalSource } from '../ports/approval-source.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Cmdb } from '../ports/cmdb-reader.ts';
import type { Diagnostician } from '../ports/diagnostician.ts';
import type { Gate } from '../ports/gate.ts';
import type { IncidentRecord } from '../ports/incident-record.ts';
import type { Locator } from '../ports/locator.ts';
import type { PatternLibrary } from '../ports/pattern-library.ts';
import type { ProposalWriter } from '../ports/proposal-writer.ts';
import type { Reconciler } from '../ports/reconciler.ts';
import type { Rehearsal } from '../ports/rehearsal.ts';
import type { Remediator } from '../ports/remediator.ts';
import type { Tracker } from '../ports/tracker.ts';
import type { Verifier } from '../ports/verifier.ts';

/** Everything the loop calls. Each is behind its port, so any of them can be yours. */
export interface LoopPorts {
  readonly cmdb: Cmdb;
  readonly diagnostician: Diagnostician;
  readonly remediator: Remediator;
  readonly locator: Locator;
  readonly rehearsal: Rehearsal;
  readonly gate: Gate;
  readonly tracker: Tracker;
  readonly writer: ProposalWriter;
  readonly approvals: ApprovalSource;
  readonly reconciler: Reconciler;
  readonly verifier: Verifier;
  readonly patterns: PatternLibrary;
  readonly audit: AuditLog;
  readonly record: IncidentRecord;
}

/** What the loop is told once. Durations in milliseconds of the context's clock. */
export interface LoopSettings {
  /** Account that proposes; it can never approve. */
  readonly author: string;
  /** Repository URL without credentials. */
  readonly repository: string;
  readonly baseBranch: string;
  /** How long people are waited for. */
  readonly approvalTimeoutMs: number;
  readonly reconcileTimeoutMs: number;
  /** How long health must last before a change counts as live. */
  readonly holdMs: number;
  /** How long is looked again when no cause is seen yet: an alert may come before the evidence does. Default 0: looked once. */
  readonly diagnoseTimeoutMs?: number | undefined;
  /** Attempts of a step that fails in a retryable way. Default 3. */
  readonly attempts?: number | undefined;
}
