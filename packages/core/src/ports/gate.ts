import type { Approval } from '../model/approval.ts';
import type { ProposalContent } from '../model/change-proposal.ts';
import type { PolicyDecision } from '../model/policy-decision.ts';
import type { Remedy } from '../model/remedy.ts';
import type { CallContext } from './adapter.ts';
import type { CmdbReader } from './cmdb-reader.ts';
import type { RehearsalResult } from './rehearsal.ts';

/** One check the gate made. */
export interface GateCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
}

/** What the gate decided, and everything it decided by. */
export interface GateReport {
  readonly checks: readonly GateCheck[];
  readonly decision: PolicyDecision;
  /** Given by a standing rule whose track record suffices; absent when people must decide. */
  readonly standingApproval?: Approval | undefined;
  /** Why a standing rule did or did not approve; empty when none speaks about this remedy. */
  readonly trust: readonly string[];
  /** Whether production is touched; absent where that could not be found out. */
  readonly production?: boolean | undefined;
}

/** Gathers the facts about a proposal; core's policy decides on them. A failed check denies. */
export interface Gate {
  /** Gathers the facts about a proposal and has policy decide. What cannot be decided is denied. */
  assess(
    request: {
      readonly proposal: ProposalContent;
      readonly remedy: Remedy;
      readonly rehearsal: RehearsalResult;
      readonly reader: CmdbReader;
    },
    context: CallContext,
  ): Promise<GateReport>;
}
