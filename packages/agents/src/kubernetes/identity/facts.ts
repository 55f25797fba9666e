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
