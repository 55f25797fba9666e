/** The best rows seen so far. */
export interface TopHits {
  /** A score must be above it to be among the best. */
  threshold(): number;
  offer(row: number, score: number): void;
  /** Best first. */
  hits(): readonly { readonly row: number; readonly score: number }[];
}

/** Keeps the `limit` best, sorted: the limit is small and most rows are below the threshold. */
export function createTopHits(limit: number): TopHits {
  const best: { readonly row: number; readonly score: number }[] = [];
  return {
    threshold: () => (best.length < limit ? Number.NEGATIVE_INFINITY : (best.at(-1)?.score ?? Number.POSITIVE_INFINITY)),
    offer(row, score) {
      let at = best.length;
      while (at > 0 && (best[at - 1] as { score: number }).score < score) at--;
      best.splice(at, 0, { row, score });
      if (best.length > limit) best.pop();
    },
    hits: () => best,
  };
}
