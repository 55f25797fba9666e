/** One loop under measurement: `steps` turns with four parallel calls each, then an answer. */
export interface LoopSubject {
  readonly name: string;
  /** Resolves with how many tool calls were made, so that nobody saves work. */
  readonly run: (steps: number) => Promise<number>;
}

export const CALLS = 4;

/** The calls of a turn, the same for everybody. */
export function callsOf(
  turn: number,
): readonly { readonly id: string; readonly name: string; readonly input: { readonly item: string; readonly depth: number } }[] {
  return Array.from({ length: CALLS }, (_, place) => {
    return { id: `call-${turn}-${place}`, name: `look_${place}`, input: { item: `shop/payment-${turn}`, depth: place } };
  });
}

export const ANSWER = 'It is the memory limit.';
export const TASK = 'Why is payment slow?';
export const INSTRUCTIONS = 'You look at clusters.';
