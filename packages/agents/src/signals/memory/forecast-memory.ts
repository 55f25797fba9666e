import { currentSegment, fallsIn, troughs } from './memory-segments.ts';
import { median, type Point, type Trend, theilSen, valueAt } from './theil-sen.ts';

/** How much has to be known before a forecast is made. */
export interface ForecastOptions {
  /** Samples of the running process needed to say anything. Default 12. */
  readonly minimumSamples?: number | undefined;
  /** When the process is known to have started, milliseconds since the epoch; an empty list: known never to have restarted. Absent: guessed. */
  readonly restartsAtMs?: readonly number[] | undefined;
}

/** Where memory can be expected at one moment. */
export interface BandSample {
  readonly atMs: number;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** What a memory series says about its future. Values are in bytes, slopes in bytes per millisecond. */
export type MemoryForecast =
  | { readonly trend: 'insufficient'; readonly samples: number; readonly reason: string }
  | {
      readonly trend: 'rising' | 'flat' | 'sawtooth';
      /** Samples of the running process. */
      readonly samples: number;
      /** When the samples of the running process begin and end. */
      readonly fromMs: number;
      readonly toMs: number;
      readonly slopePerMs: number;
      /** 99 % confidence interval of the slope. */
      readonly slopeLow: number;
      readonly slopeHigh: number;
      /** Level of the line at `toMs`, and the highest sample. */
      readonly level: number;
      readonly peak: number;
      /** Lowest sample of the running process: where it starts again after a restart. */
      readonly floor: number;
      /** When the limit is reached at the measured slope; absent when it is not rising. */
      readonly reachesLimitAtMs?: number | undefined;
      /** The same at the steep end of the interval, and at its gentle end. */
      readonly earliestMs?: number | undefined;
      readonly latestMs?: number | undefined;
      /** From `toMs` to the latest time, evenly; empty when not rising. */
      readonly band: readonly BandSample[];
    };

/** 99 % two-sided, so that noise rarely looks like a leak. */
const Z_99 = 2.575829;
/** Teeth needed to tell a rising floor from a level one. */
const MINIMUM_TROUGHS = 5;
/** A rise of less than this part of the limit over all samples is not worth a word. */
const MATERIAL = 0.02;
/** One step up explains the series better than a slope when its residuals are this much smaller. */
const STEP_EXPLAINS = 0.8;
const BAND_SAMPLES = 8;

/** Forecasts when memory reaches its limit. Pure. Rising means: the floor rises, in all of the series and in its latest parts too. */
export function forecastMemory(points: readonly Point[], limitBytes: number, options: ForecastOptions = {}): MemoryForecast {
  const { minimumSamples = 12, restartsAtMs } = options;
  const segment = currentSegment(clean(points), limitBytes, restartsAtMs);
  if (segment.length < minimumSamples) {
    return {
      trend: 'insufficient',
      samples: segment.length,
      reason: `${segment.length} samples of the running process, ${minimumSamples} needed`,
    };
  }
  const falls = fallsIn(segment);
  const isSawtooth = falls.length >= 2;
  const envelope = isSawtooth ? troughs(segment, falls) : segment;
  const trend = theilSen(envelope.length >= MINIMUM_TROUGHS || !isSawtooth ? envelope : segment, Z_99);
  if (!trend) return { trend: 'insufficient', samples: segment.length, reason: 'all samples carry the same time' };
  const amplitude = isSawtooth ? toothHeight(segment, trend) : 0;
  const rising = isRising(envelope, trend, limitBytes) && (!isSawtooth || envelope.length >= MINIMUM_TROUGHS);
  return {
    ...describeSegment(segment, trend, rising, isSawtooth),
    ...(rising ? timesToLimit(segment, trend, amplitude, limitBytes) : { band: [] }),
  };
}

/** Finite, non-negative samples in ascending time; of two at one time the later one given. */
function clean(points: readonly Point[]): readonly Point[] {
  const usable = points.filter(([at, value]) => Number.isFinite(at) && Number.isFinite(value) && value >= 0);
  return [...new Map(usable.map((point) => [point[0], point])).values()].sort((a, b) => a[0] - b[0]);
}

function isRising(envelope: readonly Point[], trend: Trend, limit: number): boolean {
  const span = (envelope.at(-1)?.[0] ?? 0) - (envelope[0]?.[0] ?? 0);
  if (trend.low <= 0 || trend.slope * span < MATERIAL * limit) return false;
  return stillRises(envelope, 2) && stillRises(envelope, 4) && !isOneStep(envelope, trend);
}

/** Whether the last part (a half, a quarter) rises as well; too short a part says nothing against it. */
function stillRises(points: readonly Point[], parts: number): boolean {
  const tail = points.slice(-Math.ceil(points.length / parts));
  if (tail.length < 6) return true;
  const trend = theilSen(tail, Z_99);
  // The quarter is short, so its interval is wide: its middle must rise; the half must rise for certain.
  return trend !== undefined && (parts > 2 ? trend.slope > 0 : trend.low > 0);
}

/** Whether two level stretches with one step between them fit better than a line. */
function isOneStep(points: readonly Point[], trend: Trend): boolean {
  const line = sum(points.map(([at, value]) => Math.abs(value - valueAt(trend.pivot, trend.slope, at))));
  const values = points.map(([, value]) => value);
  const stride = Math.max(1, Math.floor(values.length / 32));
  for (let cut = 2; cut <= values.length - 2; cut += stride) {
    const residual = spreadOf(values.slice(0, cut)) + spreadOf(values.slice(cut));
    if (residual < STEP_EXPLAINS * line) return true;
  }
  return false;
}

function spreadOf(values: readonly number[]): number {
  const middle = median(values);
  return sum(values.map((value) => Math.abs(value - middle)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** How far the teeth of a garbage-collected series stand above its floor. */
function toothHeight(segment: readonly Point[], trend: Trend): number {
  return segment.reduce((highest, [at, value]) => Math.max(highest, value - valueAt(trend.pivot, trend.slope, at)), 0);
}

function describeSegment(segment: readonly Point[], trend: Trend, rising: boolean, isSawtooth: boolean) {
  const fromMs = segment[0]?.[0] ?? 0;
  const toMs = segment.at(-1)?.[0] ?? fromMs;
  const values = segment.map(([, value]) => value);
  const shape = isSawtooth ? ('sawtooth' as const) : ('flat' as const);
  return {
    trend: rising ? ('rising' as const) : shape,
    samples: segment.length,
    fromMs,
    toMs,
    slopePerMs: trend.slope,
    slopeLow: trend.low,
    slopeHigh: trend.high,
    level: valueAt(trend.pivot, trend.slope, toMs),
    peak: values.reduce((a, b) => Math.max(a, b)),
    floor: values.reduce((a, b) => Math.min(a, b)),
  };
}

/**
 * Times at which lines through the pivot reach the limit. The early end takes the steep slope and starts a spread above the line;
 * under garbage collection the teeth touch the limit first (early and expected), the floor last (late).
 */
function timesToLimit(segment: readonly Point[], trend: Trend, amplitude: number, limit: number) {
  const [pivotAt, pivotValue] = trend.pivot;
  const toMs = segment.at(-1)?.[0] ?? pivotAt;
  const reach = (slope: number, above: number) => Math.max(toMs, pivotAt + (limit - pivotValue - above) / slope);
  const reachesLimitAtMs = reach(trend.slope, amplitude);
  const earliestMs = Math.min(reachesLimitAtMs, reach(trend.high, amplitude + 2 * trend.spread));
  const latestMs = Math.max(reachesLimitAtMs, reach(trend.low, -2 * trend.spread));
  const band = Array.from({ length: BAND_SAMPLES }, (_, index): BandSample => {
    const atMs = toMs + ((latestMs - toMs) * index) / (BAND_SAMPLES - 1);
    return {
      atMs,
      low: valueAt(trend.pivot, trend.low, atMs) - 2 * trend.spread,
      middle: valueAt(trend.pivot, trend.slope, atMs) + amplitude,
      high: valueAt(trend.pivot, trend.high, atMs) + amplitude + 2 * trend.spread,
    };
  });
  return { reachesLimitAtMs, earliestMs, latestMs, band };
}
