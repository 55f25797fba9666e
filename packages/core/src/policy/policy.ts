import { z } from 'zod';
import { exactly } from '../model/exactly.ts';
import { type RiskLevel, RiskLevelSchema } from '../model/risk.ts';

/** A period in which nothing is changed. */
export interface FreezeWindow {
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly startsAt: string;
  /** ISO 8601, UTC. */
  readonly endsAt: string;
}

/** People's standing consent to a kind of remedy, under conditions. Lives in Git; its commit is part of every approval it gives. */
export interface StandingRule {
  readonly id: string;
  /** `Remedy.id` it speaks about. */
  readonly remedy: string;
  /** Pattern whose track record counts. */
  readonly pattern: string;
  readonly maxRisk: RiskLevel;
  /** Other workloads that may be affected at most. */
  readonly maxBlastRadius: number;
  /** Lower bound of the success rate (Wilson, 95 %) that must be reached, 0 to 1. */
  readonly minSuccessRate: number;
  /** Failures at most among changes it approves, 0 to 1: successes in a row since the last failure must show it (one-sided, 99 %). Default: not asked. */
  readonly maxFailureRate?: number | undefined;
  /** Files and folders it speaks about. Default: all but those that decide about changes. */
  readonly paths?: readonly string[] | undefined;
  /** Ends of field paths without list positions, e.g. `resources.limits.memory`. Default: every field that tier0 may change. */
  readonly fields?: readonly string[] | undefined;
  /** Files a change may touch. Default 1. */
  readonly maxFiles?: number | undefined;
  /** Fields a change may touch. Default 5. */
  readonly maxFields?: number | undefined;
}

/** How an organisation decides about changes; read from `.tier0/policy.yaml` of the repository that is changed. */
export interface Policy {
  /** Namespaces in production. `*` = all. */
  readonly productionNamespaces: readonly string[];
  /** Approvals needed by risk level in production. */
  readonly approvals: Readonly<Record<RiskLevel, number>>;
  /** Remedies that are never proposed. */
  readonly deniedRemedies: readonly string[];
  /** A risk above this level is denied. */
  readonly maxRisk: RiskLevel;
  readonly freezes: readonly FreezeWindow[];
  readonly standingRules: readonly StandingRule[];
  /** Milliseconds an approval stays valid. */
  readonly approvalValidMs: number;
  /** Files and folders of the repository that say who belongs to which group, besides `.tier0`. No other file does. */
  readonly membership?: readonly string[] | undefined;
  /** With these, what tier0 itself says to the forge (its checks, the use of a standing rule) counts only when one of them signed it. */
  readonly gateKeys?: readonly { readonly name: string; readonly publicKey: string }[] | undefined;
}

export const PolicySchema: z.ZodType<Policy> = exactly<Policy>()(
  z.strictObject({
    productionNamespaces: z.array(z.string()),
    approvals: z.strictObject({
      low: z.number().int().min(0),
      medium: z.number().int().min(0),
      high: z.number().int().min(0),
      critical: z.number().int().min(0),
    }),
    deniedRemedies: z.array(z.string()),
    maxRisk: RiskLevelSchema,
    freezes: z.array(z.strictObject({ reason: z.string(), startsAt: z.iso.datetime(), endsAt: z.iso.datetime() })),
    standingRules: z.array(
      z.strictObject({
        id: z.string().regex(/^[\w.-]+$/),
        remedy: z.string(),
        pattern: z.string(),
        maxRisk: RiskLevelSchema,
        maxBlastRadius: z.number().int().nonnegative(),
        minSuccessRate: z.number().min(0).max(1),
        maxFailureRate: z.number().min(0).max(1).optional(),
        paths: z.array(z.string().min(1)).optional(),
        fields: z.array(z.string().min(1)).optional(),
        maxFiles: z.number().int().positive().optional(),
        maxFields: z.number().int().positive().optional(),
      }),
    ),
    approvalValidMs: z.number().positive(),
    membership: z.array(z.string().min(1)).optional(),
    gateKeys: z.array(z.strictObject({ name: z.string().min(1), publicKey: z.string().min(1) })).optional(),
  }),
);

/** What holds where an organisation has not said otherwise: everything is production, people approve, critical changes are denied. */
export const DEFAULT_POLICY: Policy = {
  productionNamespaces: ['*'],
  approvals: { low: 1, medium: 1, high: 2, critical: 2 },
  deniedRemedies: [],
  maxRisk: 'high',
  freezes: [],
  standingRules: [],
  approvalValidMs: 24 * 60 * 60 * 1000,
};
