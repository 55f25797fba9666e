import { z } from 'zod';
import type { ArenaSummary } from '../arena/summarize-trials.ts';
import { type RunManifest, RunManifestSchema, type TrialRecord, TrialRecordSchema } from '../arena/trial.ts';
import type { CapabilityRow, Criterion, RatedTool } from '../scorecard/capabilities.ts';
import type { ToolStability } from '../scorecard/rank-stability.ts';
import type { CriterionScore } from '../scorecard/score-capabilities.ts';

/** One tool on the scorecard. */
export interface ScorecardEntry {
  readonly tool: RatedTool;
  /** Fielded by the authors of this evaluation. */
  readonly own: boolean;
  readonly criteria: readonly CriterionScore[];
  /** Weighted stars, 1 to 5, cells known from documentation alone counted as partial at most. */
  readonly total: number;
  /** The same with every cell as it was rated. */
  readonly totalAsRated: number;
  readonly coverage: number;
  readonly cappedCells: number;
  /** Age of the snapshot in days when it is older than 180 days. */
  readonly staleDays?: number | undefined;
  readonly stability: ToolStability;
}

/** Track A: what the tools can do, from evidence. */
export interface ScorecardReport {
  readonly seed: number;
  readonly draws: number;
  readonly criteria: readonly Criterion[];
  /** Best first. */
  readonly entries: readonly ScorecardEntry[];
  readonly rows: readonly CapabilityRow[];
}

/** Track B: what the tools did, on the same recorded incidents. */
export interface ArenaReport {
  readonly manifest: RunManifest;
  readonly summary: ArenaSummary;
  /** Raw answers are in the log, not here. */
  readonly trials: readonly TrialRecord[];
  /** SHA-256 of the log the numbers were computed from. */
  readonly logDigest: string;
}

/** A whole evaluation: two tracks that are never merged into one number. */
export interface EvaluationReport {
  readonly schema: 'tier0.evaluation/v1';
  /** ISO 8601, UTC. */
  readonly generatedAt: string;
  readonly scorecard: ScorecardReport;
  readonly arena: ArenaReport;
  readonly disclosure: string;
  readonly limits: readonly string[];
}

const IntervalSchema = z.strictObject({ estimate: z.number().nullable(), low: z.number().nullable(), high: z.number().nullable() });
const ShareSchema = z.number().min(0).max(1);
const CellSchema = z.strictObject({
  value: z.enum(['yes', 'partial', 'no', 'not-applicable']),
  basis: z.enum(['measured', 'code', 'chart', 'docs', 'absence']),
  evidence: z.array(z.strictObject({ repository: z.string().optional(), commit: z.string().optional(), path: z.string() })),
  note: z.string(),
  date: z.string(),
  rater: z.string(),
});

const ScorecardSchema = z.strictObject({
  seed: z.number().int(),
  draws: z.number().int(),
  criteria: z.array(z.strictObject({ id: z.string(), name: z.string(), weight: ShareSchema })),
  entries: z.array(
    z.strictObject({
      tool: z.strictObject({
        id: z.string(),
        name: z.string(),
        version: z.string(),
        repository: z.string().optional(),
        commit: z.string().optional(),
        committed: z.string().optional(),
        license: z.string(),
      }),
      own: z.boolean(),
      criteria: z.array(
        z.strictObject({
          criterion: z.string(),
          stars: z.number().min(1).max(5).optional(),
          coverage: ShareSchema,
          cells: z.number().int(),
        }),
      ),
      total: z.number(),
      totalAsRated: z.number(),
      coverage: ShareSchema,
      cappedCells: z.number().int(),
      staleDays: z.number().int().optional(),
      stability: z.strictObject({
        tool: z.string(),
        place: z.tuple([z.number().int(), z.number().int()]),
        rankProbabilities: z.array(ShareSchema),
        totalInterval: z.tuple([z.number(), z.number()]),
        partialRange: z.tuple([z.number(), z.number()]),
        rankWithout: z.record(z.string(), z.number().int()),
      }),
    }),
  ),
  rows: z.array(z.strictObject({ id: z.string(), criterion: z.string(), text: z.string(), cells: z.record(z.string(), CellSchema) })),
});

const SummarySchema = z.strictObject({
  tools: z.array(
    z.strictObject({
      tool: z.string(),
      trials: z.number().int(),
      failedTrials: z.number().int(),
      exact: z.strictObject({ solved: z.number().int(), incidents: z.number().int(), rate: IntervalSchema }),
      exactOnce: z.number().int(),
      points: IntervalSchema,
      placeNamed: z.number().int(),
      falseAlarms: z.strictObject({ raised: z.number().int(), trials: z.number().int() }),
      findingsPerRootCause: z.number(),
      rootCausesNamed: z.number(),
      requests: z.strictObject({ reads: z.number(), writes: z.number(), secretReads: z.number(), bytes: z.number() }),
      wallMs: z.number(),
      cpuMs: z.number(),
    }),
  ),
  comparisons: z.array(
    z.strictObject({
      first: z.string(),
      second: z.string(),
      onlyFirst: z.number().int(),
      onlySecond: z.number().int(),
      probability: ShareSchema,
      difference: IntervalSchema,
    }),
  ),
});

/** The form of `report.json`. A number that could not be computed is null. */
export const EvaluationReportSchema = z.strictObject({
  schema: z.literal('tier0.evaluation/v1'),
  generatedAt: z.iso.datetime(),
  scorecard: ScorecardSchema,
  arena: z.strictObject({
    manifest: RunManifestSchema,
    summary: SummarySchema,
    trials: z.array(TrialRecordSchema),
    logDigest: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  disclosure: z.string(),
  limits: z.array(z.string()),
});
