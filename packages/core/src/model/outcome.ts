import { z } from 'zod';
import { type Evidence, EvidenceSchema } from './evidence.ts';
import { exactly } from './exactly.ts';

/** What happened after a change, measured. */
export interface Outcome {
  /** Digest of the proposal. */
  readonly proposal: string;
  /** Our revision is live, its rollout complete and healthy for the hold time. */
  readonly reconciled: boolean;
  /** The symptom is gone by the remedy's success criterion. */
  readonly resolved: boolean;
  /** Findings that are there now and were not before, as one line each. */
  readonly regressions: readonly string[];
  readonly reasons: readonly string[];
  readonly evidence: readonly Evidence[];
  /** ISO 8601, UTC. */
  readonly at: string;
}

export const OutcomeSchema: z.ZodType<Outcome> = exactly<Outcome>()(
  z.strictObject({
    proposal: z.string(),
    reconciled: z.boolean(),
    resolved: z.boolean(),
    regressions: z.array(z.string()),
    reasons: z.array(z.string()).min(1),
    evidence: z.array(EvidenceSchema),
    at: z.iso.datetime(),
  }),
);

/** Reconciled, resolved, and nothing got worse. */
export function isSuccess(outcome: Outcome): boolean {
  return outcome.reconciled && outcome.resolved && outcome.regressions.length === 0;
}
