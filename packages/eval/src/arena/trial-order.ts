/** One place in the order of a run, as indexes. */
export interface TrialSlot {
  readonly tool: number;
  readonly scenario: number;
  /** 1, 2, ... */
  readonly repeat: number;
}

/**
 * The order of trials: tools take turns on a scenario, and who goes first rotates, so that a slow minute of the machine or a warm cache
 * falls on everybody alike.
 */
export function trialOrder(tools: number, scenarios: number, repeats: number): readonly TrialSlot[] {
  const slots: TrialSlot[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    for (let scenario = 0; scenario < scenarios; scenario++) {
      for (let turn = 0; turn < tools; turn++) slots.push({ tool: (turn + scenario + repeat - 1) % tools, scenario, repeat });
    }
  }
  return slots;
}
