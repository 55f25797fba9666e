import { describe, expect, test } from 'vitest';
import { forecastMemory } from './forecast-memory.ts';
import type { Point } from './theil-sen.ts';

const MIB = 2 ** 20;
const LIMIT = 256 * MIB;
const MINUTE = 60_000;
const SEEDS = Array.from({ length: 25 }, (_, index) => index + 1);

/** Mulberry32: small, seeded, good enough for noise. */
function random(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One sample a minute with noise of `noise` MiB to either side. */
function series(count: number, level: (minute: number) => number, { seed = 1, noise = 1 } = {}): readonly Point[] {
  const next = random(seed);
  return Array.from({ length: count }, (_, minute) => [minute * MINUTE, (level(minute) + noise * (2 * next() - 1)) * MIB] as const);
}

describe.each(SEEDS)('with noise of seed %i', (seed) => {
  test('a level series never looks like a leak', () => {
    expect(
      forecastMemory(
        series(120, () => 200, { seed, noise: 8 }),
        LIMIT,
      ).trend,
    ).not.toBe('rising');
  });

  test('garbage collection around a constant floor never looks like a leak', () => {
    expect(
      forecastMemory(
        series(120, (minute) => 80 + 9 * (minute % 11), { seed }),
        LIMIT,
      ).trend,
    ).toBe('sawtooth');
    expect(
      forecastMemory(
        series(120, (minute) => 80 + 9 * ((minute + 6) % 11), { seed }),
        LIMIT,
      ).trend,
    ).toBe('sawtooth');
    expect(
      forecastMemory(
        series(117, (minute) => 80 + 3 * (minute % 30), { seed }),
        LIMIT,
        { restartsAtMs: [] },
      ).trend,
    ).not.toBe('rising');
  });

  test('one step up, wherever it comes, is no leak', () => {
    for (const at of [30, 60, 90, 108]) {
      expect(
        forecastMemory(
          series(120, (minute) => (minute < at ? 100 : 160), { seed, noise: 2 }),
          LIMIT,
        ).trend,
      ).not.toBe('rising');
    }
  });

  test('a linear leak is foreseen, and the band holds the true time', () => {
    const forecast = forecastMemory(
      series(90, (minute) => 80 + minute, { seed, noise: 3 }),
      LIMIT,
    );
    if (forecast.trend !== 'rising') throw new Error(forecast.trend);
    const truth = 176 * MINUTE;
    expect(forecast.earliestMs).toBeLessThanOrEqual(truth);
    expect(forecast.latestMs).toBeGreaterThanOrEqual(truth);
    expect(Math.abs((forecast.reachesLimitAtMs ?? 0) - truth)).toBeLessThan(8 * MINUTE);
  });

  test('a leak under garbage collection is foreseen by its rising floor', () => {
    const forecast = forecastMemory(
      series(180, (minute) => 60 + 0.5 * minute + 4 * (minute % 10), { seed }),
      LIMIT,
    );
    expect(forecast.trend).toBe('rising');
  });
});

test('a leak that was killed and started again is foreseen from the new start', () => {
  const leak = series(240, (minute) => 60 + 2 * (minute % 98), { noise: 1 });
  const forecast = forecastMemory(leak, LIMIT);
  if (forecast.trend !== 'rising') throw new Error(forecast.trend);
  expect(forecast.fromMs).toBe(196 * MINUTE);
  expect(Math.abs((forecast.reachesLimitAtMs ?? 0) - 294 * MINUTE)).toBeLessThan(5 * MINUTE);
});

test('a known restart begins anew, so that what was before does not count', () => {
  const points = series(80, (minute) => (minute < 60 ? 60 + 2 * minute : 60), { noise: 1 });
  const forecast = forecastMemory(points, LIMIT, { restartsAtMs: [60 * MINUTE] });
  expect(forecast).toMatchObject({ trend: 'flat', samples: 20 });
});

test('a restart that only the series shows begins anew as well', () => {
  const forecast = forecastMemory(
    series(120, (minute) => 60 + (minute < 60 ? minute : minute - 60)),
    LIMIT,
  );
  expect(forecast).toMatchObject({ trend: 'rising', fromMs: 60 * MINUTE });
});

test('gaps change nothing, and what is no number is left out', () => {
  const leak = series(120, (minute) => 60 + minute).filter((_, index) => index < 30 || index > 55);
  const forecast = forecastMemory([...leak, [5.5 * MINUTE, Number.NaN], [6.5 * MINUTE, -1]], LIMIT);
  expect(forecast).toMatchObject({ trend: 'rising', samples: leak.length });
});

test('too few samples are said, not guessed', () => {
  expect(
    forecastMemory(
      series(5, (minute) => 60 + 10 * minute),
      LIMIT,
    ),
  ).toMatchObject({ trend: 'insufficient', samples: 5 });
  expect(forecastMemory([], LIMIT).trend).toBe('insufficient');
  expect(
    forecastMemory(
      Array.from({ length: 20 }, () => [1, 1] as const),
      LIMIT,
    ).trend,
  ).toBe('insufficient');
});
