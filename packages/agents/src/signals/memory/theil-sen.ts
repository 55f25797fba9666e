export type Point = readonly [number, number];

/** Slope of a series with its confidence interval, and a point that the line passes through. */
export interface Trend {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  /** Median time and median value. */
  readonly pivot: Point;
  /** Robust spread around the line: 1.4826 x median absolute residual, as for a normal distribution. */
  readonly spread: number;
}

/** Pairs grow with the square; a longer series is thinned to this many points. */
const MAX_POINTS = 160;

/**
 * Theil-Sen estimate: the median of the slopes between all pairs, with the interval that inverts Kendall's test.
 * Sources: H. Theil (1950); P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63 (1968);
 * interval as in R. O. Gilbert, "Statistical Methods for Environmental Pollution Monitoring" (1987), section 16.5.
 */
export function theilSen(points: readonly Point[], z: number): Trend | undefined {
  const thinned = thin(points, MAX_POINTS);
  const slopes = pairSlopes(thinned);
  if (slopes.length === 0) return undefined;
  slopes.sort((a, b) => a - b);
  const n = thinned.length;
  const margin = z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const slope = medianOfSorted(slopes);
  const low = slopes[Math.max(0, Math.floor((slopes.length - margin) / 2) - 1)] ?? slope;
  const high = slopes[Math.min(slopes.length - 1, Math.ceil((slopes.length + margin) / 2))] ?? slope;
  const pivot: Point = [median(thinned.map(([at]) => at)), median(thinned.map(([, value]) => value))];
  const residuals = thinned.map(([at, value]) => Math.abs(value - valueAt(pivot, slope, at)));
  return { slope, low, high, pivot, spread: 1.4826 * median(residuals) };
}

/** Value at `at` of the line through `pivot`. */
export function valueAt(pivot: Point, slope: number, at: number): number {
  return pivot[1] + slope * (at - pivot[0]);
}

export function median(values: readonly number[]): number {
  return medianOfSorted([...values].sort((a, b) => a - b));
}

function medianOfSorted(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function pairSlopes(points: readonly Point[]): number[] {
  const slopes: number[] = [];
  for (const [index, [at, value]] of points.entries()) {
    for (const [laterAt, laterValue] of points.slice(index + 1)) {
      if (laterAt > at) slopes.push((laterValue - value) / (laterAt - at));
    }
  }
  return slopes;
}

/** Evenly chosen points, the first and last kept. */
function thin(points: readonly Point[], limit: number): readonly Point[] {
  if (points.length <= limit) return points;
  return Array.from({ length: limit }, (_, index) => points[Math.round((index * (points.length - 1)) / (limit - 1))] as Point);
}
