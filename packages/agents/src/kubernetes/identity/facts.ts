import { z } from 'zod';

/** What the API server refused to a service account. */
export type RefusedAccess = {
  readonly account: string;
  readonly accountNamespace: string;
  readonly verb: string;
  /** Plural, e.g. `configmaps`. */
  readonly resource: string;
  /** API group; `''` is the core group. */
  readonly group: string;
  /** Absent: in the whole cluster. */
  readonly namespace?: string | undefined;
};

export const RefusedAccessSchema: z.ZodType<RefusedAccess> = z.strictObject({
  account: z.string(),
  accountNamespace: z.string(),
  verb: z.string(),
  resource: z.string(),
  group: z.string(),
  namespace: z.string().optional(),
});

/** A ClusterRole that lacks the label by which another one aggregates it. */
export type LostLabel = {
  /** Name of the role that aggregates. */
  readonly aggregate: string;
  readonly labels: Readonly<Record<string, string>>;
};

export const LostLabelSchema: z.ZodType<LostLabel> = z.strictObject({ aggregate: z.string(), labels: z.record(z.string(), z.string()) });
