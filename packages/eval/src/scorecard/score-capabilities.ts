import type { Capabilities, Cell, Criterion } from './capabilities.ts';

/** How the cells of the matrix become a score. */
export interface ScoringOptions {
  /** What "partial" is worth. Default 0.5. */
  readonly partial?: number | undefined;
  /** Whether a cell known from documentation alone counts as partial at most. Default true. */
  readonly capDocumentation?: boolean | undefined;
  /** Weight by criterion id. Default: those of the file. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
}

/** Score of one tool in one criterion. */
export interface CriterionScore {
  readonly criterion: string;
  /** 1 to 5; undefined when no row applies to the tool. */
  readonly stars: number | undefined;
  /** Share of the applicable cells whose basis is a measurement or code, 0 to 1. */
  readonly coverage: number;
  readonly cells: number;
}

/** Score of one tool. */
export interface ToolScore {
  readonly tool: string;
  readonly criteria: readonly CriterionScore[];
  /** By dimension, in the same form. */
  readonly dimensions: readonly CriterionScore[];
  /** Weighted mean of the stars, 1 to 5. */
  readonly total: number;
  readonly coverage: number;
  /** Cells that documentation alone supports and that were counted as partial instead of yes. */
  readonly capped: number;
}

/** Scores every tool: stars = 1 + 4 x mean of its cells, then the weighted mean of the stars. */
export function scoreCapabilities(capabilities: Capabilities, options: ScoringOptions = {}): readonly ToolScore[] {
  return capabilities.tools.map(({ id }) => scoreTool(capabilities, id, options));
}

function scoreTool(capabilities: Capabilities, tool: string, options: ScoringOptions): ToolScore {
  const criteria = capabilities.criteria.map((criterion) =>
    scoreCriterion(cellsOf(capabilities, tool, criterion.id), criterion.id, options),
  );
  const all = capabilities.rows.map((row) => row.cells[tool]!).filter(isAsked);
  const dimensions = (capabilities.dimensions ?? []).map(({ id }) => {
    const own = capabilities.rows.filter((row) => row.dimension === id).map((row) => row.cells[tool]!);
    return scoreCriterion(own, id, options);
  });
  return {
    tool,
    criteria,
    dimensions,
    total: weightedTotal(capabilities.criteria, criteria, options.weights),
    coverage: coverageOf(all),
    capped: options.capDocumentation === false ? 0 : all.filter(isCapped).length,
  };
}

function cellsOf(capabilities: Capabilities, tool: string, criterion: string): readonly Cell[] {
  return capabilities.rows.filter((row) => row.criterion === criterion).map((row) => row.cells[tool]!);
}

function scoreCriterion(cells: readonly Cell[], criterion: string, options: ScoringOptions): CriterionScore {
  const applicable = cells.filter(isApplicable);
  const worth = applicable.reduce((sum, cell) => sum + worthOf(cell, options), 0);
  return {
    criterion,
    stars: applicable.length === 0 ? undefined : 1 + (4 * worth) / applicable.length,
    coverage: coverageOf(cells.filter(isAsked)),
    cells: applicable.length,
  };
}

/** What a cell adds to the mean, 0 to 1. */
export function worthOf(cell: Cell, { partial = 0.5, capDocumentation = true }: ScoringOptions = {}): number {
  if (cell.value === 'no' || cell.value === 'unknown') return 0;
  return cell.value === 'partial' || (capDocumentation && isCapped(cell)) ? partial : 1;
}

/** Whether the cell says yes on documentation alone: documentation and product drift apart. */
export function isCapped(cell: Cell): boolean {
  return cell.value === 'yes' && cell.basis === 'docs';
}

/** Unknown cells count for the coverage and say nothing about the tool. */
function isAsked(cell: Cell): boolean {
  return cell.value !== 'not-applicable';
}

function isApplicable(cell: Cell): boolean {
  return isAsked(cell) && cell.value !== 'unknown';
}

function coverageOf(cells: readonly Cell[]): number {
  if (cells.length === 0) return 0;
  return cells.filter(({ basis }) => basis === 'measured' || basis === 'code').length / cells.length;
}

/** A criterion without an applicable row has no say; the others share its weight. */
function weightedTotal(
  criteria: readonly Criterion[],
  scores: readonly CriterionScore[],
  weights?: Readonly<Record<string, number>>,
): number {
  let total = 0;
  let weightSum = 0;
  for (const [index, { id, weight }] of criteria.entries()) {
    const stars = scores[index]?.stars;
    if (stars === undefined) continue;
    const share = weights?.[id] ?? weight;
    total += share * stars;
    weightSum += share;
  }
  return weightSum === 0 ? 1 : total / weightSum;
}

const DAY_MS = 86_400_000;
/** Days after which a snapshot of a tool says little about the tool of today. */
export const STALE_AFTER_DAYS = 180;

/** Age of the commit that was read, in whole days, when it is older than 180 days; undefined otherwise. */
export function staleDays(committed: string | undefined, now: number): number | undefined {
  if (committed === undefined) return undefined;
  const days = Math.floor((now - Date.parse(`${committed}T00:00:00Z`)) / DAY_MS);
  return days > STALE_AFTER_DAYS ? days : undefined;
}
