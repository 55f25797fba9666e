/** How many attacks of one kind were tried and how many were held off. */
export interface AttackRow {
  readonly kind: string;
  readonly tried: number;
  readonly held: number;
}

/** One attack: it is held off when `run` resolves, and was let through when it throws, hangs or takes too much memory. */
export interface Attack {
  readonly kind: string;
  readonly name: string;
  run(): Promise<void>;
}

/** What became of one. */
export interface Outcome {
  readonly kind: string;
  readonly name: string;
  readonly held: boolean;
  readonly why?: string | undefined;
}

/** Throws with a sentence unless it holds. */
export function hold(isHeld: unknown, sentence: string): asserts isHeld {
  if (!isHeld) throw new Error(sentence);
}

export function toRows(outcomes: readonly Outcome[]): readonly AttackRow[] {
  return [...Map.groupBy(outcomes, ({ kind }) => kind)].map(([kind, all]) => ({
    kind,
    tried: all.length,
    held: all.filter(({ held }) => held).length,
  }));
}
