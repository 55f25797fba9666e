import { seededRandom } from '../../../loop/guard/testing/seeded-random.ts';

/** A workload's memory as it was for fourteen days, and as it went on for seven more. */
export interface MadeUsage {
  readonly shape: Shape;
  readonly seen: readonly (readonly [number, number])[];
  readonly after: readonly (readonly [number, number])[];
  /** Limit it ran under while it was seen, bytes: what came near it was cut. */
  readonly memoryLimit?: number | undefined;
}

type Shape = keyof typeof SHAPES;

interface Moment {
  /** Days since the beginning. */
  readonly day: number;
  /** Normal deviate. */
  readonly noise: number;
  /** 0 to 1. */
  readonly luck: number;
  /** Drawn once for the workload, 0 to 1. */
  readonly trait: number;
}

const wave = (day: number) => Math.max(0, Math.sin((day - 0.3) * 2 * Math.PI));

/** Use in multiples of what the workload needs when idle. */
const SHAPES = {
  steady: ({ noise }: Moment) => 1 + 0.03 * noise,
  daily: ({ day, noise, trait }: Moment) => 1 + (0.3 + trait) * wave(day) + 0.04 * noise,
  weekly: ({ day, noise, trait }: Moment) => 1 + (0.2 + trait) * wave(day) * (Math.floor(day) % 7 < 5 ? 1 : 0.3) + 0.04 * noise,
  nightly: ({ day, noise, trait }: Moment) => 1 + 0.02 * noise + (day % 1 > 0.08 && day % 1 < 0.11 ? 1 + trait + 0.1 * noise : 0),
  spiky: ({ noise, luck, trait }: Moment) =>
    1 + 0.03 * noise + (luck < 0.01 ? Math.min(3, 0.2 * (luck * 100) ** -(0.15 + 0.2 * trait)) : 0),
  growing: ({ day, noise, trait }: Moment) => 1 + (0.01 + 0.03 * trait) * day + 0.02 * noise,
  leaking: ({ day, noise, trait }: Moment) => 1 + 0.25 * (day % (2 + 2 * trait)) + 0.02 * noise,
  filling: ({ day, noise, trait }: Moment) => 1 + (1 + trait) * (1 - Math.exp(-day / 2)) + 0.02 * noise,
  stepped: ({ day, noise, trait }: Moment) => (day > 8 ? 1.3 + 0.4 * trait : 1) + 0.03 * noise,
  rare: ({ day, noise, trait }: Moment) => 1 + 0.03 * noise + ((day + 3 * trait) % 6 < 0.05 ? 0.8 + 0.2 * noise : 0),
  cut: ({ day, noise, trait }: Moment) => 1 + (0.4 + 0.4 * trait) * wave(day) + 0.05 * noise,
} satisfies Readonly<Record<string, (moment: Moment) => number>>;

const START = Date.parse('2026-11-01T00:00:00Z');
const STEP_DAYS = 1 / 96;

/** Workloads of every shape in turn, the same for the same seed. */
export function makeUsages(count: number, seed: number): readonly MadeUsage[] {
  const random = seededRandom(seed);
  const shapes = Object.keys(SHAPES) as Shape[];
  return Array.from({ length: count }, (_, index) => makeUsage(shapes[index % shapes.length] as Shape, random));
}

function makeUsage(shape: Shape, random: () => number): MadeUsage {
  const idle = 2 ** 20 * (40 + 2_000 * random() ** 3);
  const trait = random();
  const points = Array.from({ length: Math.round(21 / STEP_DAYS) }, (_, index): readonly [number, number] => {
    const day = index * STEP_DAYS;
    const use = SHAPES[shape]({ day, trait, noise: normal(random), luck: random() });
    return [START + day * 86_400_000, idle * Math.max(0.1, use)];
  });
  const seen = points.filter(([at]) => at < START + 14 * 86_400_000);
  const after = points.slice(seen.length);
  if (shape !== 'cut') return { shape, seen, after };
  const memoryLimit = 0.8 * Math.max(...seen.map(([, value]) => value));
  return { shape, seen: seen.map(([at, value]) => [at, Math.min(value, 0.99 * memoryLimit)]), after, memoryLimit };
}

/** Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** What a limit and a reservation were worth in the week after. */
export interface SizeWorth {
  /** Whether it would have been killed. */
  readonly killed: boolean;
  /** Share of what was reserved and not used, 0 to 1, on the mean. */
  readonly waste: number;
  /** Share of the limit that was not used, 0 to 1, on the mean. */
  readonly headroom: number;
}

/** Judges sizes by what came after. */
export function worthOf(
  { after }: MadeUsage,
  { memoryRequest, memoryLimit }: { readonly memoryRequest: number; readonly memoryLimit: number },
): SizeWorth {
  const mean = after.reduce((sum, [, value]) => sum + value, 0) / after.length;
  const unused = (reserved: number) => Math.max(0, 1 - mean / reserved);
  return { killed: after.some(([, value]) => value > memoryLimit), waste: unused(memoryRequest), headroom: unused(memoryLimit) };
}
