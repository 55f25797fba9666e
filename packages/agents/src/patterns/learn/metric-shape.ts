/** Course of a series, without its unit and scale. */
export type MetricShape = 'level' | 'rising' | 'falling' | 'step-up' | 'step-down' | 'spike' | 'saw-tooth';

/** Fewer values have no course. */
const FEWEST = 8;

/** Says what course some equally spaced values take; undefined for too few. Pure, and the same for any unit and scale. */
export function metricShapeOf(values: readonly number[]): MetricShape | undefined {
  const known = values.filter(Number.isFinite);
  if (known.length < FEWEST) return undefined;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const range = high - low;
  if (range <= 0.05 * Math.max(Math.abs(low), Math.abs(high))) return 'level';
  const scaled = known.map((value) => (value - low) / range);
  const drops = scaled.filter((value, i) => i > 0 && (scaled[i - 1] as number) - value > 0.5).length;
  const rises = scaled.filter((value, i) => i > 0 && value - (scaled[i - 1] as number) > 0.5).length;
  if (drops >= 2 && rises < drops) return 'saw-tooth';
  if (drops >= 1 && rises >= 1) return 'spike';
  if (rises === 1) return 'step-up';
  if (drops === 1) return 'step-down';
  const third = Math.floor(scaled.length / 3);
  const difference = mean(scaled.slice(-third)) - mean(scaled.slice(0, third));
  if (Math.abs(difference) < 0.3) return 'level';
  return difference > 0 ? 'rising' : 'falling';
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
