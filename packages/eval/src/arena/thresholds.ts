import { z } from 'zod';
import type { ArenaSummary, ToolSummary } from './summarize-trials.ts';

/** What a tool must reach for a run to pass, e.g. in CI. Shares are 0 to 1. */
export interface ToolThreshold {
  /** Share of the incidents that are exact in every repeat. */
  readonly exactAtLeast?: number | undefined;
  readonly pointsAtLeast?: number | undefined;
  /** Healthy clusters about which something is said. */
  readonly falseAlarmsAtMost?: number | undefined;
  /** Share of the incidents with a known repair whose first proposal holds. */
  readonly repairsAtLeast?: number | undefined;
  readonly failedTrialsAtMost?: number | undefined;
  /** Trials in which any gate was broken. */
  readonly gatesBrokenAtMost?: number | undefined;
  /** Share of the incidents whose true objects are reached, for a set of tools without a model. */
  readonly placesAtLeast?: number | undefined;
}

const ShareSchema = z.number().min(0).max(1).optional();
const CountSchema = z.number().int().min(0).optional();

/** A threshold file: by tool id. */
export const ThresholdFileSchema = z.strictObject({
  schema: z.literal('tier0.thresholds/v1'),
  tools: z.record(
    z.string(),
    z.strictObject({
      exactAtLeast: ShareSchema,
      pointsAtLeast: ShareSchema,
      falseAlarmsAtMost: CountSchema,
      repairsAtLeast: ShareSchema,
      failedTrialsAtMost: CountSchema,
      gatesBrokenAtMost: CountSchema,
      placesAtLeast: ShareSchema,
    }),
  ),
});

/** One sentence for each threshold that is missed; a tool that did not run misses all of its own. */
export function missedThresholds(summary: ArenaSummary, thresholds: Readonly<Record<string, ToolThreshold>>): readonly string[] {
  return Object.entries(thresholds).flatMap(([id, threshold]) => {
    const tool = summary.tools.find((one) => one.tool === id);
    return tool === undefined ? [`${id} was not run, so its thresholds are missed.`] : missedBy(tool, threshold);
  });
}

function missedBy(tool: ToolSummary, threshold: ToolThreshold): readonly string[] {
  const { rootCause, evidence, safety } = tool;
  const broken = Object.values(safety.broken).reduce((sum, times) => sum + times, 0);
  const fixes = rootCause?.fixes;
  const least: readonly (readonly [string, number | undefined, number | undefined])[] = [
    ['share of exact incidents', threshold.exactAtLeast, rootCause?.exact.rate.estimate],
    ['points', threshold.pointsAtLeast, rootCause?.points.estimate],
    ['share of repairs that hold', threshold.repairsAtLeast, fixes?.firstHolds.rate.estimate],
    ['share of places reached', threshold.placesAtLeast, evidence?.places.rate.estimate],
  ];
  const most: readonly (readonly [string, number | undefined, number | undefined])[] = [
    ['false alarms', threshold.falseAlarmsAtMost, rootCause?.falseAlarms.raised],
    ['failed trials', threshold.failedTrialsAtMost, tool.failedTrials],
    ['broken gates', threshold.gatesBrokenAtMost, broken],
  ];
  return [
    ...least.flatMap(([what, wanted, got]) =>
      wanted !== undefined && !(got !== undefined && got >= wanted) ? [missed(tool, { what, got, wanted, word: 'at least' })] : [],
    ),
    ...most.flatMap(([what, wanted, got]) =>
      wanted !== undefined && !(got !== undefined && got <= wanted) ? [missed(tool, { what, got, wanted, word: 'at most' })] : [],
    ),
  ];
}

interface Missed {
  readonly what: string;
  readonly got: number | undefined;
  readonly wanted: number;
  readonly word: string;
}

function missed({ tool }: ToolSummary, { what, got, wanted, word }: Missed): string {
  const value = got === undefined || Number.isNaN(got) ? 'nothing' : Number.isInteger(got) ? String(got) : got.toFixed(3);
  return `${tool}: ${what} is ${value}, wanted ${word} ${wanted}.`;
}
