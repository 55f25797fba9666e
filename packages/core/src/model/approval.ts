import { z } from 'zod';
import { exactly } from './exactly.ts';

/** A person, or a standing rule written in Git by people, accepted exactly this digest. */
export interface Approval {
  /** Account name, or `rule:<id>@<commit>`. */
  readonly approver: string;
  readonly proposalDigest: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** ISO 8601, UTC. Void from then on. */
  readonly expiresAt: string;
  /** Why, in the approver's or the rule's words. */
  readonly reason?: string | undefined;
}

export const ApprovalSchema: z.ZodType<Approval> = exactly<Approval>()(
  z.strictObject({
    approver: z.string().min(1),
    proposalDigest: z.string().regex(/^[0-9a-f]{64}$/),
    at: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    reason: z.string().optional(),
  }),
);

const STANDING_RULE = /^rule:([^@]+)@([0-9a-f]{40,64})$/;

/** The id and commit of the standing rule that approved; undefined when a person did. */
export function standingRuleOf(approval: Approval): { readonly id: string; readonly commit: string } | undefined {
  const match = STANDING_RULE.exec(approval.approver);
  return match ? { id: match[1] ?? '', commit: match[2] ?? '' } : undefined;
}

/**
 * What makes two spellings the same account: forges compare names without regard to case, and `@` is only how people write them.
 * `@Ada`, ` ada` and `ADA` are one person.
 */
export function accountKey(name: string): string {
  return name.trim().replace(/^@/, '').toLowerCase();
}
