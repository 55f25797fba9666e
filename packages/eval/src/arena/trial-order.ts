import type { PlannedTrial } from './lane.ts';
import type { RunManifest } from './trial.ts';

/**
 * The order of trials: tools take turns on a scenario, and who goes first rotates, so that a slow minute of the machine or a warm cache falls on
 * everybody alike. A tool that needs fewer repeats leaves the later rounds out; one without a model meets the recorded clusters once, because whether it says the
 * same twice it has shown on the written ones.
 */
export function trialOrder({ tools, scenarios, repeats }: Pick<RunManifest, 'tools' | 'scenarios' | 'repeats'>): readonly PlannedTrial[] {
  const running = tools.filter(({ notRun }) => notRun === undefined);
  const hasWritten = scenarios.some(({ suite }) => suite === 'written');
  const planned: PlannedTrial[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    for (const [place, scenario] of scenarios.entries()) {
      for (let turn = 0; turn < running.length; turn++) {
        const tool = running[(turn + place + repeat - 1) % running.length]!;
        const isOnce = scenario.suite === 'recorded' && tool.model === undefined && hasWritten;
        if (repeat > (isOnce ? 1 : (tool.repeats ?? repeats))) continue;
        planned.push({ sequence: planned.length + 1, tool: tool.id, scenario: scenario.name, repeat });
      }
    }
  }
  return planned;
}
