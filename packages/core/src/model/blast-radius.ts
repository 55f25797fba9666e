import { z } from 'zod';
import { exactly } from './exactly.ts';
import { type RelationType, RelationTypeSchema } from './relation.ts';

/** One item that a failure of the subject can reach. */
export interface ImpactedItem {
  readonly item: string;
  /** Relations walked from the subject, 1 = direct. */
  readonly distance: number;
  /** Item ids from the subject (first) to this item (last). */
  readonly path: readonly string[];
  /** The relation types walked, one fewer than the path. */
  readonly via: readonly RelationType[];
  /** 0 to 1: the product of the probabilities along the path; a relation's own `probability` property, else its confidence. */
  readonly probability?: number | undefined;
  /** The item's own `criticality` column, 0 (none) to 1 (highest), where a source states one. */
  readonly criticality?: number | undefined;
  /** Why the item is in the radius, in one sentence. */
  readonly reason?: string | undefined;
}

/** What a change to (or a failure of) the subject can reach. */
export interface BlastRadius {
  readonly subject: string;
  readonly items: readonly ImpactedItem[];
  /** True when the walk stopped at a bound before it was done. */
  readonly truncated: boolean;
}

export const BlastRadiusSchema: z.ZodType<BlastRadius> = exactly<BlastRadius>()(
  z.strictObject({
    subject: z.string(),
    items: z.array(
      z.strictObject({
        item: z.string(),
        distance: z.number().int().positive(),
        path: z.array(z.string()),
        via: z.array(RelationTypeSchema),
        probability: z.number().min(0).max(1).optional(),
        criticality: z.number().min(0).max(1).optional(),
        reason: z.string().optional(),
      }),
    ),
    truncated: z.boolean(),
  }),
);

const WORKLOAD = /^kubernetes:[^/]+\/[^/]+\/(Deployment|StatefulSet|DaemonSet|Job|CronJob)\//;

/** The workloads in a blast radius, without its subject. Pods, services and catalog entries tell of the same harm again, so risk counts these. */
export function affectedWorkloads(radius: BlastRadius): readonly string[] {
  return radius.items.map((impacted) => impacted.item).filter((item) => WORKLOAD.test(item) && item !== radius.subject);
}

/** How far a blast radius reaches, in the one number and word of every page and every pull request: `2 other workloads`. */
export function reachInWords(radius: BlastRadius): string {
  const count = affectedWorkloads(radius).length;
  const counted = `${count === 0 ? 'no' : count} other workload${count === 1 ? '' : 's'}`;
  return radius.truncated ? `${count === 0 ? 'an unknown number of other workloads' : `at least ${counted}`}` : counted;
}
