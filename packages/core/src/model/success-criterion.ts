import { z } from 'zod';
import { exactly } from './exactly.ts';

/** What must be true afterwards for a remedy to have worked; decided by measurement, never by the author's word. */
export type SuccessCriterion =
  | {
      /** At the pace measured after the change, memory stays below the limit for the whole relief period. */
      readonly kind: 'memory-relief';
      /** Item id of the workload. */
      readonly item: string;
      readonly container: string;
      /** Relief the proposal promises, milliseconds. */
      readonly reliefMs: number;
    }
  | {
      /** The finding with this fingerprint is gone, and the workload is fully rolled out. */
      readonly kind: 'finding-gone';
      readonly item: string;
      readonly fingerprint: string;
    };

export const SuccessCriterionSchema: z.ZodType<SuccessCriterion> = exactly<SuccessCriterion>()(
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('memory-relief'), item: z.string(), container: z.string(), reliefMs: z.number().positive() }),
    z.strictObject({ kind: z.literal('finding-gone'), item: z.string(), fingerprint: z.string() }),
  ]),
);
