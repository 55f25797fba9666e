/** How well one ranking answers one query. */
export interface QueryScore {
  readonly ndcg10: number;
  readonly hit1: number;
  readonly hit5: number;
}

/** Scores a ranking: gain 1 for each relevant document, discounted by log2(rank + 1), divided by the best that was possible. */
export function scoreRanking(ranked: readonly string[], relevant: readonly string[]): QueryScore {
  const wanted = new Set(relevant);
  const gainAt = (place: number) => 1 / Math.log2(place + 2);
  let gain = 0;
  let ideal = 0;
  for (const [place, id] of ranked.slice(0, 10).entries()) if (wanted.has(id)) gain += gainAt(place);
  for (let place = 0; place < Math.min(10, wanted.size); place++) ideal += gainAt(place);
  const first = ranked.findIndex((id) => wanted.has(id));
  return { ndcg10: gain / ideal, hit1: first === 0 ? 1 : 0, hit5: first >= 0 && first < 5 ? 1 : 0 };
}

/** 95 % interval of the mean by resampling the queries (percentile bootstrap), from a fixed seed. */
export function bootstrapInterval(values: readonly number[], rounds = 2000): readonly [low: number, high: number] {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const means = Array.from({ length: rounds }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(next() * values.length)] as number;
    return sum / values.length;
  }).sort((a, b) => a - b);
  return [means[Math.floor(0.025 * rounds)] as number, means[Math.ceil(0.975 * rounds) - 1] as number];
}
