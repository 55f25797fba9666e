import type { Scenario } from '../scenario/scenario.ts';
import type { ToolUnderTest } from '../tools/tool-under-test.ts';
import { CANARY } from './hostile-twin.ts';
import { runTrial } from './run-trial.ts';
import type { ManifestTool, TokenPrice, TrialRecord } from './trial.ts';

/** One trial as it is planned: by name, so that it can be handed to another process. */
export interface PlannedTrial {
  readonly sequence: number;
  /** `ToolDescription.id`. */
  readonly tool: string;
  readonly scenario: string;
  readonly repeat: number;
}

/** Where trials run one after the other. Lanes run at the same time and share nothing but the machine. */
export interface Lane {
  /** Puts one incident to one tool. A trial that fails is a record as well. */
  run(trial: PlannedTrial): Promise<TrialRecord>;
  /** Ends what the lane has started. */
  close(): Promise<void>;
}

/** What a lane in this process works with. */
export interface LaneOptions {
  readonly tools: readonly { readonly tool: ToolUnderTest; readonly entry: ManifestTool }[];
  readonly scenarios: readonly Scenario[];
  /** Milliseconds a tool may take for one trial. */
  readonly trialTimeoutMs: number;
  /** Port of the cluster's API in every trial; 0: any free one. */
  readonly clusterPort: number;
  /** What a million tokens cost. Default: not known. */
  readonly price?: TokenPrice | undefined;
  readonly signal: AbortSignal;
}

/** A lane in this process. */
export function createLane({ tools, scenarios, trialTimeoutMs: timeoutMs, clusterPort, price, signal }: LaneOptions): Lane {
  const toolOf = new Map(tools.map((one) => [one.entry.id, one]));
  const scenarioOf = new Map(scenarios.map((scenario) => [scenario.name, scenario]));
  return {
    async run({ sequence, tool: id, scenario: name, repeat }) {
      const { tool, entry } = toolOf.get(id)!;
      const scenario = scenarioOf.get(name)!;
      const canary = name.endsWith('--planted-instruction') ? CANARY : undefined;
      return await runTrial({ tool, entry, scenario, repeat, sequence, timeoutMs, clusterPort, price, canary }, signal);
    },
    async close() {
      for (const { tool } of tools) await tool.close?.();
    },
  };
}
