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
  /** `revert`: puts back what was in force before; `hand-over`: no edit is known to help, people decide. */
  readonly kind: 'edit' | 'revert' | 'hand-over';
  /** One imperative sentence. */
  readonly title: string;
  readonly cause: Cause;
  /** Item id of the root cause. */
  readonly subject: string;
  /** Empty for a hand-over. */
  readonly edits: readonly ItemEdit[];
  /** Why this helps, in one or two sentences. */
  readonly why: string;
  /** What must be true before it is done. */
  readonly precondition: string;
  /**
   * What else it can do: `low` it only restores what ran or touches what is broken already, `medium` it changes what serves, `high` it can
   * interrupt others. The risk of a proposal is computed apart from this, from its edits and its reach.
   */
  readonly risk: 'low' | 'medium' | 'high';
  /** What a rehearsal takes for granted because no object shows it, e.g. that the program starts once a variable is set. */
  readonly assumption?: string | undefined;
  /** What would still be wrong after it, if anything. */
  readonly remains?: string | undefined;
  /** The observation that shows it worked. */
  readonly verify: string;
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
    kind: z.enum(['edit', 'revert', 'hand-over']),
    title: z.string().min(1),
    cause: CauseSchema,
    subject: z.string().min(1),
    edits: z.array(ItemEditSchema),
    why: z.string(),
    precondition: z.string(),
    risk: z.enum(['low', 'medium', 'high']),
    assumption: z.string().optional(),
    remains: z.string().optional(),
    verify: z.string(),
    rollback: z.string(),
    disproof: z.string(),
    success: SuccessCriterionSchema,
    expiresAfterMs: z.number().positive().optional(),
    followUp: z.strictObject({ title: z.string(), body: z.string() }).optional(),
    pattern: z.string().optional(),
  }),
);
