/** How well a grouping of items meets the truth. */
export interface JoinQuality {
  /** Share of joined pairs that are one thing; 1 where none was joined. Wrong merges lower it. */
  readonly precision: number;
  /** Share of pairs that are one thing and were joined; 1 where there are none. Missed merges lower it. */
  readonly recall: number;
  readonly truePairs: number;
  readonly joinedPairs: number;
}

/** Compares over pairs of item ids: `truth` names the real thing of each, `groupOf` the group it was put into. */
export function judgeJoins(truth: ReadonlyMap<string, string>, groupOf: (id: string) => string): JoinQuality {
  const both = new Map<string, number>();
  const real = new Map<string, number>();
  const found = new Map<string, number>();
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  for (const [id, thing] of truth) {
    const group = groupOf(id);
    count(real, thing);
    count(found, group);
    count(both, `${thing}\n${group}`);
  }
  const pairs = (map: ReadonlyMap<string, number>) => [...map.values()].reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
  const [right, truePairs, joinedPairs] = [pairs(both), pairs(real), pairs(found)];
  return {
    precision: joinedPairs === 0 ? 1 : right / joinedPairs,
    recall: truePairs === 0 ? 1 : right / truePairs,
    truePairs,
    joinedPairs,
  };
}
