import { z } from 'zod';
import { exactly } from './exactly.ts';

/**
 * Why something is not known:
 * - `forbidden`: the credentials may not read it;
 * - `failed`: it was asked for, and no whole answer came;
 * - `not-asked`: nobody was asked for it;
 * - `not-judged`: it was read, and a rule could not judge it, or could not run at all;
 * - `not-measured`: the measurements it needs are not there;
 * - `held-back`: it was read, and not taken in because it contradicts what is known;
 * - `elsewhere`: it was found, and has nothing to do with what was asked;
 * - `no-opinion`: a model gave no answer, or none that can be used.
 */
export type GapCode = 'forbidden' | 'failed' | 'not-asked' | 'not-judged' | 'not-measured' | 'held-back' | 'elsewhere' | 'no-opinion';

/** Something that could not be looked at, or not to the end: it is unknown, and never absent. */
export interface Gap {
  /** Who could not look: name of a source, an adapter, a rule or a model. */
  readonly source: string;
  /** Kind that was looked for; absent: the source as a whole. */
  readonly kind?: string | undefined;
  /** Where; absent: everywhere. */
  readonly namespace?: string | undefined;
  readonly code: GapCode;
  /** One sentence for a person. Nothing is decided by it. */
  readonly message: string;
}

export const GapSchema: z.ZodType<Gap> = exactly<Gap>()(
  z.strictObject({
    source: z.string().min(1),
    kind: z.string().optional(),
    namespace: z.string().optional(),
    code: z.enum(['forbidden', 'failed', 'not-asked', 'not-judged', 'not-measured', 'held-back', 'elsewhere', 'no-opinion']),
    message: z.string(),
  }),
);

/** Gaps as records of before kept them: one line each, without saying who could not look. */
export const GapOfRecordSchema: z.ZodType<Gap> = exactly<Gap>()(
  z.union([GapSchema, z.string().transform((message): Gap => ({ source: 'record', code: 'failed', message }))]),
);

/** The first of those that say the same, in the order given. */
export function distinctGaps(gaps: readonly Gap[]): readonly Gap[] {
  const bySentence = new Map<string, Gap>();
  for (const gap of gaps) if (!bySentence.has(gap.message)) bySentence.set(gap.message, gap);
  return [...bySentence.values()];
}
