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
