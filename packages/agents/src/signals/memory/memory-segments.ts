import { median, type Point } from './theil-sen.ts';

/** A fall counts as one when it takes away this much of the series' range, and more than noise does. */
const FALL_OF_RANGE = 0.25;
const FALL_OF_NOISE = 6;
/** ... and at least this part of the highest value: smaller teeth are noise. */
const FALL_OF_PEAK = 0.05;
/** From this part of the limit on, a fall is a kill and a new start, not a collection of garbage. */
const NEAR_LIMIT = 0.9;
/** A fall this far below everything seen before is a new process. */
const BELOW_FLOOR = 0.8;

/** Positions of points that lie right after a sudden fall. */
export function fallsIn(points: readonly Point[]): readonly number[] {
  const values = points.map(([, value]) => value);
  const peak = values.reduce((a, b) => Math.max(a, b), 0);
  const range = peak - values.reduce((a, b) => Math.min(a, b), peak);
  const steps = values.slice(1).map((value, index) => value - (values[index] ?? value));
  const noise = median(steps.map(Math.abs));
  const threshold = Math.max(FALL_OF_RANGE * range, Math.min(FALL_OF_NOISE * noise, 0.5 * range), FALL_OF_PEAK * peak);
  return steps.flatMap((step, index) => (step < 0 && -step >= threshold ? [index + 1] : []));
}

/**
 * The samples of the running process: after the last known restart, or where restarts are not known, after the last fall that looks
 * like one: from near the limit, far below everything before, or back to the start once and never again.
 */
export function currentSegment(points: readonly Point[], limit: number, restartsAtMs: readonly number[] | undefined): readonly Point[] {
  const known = restartsAtMs
    ?.filter((at) => at <= (points.at(-1)?.[0] ?? 0))
    .sort((a, b) => a - b)
    .at(-1);
  const alive = known === undefined ? points : points.filter(([at]) => at >= known);
  const falls = fallsIn(alive);
  const restarts = falls.filter(
    (index) => isRestart(alive, index, limit) || (restartsAtMs === undefined && isLoneReturn(alive, falls, index)),
  );
  return alive.slice(restarts.at(-1) ?? 0);
}

function isRestart(points: readonly Point[], index: number, limit: number): boolean {
  const before = points[index - 1]?.[1] ?? 0;
  const after = points[index]?.[1] ?? 0;
  const floor = points.slice(0, index).reduce((lowest, [, value]) => Math.min(lowest, value), Number.POSITIVE_INFINITY);
  return before >= NEAR_LIMIT * limit || after < BELOW_FLOOR * floor;
}

/** One single fall back to (or below) the first value: garbage collection would have fallen more than once. */
function isLoneReturn(points: readonly Point[], falls: readonly number[], index: number): boolean {
  const start = points[0]?.[1] ?? 0;
  const before = points[index - 1]?.[1] ?? 0;
  return falls.length === 1 && (points[index]?.[1] ?? 0) <= start + 0.1 * (before - start);
}

/** The lower envelope of a garbage-collected series: the lowest sample between two falls. */
export function troughs(points: readonly Point[], falls: readonly number[]): readonly Point[] {
  const bounds = [...falls, points.length];
  return falls.flatMap((from, index) => {
    const tooth = points.slice(from, bounds[index + 1]);
    const lowest = tooth.reduce<Point | undefined>((best, point) => (best && best[1] <= point[1] ? best : point), undefined);
    return lowest ? [lowest] : [];
  });
}
