import { z } from 'zod';
import { CellSchema, DaySchema, RatedToolSchema } from './capabilities.ts';

const IdSchema = z.string().regex(/^[a-z0-9-]+$/, { error: 'an id is made of lower-case letters, digits and hyphens' });

/** What a user adds to the scorecard: tools, criteria, rows, and cells of rows that are there. What is not rated is unknown, never "no". */
export const CapabilityAdditionsSchema = z.strictObject({
  schema: z.literal('tier0.capability-additions/v1'),
  rated: z.strictObject({ date: DaySchema, rater: z.string().min(1) }),
  tools: z.array(RatedToolSchema).default([]),
  /** The weight is a share beside those that are there: all are scaled to add up to 1 again. */
  criteria: z.array(z.strictObject({ id: IdSchema, name: z.string().min(1), weight: z.number().positive().max(1) })).default([]),
  rows: z
    .array(
      z.strictObject({
        id: IdSchema,
        criterion: z.string(),
        text: z.string().min(1),
        motivation: z.string().optional(),
        decided: z.string().optional(),
        dimension: z.string().optional(),
        cells: z.record(z.string(), CellSchema).default({}),
      }),
    )
    .default([]),
  /** By row, then by tool. */
  cells: z.record(z.string(), z.record(z.string(), CellSchema)).default({}),
});
export type CapabilityAdditions = z.infer<typeof CapabilityAdditionsSchema>;

/** A weight file: by criterion; criteria that are left out keep their weight, and all are scaled to add up to 1. */
export const WeightsFileSchema = z.strictObject({
  schema: z.literal('tier0.weights/v1'),
  weights: z.record(z.string(), z.number().min(0).max(1_000)),
});
