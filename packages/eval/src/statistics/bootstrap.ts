import type { Interval } from './interval.ts';
import { createRandom } from './random.ts';

export interface BootstrapOptions {
  readonly seed: number;
  /** Resamples. Default 10,000. */
  readonly draws?: number | undefined;
}

/**
 * Mean of all values with a percentile interval (95 %), resampling whole clusters: repeats of one scenario resemble each other,
 * so they must not count as independent. One cluster gives an interval of no width; read it together with the number of clusters.
 */
export function clusteredBootstrap(clusters: readonly (readonly number[])[], options: BootstrapOptions): Interval {
  const filled = clusters.filter((cluster) => cluster.length > 0);
  if (filled.length === 0) return { estimate: Number.NaN, low: Number.NaN, high: Number.NaN };
  const sums = filled.map((cluster) => ({ sum: cluster.reduce((total, value) => total + value, 0), size: cluster.length }));
  const random = createRandom(options.seed);
  const means = Array.from({ length: options.draws ?? 10_000 }, () => meanOf(sums.map(() => sums[random.below(sums.length)]!)));
  means.sort((a, b) => a - b);
  return { estimate: meanOf(sums), low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

/** Mean difference `first - second` of paired scores, clustered by scenario. An interval that holds 0 decides nothing. */
export function pairedBootstrap(
  pairs: readonly (readonly (readonly [first: number, second: number])[])[],
  options: BootstrapOptions,
): Interval {
  return clusteredBootstrap(
    pairs.map((cluster) => cluster.map(([first, second]) => first - second)),
    options,
  );
}

/** Quantile of sorted values by linear interpolation (type 7 of Hyndman and Fan, 1996; the default of R and NumPy). */
export function quantile(sorted: readonly number[], probability: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = (sorted.length - 1) * probability;
  const below = Math.floor(place);
  const value = sorted[below]!;
  return value + (place - below) * ((sorted[below + 1] ?? value) - value);
}

function meanOf(sums: readonly { readonly sum: number; readonly size: number }[]): number {
  return sums.reduce((total, { sum }) => total + sum, 0) / sums.reduce((total, { size }) => total + size, 0);
}
