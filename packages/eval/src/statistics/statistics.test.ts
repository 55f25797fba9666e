import { expect, test } from 'vitest';
import { clusteredBootstrap, pairedBootstrap, quantile } from './bootstrap.ts';
import { drawDirichlet } from './dirichlet.ts';
import { mcnemarExact } from './mcnemar.ts';
import { createRandom } from './random.ts';
import { wilsonInterval } from './wilson.ts';

// Newcombe 1998, Table I, method 3.
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('the Wilson interval of %i in %i is the published one', (successes, trials, low, high) => {
  const interval = wilsonInterval(successes, trials);

  expect(interval.low).toBeCloseTo(low, 4);
  expect(interval.high).toBeCloseTo(high, 4);
});

test('no trials say nothing: the interval is everything', () => {
  expect(wilsonInterval(0, 0)).toMatchObject({ low: 0, high: 1 });
});

test('the exact McNemar test of 121 against 59 discordant pairs gives the p-value of the binomial test', () => {
  expect(mcnemarExact(59, 121)).toBeCloseTo(4.434e-6, 9);
  expect(mcnemarExact(121, 59)).toBe(mcnemarExact(59, 121));
});

test('five wins to nothing are not significant: 2 / 2^5', () => {
  expect(mcnemarExact(5, 0)).toBeCloseTo(0.0625, 10);
  expect(mcnemarExact(0, 0)).toBe(1);
});

test('the same seed gives the same interval, another seed another one', () => {
  const clusters = Array.from({ length: 12 }, (_, index) => [index / 11, index / 11]);

  expect(clusteredBootstrap(clusters, { seed: 7 })).toEqual(clusteredBootstrap(clusters, { seed: 7 }));
  expect(clusteredBootstrap(clusters, { seed: 7 })).not.toEqual(clusteredBootstrap(clusters, { seed: 8 }));
});

test('the bootstrap interval of a mean has the width that theory gives', () => {
  const values = Array.from({ length: 100 }, (_, index) => index % 2);
  const { estimate, low, high } = clusteredBootstrap(
    values.map((value) => [value]),
    { seed: 1 },
  );

  expect(estimate).toBe(0.5);
  expect(low).toBeCloseTo(0.5 - 1.96 * 0.05, 1);
  expect(high).toBeCloseTo(0.5 + 1.96 * 0.05, 1);
});

test('ten repeats of one scenario do not narrow the interval, ten scenarios do', () => {
  const width = (clusters: readonly (readonly number[])[]) => {
    const { low, high } = clusteredBootstrap(clusters, { seed: 3 });
    return high - low;
  };
  const few = width([Array(10).fill(1), Array(10).fill(0)]);
  const many = width(Array.from({ length: 20 }, (_, index) => [index % 2]));

  expect(few).toBe(1);
  expect(many).toBeLessThan(0.5);
});

test('a paired difference that is always the same has an interval of no width', () => {
  expect(pairedBootstrap([[[1, 0]], [[1, 0]]], { seed: 1 })).toEqual({ estimate: 1, low: 1, high: 1 });
});

test('quantiles interpolate as R and NumPy do', () => {
  expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
});

test('Dirichlet draws add up to 1 and have the mean and variance of the textbook', () => {
  const random = createRandom(42);
  const alphas = [5, 4, 3, 3, 3, 2];
  const draws = Array.from({ length: 20_000 }, () => drawDirichlet(alphas, random));
  const firsts = draws.map((draw) => draw[0]!);
  const mean = firsts.reduce((sum, value) => sum + value, 0) / firsts.length;
  const variance = firsts.reduce((sum, value) => sum + (value - mean) ** 2, 0) / firsts.length;

  expect(draws[0]!.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
  expect(mean).toBeCloseTo(0.25, 2);
  expect(variance).toBeCloseTo((0.25 * 0.75) / 21, 3);
});
