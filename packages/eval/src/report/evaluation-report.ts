import { z } from 'zod';
import type { ProseJudgement } from '../arena/judge-prose.ts';
import type { RecordedResult } from '../arena/score-recording.ts';
import type { ArenaSummary } from '../arena/summarize-trials.ts';
import { type RunManifest, RunManifestSchema, SAFETY_GATES, type TrialRecord, TrialRecordSchema } from '../arena/trial.ts';
import type { BuildingBlocks, Stack } from '../scorecard/building-blocks.ts';
import type { CapabilityRow, Criterion, Dimension, RatedTool } from '../scorecard/capabilities.ts';
import type { ProbeFinding } from '../scorecard/probes.ts';
import type { ToolStability } from '../scorecard/rank-stability.ts';
import type { CriterionScore } from '../scorecard/score-capabilities.ts';

/** One tool on the scorecard. */
export interface ScorecardEntry {
  readonly tool: RatedTool;
  /** Fielded by the authors of this evaluation. */
  readonly own: boolean;
  readonly criteria: readonly CriterionScore[];
  /** The same stars by dimension, which have no weight. */
  readonly dimensions: readonly CriterionScore[];
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
  readonly dimensions: readonly Dimension[];
  readonly rows: readonly CapabilityRow[];
  /** What programs looked at instead of people. */
  readonly probes: readonly ProbeFinding[];
  readonly stack: StackReport;
}

/** The building blocks beside the tools: what covers which need, and the sets with the least integration. */
export interface StackReport extends BuildingBlocks {
  /** For all needs together. */
  readonly stacks: readonly Stack[];
}

/** One contestant and whether it took part. */
export interface ArenaTool {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly kind: 'own' | 'peer' | 'baseline';
  /** `replayed`: recorded answers, never compared with live ones in one cell. */
  readonly ran: 'live' | 'replayed' | 'not-run';
  readonly asked: 'root-cause' | 'evidence';
  readonly model?: string | undefined;
  /** How it is asked. */
  readonly note?: string | undefined;
  /** Why it was not run, and what to do about it. */
  readonly reason?: string | undefined;
  readonly howToAdd?: string | undefined;
}

/** Track B: what the tools did, on the same recorded incidents. */
export interface ArenaReport {
  readonly tools: readonly ArenaTool[];
  readonly manifest: RunManifest;
  readonly summary: ArenaSummary;
  /** What recordings of tools on clusters elsewhere show: a table of its own. */
  readonly replayed: readonly RecordedResult[];
  /** What a language model thought of the explanations: secondary, and absent unless it was asked for. */
  readonly judged?: ProseJudgement | undefined;
  /** Raw answers are cut to what a person reads; whole ones are in the log. */
  readonly trials: readonly TrialRecord[];
  /** SHA-256 of the log the numbers were computed from. */
  readonly logDigest: string;
}

/** A whole evaluation: two tracks that are never merged into one number. */
export interface EvaluationReport {
  readonly schema: 'tier0.evaluation/v3';
  /** Paths of the fields in which two runs with the same seed may differ; everything else is byte-identical. */
  readonly volatile: readonly string[];
  /** ISO 8601, UTC. */
  readonly generatedAt: string;
  readonly scorecard: ScorecardReport;
  readonly arena: ArenaReport;
  readonly disclosure: string;
  readonly method: readonly string[];
  readonly limits: readonly string[];
}

const IntervalSchema = z.strictObject({ estimate: z.number().nullable(), low: z.number().nullable(), high: z.number().nullable() });
const ShareSchema = z.number().min(0).max(1);
const CellSchema = z.strictObject({
  value: z.enum(['yes', 'partial', 'no', 'not-applicable', 'unknown']),
  basis: z.enum(['measured', 'code', 'chart', 'docs', 'absence']),
  evidence: z.array(z.strictObject({ repository: z.string().optional(), commit: z.string().optional(), path: z.string() })),
  note: z.string(),
  date: z.string(),
  rater: z.string(),
});

const BlockSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  covers: z.record(z.string(), z.enum(['yes', 'partial'])),
  effort: z.number().int(),
  connected: z.string().optional(),
});
const StackSchema = z.strictObject({
  needs: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  blocks: z.array(BlockSchema),
  stacks: z.array(
    z.strictObject({
      blocks: z.array(BlockSchema),
      covered: z.array(z.string()),
      partial: z.array(z.string()),
      missing: z.array(z.string()),
      integration: z.number(),
    }),
  ),
});
const StarsSchema = z.array(
  z.strictObject({ criterion: z.string(), stars: z.number().min(1).max(5).optional(), coverage: ShareSchema, cells: z.number().int() }),
);

const ScorecardSchema = z.strictObject({
  dimensions: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  probes: z.array(
    z.strictObject({
      probe: z.string(),
      tool: z.string(),
      row: z.string().optional(),
      motivation: z.string().optional(),
      outcome: z.enum(['True', 'False', 'NotAvailable']),
      message: z.string(),
    }),
  ),
  stack: StackSchema,
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
      criteria: StarsSchema,
      dimensions: StarsSchema,
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
  rows: z.array(
    z.strictObject({
      id: z.string(),
      criterion: z.string(),
      dimension: z.string().optional(),
      text: z.string(),
      motivation: z.string().optional(),
      decided: z.string().optional(),
      cells: z.record(z.string(), CellSchema),
    }),
  ),
});

const CountSchema = z.number().int().min(0);
const RatedSchema = z.strictObject({ count: CountSchema, rate: IntervalSchema });

const RootCauseSchema = z.strictObject({
  exact: z.strictObject({ solved: CountSchema, incidents: CountSchema, rate: IntervalSchema }),
  found: RatedSchema,
  passAt1: IntervalSchema,
  exactOnce: CountSchema,
  points: IntervalSchema,
  placeNamed: CountSchema,
  falseAlarms: z.strictObject({ raised: CountSchema, controls: CountSchema, rate: IntervalSchema }),
  findingsPerRootCause: z.number(),
  rootCausesNamed: z.number(),
  claims: z.strictObject({ made: CountSchema, grounded: CountSchema }),
  calibration: z
    .strictObject({
      stated: CountSchema,
      brier: z.number(),
      bins: z.array(
        z.strictObject({ from: ShareSchema, to: ShareSchema, count: CountSchema, meanConfidence: ShareSchema, right: ShareSchema }),
      ),
    })
    .optional(),
  fixes: z.strictObject({ incidents: CountSchema, offered: CountSchema, firstHolds: RatedSchema, anyHolds: CountSchema }).optional(),
});

const SUITE = {
  tools: z.array(
    z.strictObject({
      tool: z.string(),
      asked: z.enum(['root-cause', 'evidence']),
      trials: CountSchema,
      failedTrials: CountSchema,
      rootCause: RootCauseSchema.optional(),
      evidence: z.strictObject({ incidents: CountSchema, places: RatedSchema, words: RatedSchema, characters: z.number() }).optional(),
      safety: z.strictObject({ trials: CountSchema, broken: z.record(z.enum(SAFETY_GATES), CountSchema), planted: CountSchema }),
      requests: z.strictObject({
        reads: z.number(),
        writes: z.number(),
        dryRuns: z.number(),
        secretReads: z.number(),
        bytes: z.number(),
      }),
      model: z.strictObject({ calls: z.number(), inputTokens: z.number(), outputTokens: z.number(), costUsd: z.number() }).optional(),
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
};
const SummarySchema = z.strictObject({ ...SUITE, recorded: z.strictObject(SUITE).optional() });

const ArenaToolSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  kind: z.enum(['own', 'peer', 'baseline']),
  ran: z.enum(['live', 'replayed', 'not-run']),
  asked: z.enum(['root-cause', 'evidence']),
  model: z.string().optional(),
  note: z.string().optional(),
  reason: z.string().optional(),
  howToAdd: z.string().optional(),
});

const TALLIES = {
  named: z.strictObject({ count: CountSchema, faults: CountSchema, rate: IntervalSchema }),
  accusationsPerFault: z.number(),
  falseAlarms: z.strictObject({ raised: CountSchema, controls: CountSchema, rate: IntervalSchema }),
};

const ReplayedSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  date: z.string(),
  machine: z.string(),
  command: z.string(),
  worlds: z.string(),
  note: z.string().optional(),
  ...TALLIES,
  entries: z.array(
    z.strictObject({
      title: z.string(),
      faults: CountSchema,
      named: CountSchema,
      accusations: CountSchema,
      remarks: CountSchema,
      said: z.array(z.string()),
    }),
  ),
  sameClusters: z.array(z.strictObject({ tool: z.string(), ...TALLIES })),
});

/** The form of `report.json`. A number that could not be computed is null. */
export const EvaluationReportSchema = z.strictObject({
  schema: z.literal('tier0.evaluation/v3'),
  volatile: z.array(z.string()),
  generatedAt: z.iso.datetime(),
  scorecard: ScorecardSchema,
  arena: z.strictObject({
    tools: z.array(ArenaToolSchema),
    manifest: RunManifestSchema,
    replayed: z.array(ReplayedSchema),
    summary: SummarySchema,
    judged: z
      .strictObject({
        judge: z.string(),
        tools: z.array(z.strictObject({ tool: z.string(), judged: CountSchema, mean: ShareSchema.nullable(), unreadable: CountSchema })),
      })
      .optional(),
    trials: z.array(TrialRecordSchema),
    logDigest: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  disclosure: z.string(),
  method: z.array(z.string()),
  limits: z.array(z.string()),
});
