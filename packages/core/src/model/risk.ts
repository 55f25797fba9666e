import { z } from 'zod';
import { exactly } from './exactly.ts';

/** Risk of a change in words, by its score. */
export type RiskLevel = 'low' | 'medium' | 'high' | 'critical';

/** Levels from least to most. */
export const RISK_LEVELS: readonly RiskLevel[] = ['low', 'medium', 'high', 'critical'];

/** One reason why a change is more or less risky. */
export interface RiskFactor {
  readonly name: string;
  /** Points added (positive) or taken away (negative). */
  readonly points: number;
  readonly reason: string;
}

/** Computed from the edit and the blast radius, never read from a model's answer. */
export interface RiskAssessment {
  readonly level: RiskLevel;
  /** Sum of the factors' points, 0 to 100. */
  readonly score: number;
  readonly factors: readonly RiskFactor[];
}

export const RiskLevelSchema: z.ZodType<RiskLevel> = z.enum(['low', 'medium', 'high', 'critical']);

export const RiskAssessmentSchema: z.ZodType<RiskAssessment> = exactly<RiskAssessment>()(
  z.strictObject({
    level: RiskLevelSchema,
    score: z.number().min(0).max(100),
    factors: z.array(z.strictObject({ name: z.string(), points: z.number(), reason: z.string() })),
  }),
);
