import { z } from 'zod';
import { exactly } from './exactly.ts';

/** May this proceed, and why (OPA, Kyverno). Undecidable means deny. */
export interface PolicyDecision {
  readonly effect: 'allow' | 'deny' | 'require-approval';
  /** One sentence per rule that spoke, strongest first. Never empty. */
  readonly reasons: readonly string[];
  /** Approvals needed before the change may merge. 0 unless `require-approval`. */
  readonly requiredApprovals: number;
  /** Group that may approve; absent when anybody but the author may. */
  readonly approverGroup?: string | undefined;
}

export const PolicyDecisionSchema: z.ZodType<PolicyDecision> = exactly<PolicyDecision>()(
  z.strictObject({
    effect: z.enum(['allow', 'deny', 'require-approval']),
    reasons: z.array(z.string()).min(1),
    requiredApprovals: z.number().int().nonnegative(),
    approverGroup: z.string().optional(),
  }),
);
