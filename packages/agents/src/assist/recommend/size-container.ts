/** One container's use over time. Samples are `[milliseconds since the epoch, value]`, ascending, of all its pods. */
export interface UsageSeries {
  /** Bytes. */
  readonly memory: readonly (readonly [number, number])[];
  /** Cores. */
  readonly cpu: readonly (readonly [number, number])[];
  /** Limit it ran under, bytes. What came near it would have been more. */
  readonly memoryLimit?: number | undefined;
}

/** What a container should ask for. Bytes and cores. */
export interface ContainerSize {
  readonly memoryRequest: number;
  readonly memoryLimit: number;
  readonly cpuRequest: number;
  /** Days the numbers rest on. */
  readonly days: number;
  /** One line each, for people. */
  readonly notes: readonly string[];
}

/** Sizes, or why there are none: too little data is no reason to guess. */
export type SizeVerdict =
  | { readonly state: 'sized'; readonly size: ContainerSize }
  | { readonly state: 'unknown'; readonly reason: string };

const DAY_MS = 86_400_000;
/** Days a size must hold until somebody looks again. */
const HORIZON_DAYS = 7;
/** Probability that the highest peak of the horizon stays below the limit. */
const CONFIDENCE = 0.99;
const LEAST_DAYS = 3;
const LEAST_SAMPLES = 100;
/** No limit is drawn further beyond what was seen, or what its trend leads to: a stranger forecast is a reason to look, not to reserve. */
const MOST_HEADROOM = 2.5;
const LEAST_HEADROOM = 1.05;

/**
 * Requests and limits from what was used. Memory kills when it is exceeded once, so its limit is a forecast of the highest daily peak of the
 * coming week: a Gumbel distribution over the daily peaks (method of moments; E. J. Gumbel, Statistics of Extremes, 1958), on a Theil-Sen line
 * where a Mann-Kendall test finds a trend. What is reserved is the 95th percentile, carried along that line. CPU is only shared when short:
 * its request is the 95th percentile, and it gets no limit.
 */
export function sizeContainer(usage: UsageSeries): SizeVerdict {
  const peaks = dailyPeaks(usage.memory);
  if (peaks.length < LEAST_DAYS || usage.memory.length < LEAST_SAMPLES) {
    return {
      state: 'unknown',
      reason: `${usage.memory.length} samples of ${peaks.length} days: ${LEAST_SAMPLES} of ${LEAST_DAYS} days are needed`,
    };
  }
  const highest = Math.max(...peaks);
  const slope = trendOf(peaks);
  const isCut = usage.memoryLimit !== undefined && highest > 0.95 * usage.memoryLimit;
  const expected = highest + slope * HORIZON_DAYS;
  const forecast = highestPeak(peaks, slope);
  const limit = clamp(Math.max(forecast, isCut ? 1.5 * (usage.memoryLimit ?? 0) : 0), LEAST_HEADROOM * expected, MOST_HEADROOM * expected);
  const request = Math.min(limit, percentile(valuesOf(usage.memory), 0.95) + slope * HORIZON_DAYS);
  const notes = [
    ...(slope > 0 ? [`memory grows by ${mebibytes(slope)} a day: a limit only says when it ends, look for the cause`] : []),
    ...(isCut ? ['memory came up to its limit: how much it would have used is not known'] : []),
    ...(usage.cpu.length < LEAST_SAMPLES ? ['too few samples of CPU: its request is a guess'] : []),
  ];
  const cpuRequest = usage.cpu.length < LEAST_SAMPLES ? GUESSED_CPU : Math.max(0.01, percentile(valuesOf(usage.cpu), 0.95));
  return { state: 'sized', size: { memoryRequest: request, memoryLimit: limit, cpuRequest, days: peaks.length, notes } };
}

const GUESSED_CPU = 0.1;

function valuesOf(points: readonly (readonly [number, number])[]): readonly number[] {
  return points.map(([, value]) => value);
}

/** The highest value of each whole day, counted back from the newest sample; days of which little was seen are left out. */
function dailyPeaks(points: readonly (readonly [number, number])[]): readonly number[] {
  const end = points.at(-1)?.[0] ?? 0;
  const days = new Map<number, { peak: number; samples: number }>();
  for (const [at, value] of points) {
    const day = Math.floor((end - at) / DAY_MS);
    const seen = days.get(day) ?? { peak: 0, samples: 0 };
    days.set(day, { peak: Math.max(seen.peak, value), samples: seen.samples + 1 });
  }
  const usual = percentile(
    [...days.values()].map(({ samples }) => samples),
    0.5,
  );
  const whole = [...days].filter(([, { samples }]) => samples >= usual / 2);
  return whole.sort(([a], [b]) => b - a).map(([, { peak }]) => peak);
}

/** Bytes a day by which peaks rise: the Theil-Sen slope where Mann-Kendall's z is above 2.33 (one-sided 1 %), else 0. Falling counts as level. */
function trendOf(peaks: readonly number[]): number {
  const n = peaks.length;
  const pairs = peaks.flatMap((earlier, i) => peaks.slice(i + 1).map((later, j) => (later - earlier) / (j + 1)));
  const score = pairs.reduce((sum, slope) => sum + Math.sign(slope), 0);
  const z = (score - Math.sign(score)) / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  return z > 2.33 ? Math.max(0, percentile(pairs, 0.5)) : 0;
}

/** The value that the highest of the coming days' peaks stays below with the wanted confidence. */
function highestPeak(peaks: readonly number[], slope: number): number {
  const last = peaks.length - 1;
  const level = peaks.map((peak, day) => peak + slope * (last - day));
  const mean = level.reduce((sum, value) => sum + value, 0) / level.length;
  const deviation = Math.sqrt(level.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (level.length - 1));
  const scale = (deviation * Math.sqrt(6)) / Math.PI;
  const location = mean - 0.577_215_664_9 * scale;
  return location - scale * Math.log(-Math.log(CONFIDENCE ** (1 / HORIZON_DAYS))) + slope * HORIZON_DAYS;
}

/** Nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? 0;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)}Mi`;
}

/** Sizes as manifests write them, rounded up: whole mebibytes and thousandths of a core. */
export function toQuantities({ memoryRequest, memoryLimit, cpuRequest }: ContainerSize) {
  const mebi = (bytes: number) => `${Math.max(1, Math.ceil(bytes / 2 ** 20))}Mi`;
  return { memoryRequest: mebi(memoryRequest), memoryLimit: mebi(memoryLimit), cpuRequest: `${Math.ceil(cpuRequest * 1_000)}m` };
}
