import { z } from 'zod';
import { type Cause, CauseSchema } from './cause.ts';
import { exactly } from './exactly.ts';
import { type ItemEdit, ItemEditSchema } from './item-edit.ts';
import { type SuccessCriterion, SuccessCriterionSchema } from './success-criterion.ts';

/** Work that people must still do after a remedy, e.g. upgrade the leaking library. */
export interface FollowUp {
  readonly title: string;
  readonly body: string;
}

/** A concrete way to take a root cause away or to buy time. */
export interface Remedy {
  /** Stable name of the kind of remedy, e.g. `raise-memory-limit`, `restore-image`. */
  readonly id: string;
  readonly title: string;
  readonly cause: Cause;
  /** Item id of the root cause. */
  readonly subject: string;
  readonly edits: readonly ItemEdit[];
  /** Why this helps, in one or two sentences. */
  readonly why: string;
  /** How it is taken back. */
  readonly rollback: string;
  /** The observation that would prove it wrong. */
  readonly disproof: string;
  readonly success: SuccessCriterion;
  /** Set when the change is a loan: it is taken back after this many milliseconds unless the follow-up was closed by a fix. */
  readonly expiresAfterMs?: number | undefined;
  readonly followUp?: FollowUp | undefined;
  /** Pattern it comes from. */
  readonly pattern?: string | undefined;
}

export const RemedySchema: z.ZodType<Remedy> = exactly<Remedy>()(
  z.strictObject({
    id: z.string().min(1),
    title: z.string().min(1),
    cause: CauseSchema,
    subject: z.string().min(1),
    edits: z.array(ItemEditSchema),
    why: z.string(),
    rollback: z.string(),
    disproof: z.string(),
    success: SuccessCriterionSchema,
    expiresAfterMs: z.number().positive().optional(),
    followUp: z.strictObject({ title: z.string(), body: z.string() }).optional(),
    pattern: z.string().optional(),
  }),
);
