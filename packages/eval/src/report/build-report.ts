import type { RunVerdict } from '../arena/verify-run.ts';
import type { Capabilities } from '../scorecard/capabilities.ts';
import { rankStability } from '../scorecard/rank-stability.ts';
import { scoreCapabilities, staleDays } from '../scorecard/score-capabilities.ts';
import type { EvaluationReport, ScorecardEntry, ScorecardReport } from './evaluation-report.ts';

export interface ReportInput {
  readonly capabilities: Capabilities;
  /** The run, read back from its log. */
  readonly run: Pick<RunVerdict, 'manifest' | 'trials' | 'summary'>;
  /** SHA-256 of the log. */
  readonly logDigest: string;
  readonly seed: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const DRAWS = 10_000;

const DISCLOSURE =
  'The authors of this evaluation field one of the contestants, tier0. Its failing cells and wrong answers stay in the tables, the scenarios and the rating are files in the same repository, and anybody can dispute a cell or a result with a change to them.';

/** Fixed wording: what the numbers cannot say. */
const LIMITS = [
  'The capability matrix was rated by one person from repositories and documents; a second rater has not confirmed it.',
  'The rows lean to breadth, so a specialist scores low by design. The scorecard says what a tool covers, not how well it works.',
  'The incidents were written by the authors of tier0. A few incidents decide little: read the intervals, not the order.',
  'Incidents are recordings of one moment. Tools that watch a living cluster, change it or ask follow-up questions cannot show that here.',
  'Every tool is given the recorded metrics, but only a tool that reads series can use them; an incident that only metrics show favours such a tool.',
  'Answers in prose are mapped to the vocabulary of causes by a list of wordings, the same for all tools. The mapping can be wrong in both directions.',
  'Times include the embedded cluster on the same machine. Compare them within this run only.',
  'Tools that were not run have no result. Nothing was estimated or copied from elsewhere.',
];

/** Computes the report from the capability matrix and a run. Pure: the same input gives the same report. */
export function buildReport(input: ReportInput): EvaluationReport {
  return {
    schema: 'tier0.evaluation/v1',
    generatedAt: new Date(input.now).toISOString(),
    scorecard: buildScorecard(input),
    arena: {
      manifest: input.run.manifest,
      summary: input.run.summary,
      trials: input.run.trials.map((trial) => ({ ...trial, raw: '' })),
      logDigest: input.logDigest,
    },
    disclosure: DISCLOSURE,
    limits: LIMITS,
  };
}

function buildScorecard({ capabilities, seed, now }: ReportInput): ScorecardReport {
  const scores = new Map(scoreCapabilities(capabilities).map((score) => [score.tool, score]));
  const asRated = new Map(scoreCapabilities(capabilities, { capDocumentation: false }).map((score) => [score.tool, score]));
  const entries = rankStability(capabilities, { seed, draws: DRAWS }).map((stability): ScorecardEntry => {
    const tool = capabilities.tools.find(({ id }) => id === stability.tool)!;
    const score = scores.get(tool.id)!;
    return {
      tool,
      own: tool.repository === undefined,
      criteria: score.criteria,
      total: score.total,
      totalAsRated: asRated.get(tool.id)!.total,
      coverage: score.coverage,
      cappedCells: score.capped,
      staleDays: staleDays(tool.committed, now),
      stability,
    };
  });
  return { seed, draws: DRAWS, criteria: capabilities.criteria, entries, rows: capabilities.rows };
}
