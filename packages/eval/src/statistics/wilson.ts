import type { Interval } from './interval.ts';

const Z_95 = 1.959964;

/**
 * Wilson score interval (95 %) of a rate: sensible for few trials and for 0 or all successes. Without trials it is 0 to 1.
 * Source: R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), method 3.
 */
export function wilsonInterval(successes: number, trials: number): Interval {
  if (trials === 0) return { estimate: Number.NaN, low: 0, high: 1 };
  const rate = successes / trials;
  const z2 = Z_95 ** 2;
  const centre = (rate + z2 / (2 * trials)) / (1 + z2 / trials);
  const margin = (Z_95 * Math.sqrt((rate * (1 - rate)) / trials + z2 / (4 * trials ** 2))) / (1 + z2 / trials);
  return { estimate: rate, low: Math.max(0, centre - margin), high: Math.min(1, centre + margin) };
}
