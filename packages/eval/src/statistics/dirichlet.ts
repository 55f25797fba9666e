import type { Random } from './random.ts';

/** One draw of a Dirichlet distribution: positive parts that add up to 1. Each part's mean is its share of `alphas`. */
export function drawDirichlet(alphas: readonly number[], random: Random): readonly number[] {
  const gammas = alphas.map((alpha) => drawGamma(alpha, random));
  const total = gammas.reduce((sum, gamma) => sum + gamma, 0);
  return gammas.map((gamma) => gamma / total);
}

/** Gamma(shape, 1) by G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000). */
function drawGamma(shape: number, random: Random): number {
  if (shape < 1) return drawGamma(shape + 1, random) * positive(random) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = drawNormal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(positive(random)) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Standard normal by Box and Muller. */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(positive(random))) * Math.cos(2 * Math.PI * random.next());
}

function positive(random: Random): number {
  return 1 - random.next();
}
