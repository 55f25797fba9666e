import { normalized, type Ranker, type RankerQuery } from './ranker.ts';

/** A passage taken out of a text, which a good ranker leads back to that text. */
export interface SelfQuery extends RankerQuery {
  /** Position of the text it was taken from. */
  readonly text: number;
}

/** How much a ranker counts in the sum, and what it reached alone. */
export interface RankerWeight {
  readonly name: string;
  /** 0: left out. The greatest is 1. */
  readonly weight: number;
  /** nDCG@10 of self-retrieval, 0 to 1; undefined where there were too few passages to tell. */
  readonly quality: number | undefined;
}

/** Below this many passages differences between rankers are chance. */
const FEWEST_QUERIES = 20;
/** What is assumed before anything was measured: words are right more often than topics when the corpus is small. */
const PRIOR_WEIGHTS: Readonly<Record<string, number>> = { 'latent-document': 0.5, 'latent-section': 0.5 };

/**
 * A ranker is left out when the sum without it is better by this many standard errors of the difference. Chance alone must not do it: with six
 * rankers asked in turn, one standard error would leave one out in most corpora, three in less than one of a hundred.
 */
const CERTAINTY = 3;

/**
 * Weighs rankers by self-retrieval on the user's own corpus. Each counts as much as it reaches alone; one is left out when the sum is clearly
 * better without it, worst offender first. Pure.
 */
export function calibrate(rankers: readonly Ranker[], queries: readonly SelfQuery[]): readonly RankerWeight[] {
  if (queries.length < FEWEST_QUERIES) {
    return rankers.map(({ name }) => ({ name, weight: PRIOR_WEIGHTS[name] ?? 1, quality: undefined }));
  }
  const scores = queries.map((query) => rankers.map((ranker) => normalized(ranker.rank(query).texts)));
  const alone = rankers.map((_, index) => mean(gains(scores, queries, only(rankers.length, index))));
  const weights = leaveOutHarmful(alone, (candidate) => gains(scores, queries, candidate));
  const greatest = Math.max(...weights) || 1;
  return rankers.map(({ name }, index) => ({
    name,
    weight: (weights[index] as number) / greatest,
    quality: alone[index] as number,
  }));
}

function leaveOutHarmful(alone: readonly number[], judge: (weights: readonly number[]) => Float64Array): readonly number[] {
  let weights = [...alone];
  let current = judge(weights);
  for (;;) {
    const candidates = weights.flatMap((weight, index) => {
      if (weight === 0 || weights.filter(Boolean).length === 1) return [];
      const without = weights.with(index, 0);
      const reached = judge(without);
      const { gain, error } = compare(reached, current);
      return gain > CERTAINTY * error ? [{ without, reached, gain }] : [];
    });
    const best = candidates.sort((a, b) => b.gain - a.gain)[0];
    if (!best) return weights;
    weights = best.without;
    current = best.reached;
  }
}

/** Discounted gain of each query: 1 for its own text at the first place, 0 beyond the tenth. Ties count against it. */
function gains(scores: readonly (readonly Float64Array[])[], queries: readonly SelfQuery[], weights: readonly number[]): Float64Array {
  return Float64Array.from(queries, ({ text }, index) => {
    const rankings = scores[index] as readonly Float64Array[];
    const total = (at: number) => rankings.reduce((sum, ranking, ranker) => sum + (weights[ranker] as number) * (ranking[at] as number), 0);
    const own = total(text);
    if (own === 0) return 0;
    let above = 0;
    const size = (rankings[0] as Float64Array).length;
    for (let other = 0; other < size && above < 10; other++) if (other !== text && total(other) >= own) above++;
    return above < 10 ? 1 / Math.log2(above + 2) : 0;
  });
}

/** Mean difference of two runs over the same queries, and its standard error. */
function compare(a: Float64Array, b: Float64Array): { readonly gain: number; readonly error: number } {
  const differences = a.map((value, index) => value - (b[index] as number));
  const gain = mean(differences);
  const variance = mean(differences.map((value) => (value - gain) ** 2));
  return { gain, error: Math.sqrt(variance / differences.length) };
}

function only(length: number, index: number): readonly number[] {
  return Array.from({ length }, (_, at) => (at === index ? 1 : 0));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
