/**
 * Exact two-sided p-value of McNemar's test: of the pairs on which two tools differ, how likely is a split this uneven by chance?
 * Source: Q. McNemar, Psychometrika 12 (1947), with the binomial distribution instead of the chi-square approximation.
 */
export function mcnemarExact(onlyFirst: number, onlySecond: number): number {
  const different = onlyFirst + onlySecond;
  if (different === 0) return 1;
  let tail = 0;
  let logTerm = -different * Math.LN2; // log of C(n, 0) / 2^n
  for (let count = 0; count <= Math.min(onlyFirst, onlySecond); count++) {
    if (count > 0) logTerm += Math.log((different - count + 1) / count);
    tail += Math.exp(logTerm);
  }
  return Math.min(1, 2 * tail);
}
