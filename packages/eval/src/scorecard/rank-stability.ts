import { quantile } from '../statistics/bootstrap.ts';
import { drawDirichlet } from '../statistics/dirichlet.ts';
import { createRandom } from '../statistics/random.ts';
import type { Capabilities } from './capabilities.ts';
import { type ScoringOptions, scoreCapabilities, type ToolScore } from './score-capabilities.ts';

/** How widely the weights are varied to see whether the order holds. */
export interface StabilityOptions extends ScoringOptions {
  readonly seed: number;
  /** Weight draws. Default 10,000. */
  readonly draws?: number | undefined;
  /** Concentration of the Dirichlet distribution around the weights of the file. Default 20. */
  readonly concentration?: number | undefined;
}

/** How firmly a tool holds its place when the weights are not exactly those of the file. */
export interface ToolStability {
  readonly tool: string;
  /** First and last place of the group it shares: equal when the place is its own. */
  readonly place: readonly [first: number, last: number];
  /** Share of the weight draws in which it came 1st, 2nd, ... */
  readonly rankProbabilities: readonly number[];
  /** Total over the weight draws, 2.5 % to 97.5 %. */
  readonly totalInterval: readonly [low: number, high: number];
  /** Total with "partial" worth 0.25 and 0.75. */
  readonly partialRange: readonly [low: number, high: number];
  /** Rank without one criterion, by criterion id. */
  readonly rankWithout: Readonly<Record<string, number>>;
}

/** Below this share of draws an order is not decided. */
const DECIDED = 0.8;
const PARTIAL_WORTH = [0.25, 0.75] as const;

/** Ranks under changed weights and changed worth of "partial", best first. Pure: the seed decides the draws. */
export function rankStability(capabilities: Capabilities, options: StabilityOptions): readonly ToolStability[] {
  const scores = byTotal(scoreCapabilities(capabilities, options));
  const order = scores.map(({ tool }) => tool);
  const totals = drawTotals(capabilities, scores, options);
  const ranks = totals.map(ranksOf);
  const partials = PARTIAL_WORTH.map((partial) => totalsByTool(scoreCapabilities(capabilities, { ...options, partial })));
  const decided = order.slice(0, -1).map((_, index) => isDecided(index + 1, { order, ranks, partials }));
  const without = Object.fromEntries(capabilities.criteria.map(({ id }) => [id, ranksWithout(capabilities, id, options)]));
  return order.map((tool, index) => {
    const sorted = totals.map((row) => row[index]!).sort((a, b) => a - b);
    return {
      tool,
      place: placeOf(index, decided),
      rankProbabilities: order.map((_, rank) => ranks.filter((row) => row[index] === rank + 1).length / ranks.length),
      totalInterval: [quantile(sorted, 0.025), quantile(sorted, 0.975)],
      partialRange: [partials[0]!.get(tool)!, partials[1]!.get(tool)!],
      rankWithout: Object.fromEntries(Object.entries(without).map(([criterion, rankOf]) => [criterion, rankOf.get(tool)!])),
    };
  });
}

function byTotal(scores: readonly ToolScore[]): readonly ToolScore[] {
  return [...scores].sort((a, b) => b.total - a.total || (a.tool < b.tool ? -1 : 1));
}

function totalsByTool(scores: readonly ToolScore[]): ReadonlyMap<string, number> {
  return new Map(scores.map(({ tool, total }) => [tool, total]));
}

/** One row for each draw of weights, one total for each tool in the given order. */
function drawTotals(capabilities: Capabilities, scores: readonly ToolScore[], options: StabilityOptions): readonly (readonly number[])[] {
  const random = createRandom(options.seed);
  const alphas = capabilities.criteria.map(({ weight }) => weight * (options.concentration ?? 20));
  return Array.from({ length: options.draws ?? 10_000 }, () => {
    const weights = drawDirichlet(alphas, random);
    return scores.map(({ criteria }) =>
      totalOf(
        criteria.map(({ stars }) => stars),
        weights,
      ),
    );
  });
}

function totalOf(stars: readonly (number | undefined)[], weights: readonly number[]): number {
  let total = 0;
  let weightSum = 0;
  for (const [index, value] of stars.entries()) {
    if (value === undefined) continue;
    total += value * weights[index]!;
    weightSum += weights[index]!;
  }
  return total / weightSum;
}

/** Rank of each total, 1 = highest; equal totals share the better rank's order of the list. */
function ranksOf(totals: readonly number[]): readonly number[] {
  const order = totals.map((_, index) => index).sort((a, b) => totals[b]! - totals[a]! || a - b);
  const ranks = new Array<number>(totals.length);
  for (const [rank, index] of order.entries()) ranks[index] = rank + 1;
  return ranks;
}

interface Decision {
  readonly order: readonly string[];
  readonly ranks: readonly (readonly number[])[];
  readonly partials: readonly ReadonlyMap<string, number>[];
}

/**
 * Whether the line below the first `count` tools is firm: the same tools stay above it in at least 80 % of the weight draws, and whatever
 * "partial" is worth, the one just above stays ahead of the one just below.
 */
function isDecided(count: number, { order, ranks, partials }: Decision): boolean {
  const holds = ranks.filter((row) => row.slice(0, count).every((rank) => rank <= count)).length / ranks.length;
  const above = order[count - 1]!;
  const below = order[count]!;
  return holds >= DECIDED && partials.every((totals) => totals.get(above)! > totals.get(below)!);
}

function placeOf(index: number, decided: readonly boolean[]): readonly [number, number] {
  let first = index;
  while (first > 0 && !decided[first - 1]) first--;
  let last = index;
  while (last < decided.length && !decided[last]) last++;
  return [first + 1, last + 1];
}

function ranksWithout(capabilities: Capabilities, criterion: string, options: ScoringOptions): ReadonlyMap<string, number> {
  const weights = Object.fromEntries(capabilities.criteria.map(({ id, weight }) => [id, id === criterion ? 0 : weight]));
  const ordered = byTotal(scoreCapabilities(capabilities, { ...options, weights }));
  return new Map(ordered.map(({ tool }, index) => [tool, index + 1]));
}
