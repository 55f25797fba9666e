import type { EvidenceSource, TimeSeries } from '@tier0/core';
import { z } from 'zod';
import { type AnyTool, defineTool } from '../loop/guard/tool.ts';
import { linesAnswer } from './answer.ts';
import type { OperationsWorld } from './operations-world.ts';

/** A metric over time, told by its least, median, greatest and newest values. */
export function readMetricsTool(world: OperationsWorld): AnyTool {
  const source = world.evidence?.find(({ kinds }) => kinds.includes('metrics')) as EvidenceSource;
  return defineTool({
    name: 'read_metrics',
    description: 'Reads a metric over the last hours for series whose labels are equal; gives least, median, greatest and newest.',
    input: z.strictObject({
      metric: z.string().max(200),
      labels: z.record(z.string().max(100), z.string().max(300)).default({}),
      hours: z
        .number()
        .positive()
        .max(24 * 30)
        .default(3),
    }),
    risk: 'read',
    run: async ({ metric, labels, hours }, context) => {
      const reader = world.reader();
      const toMs = Date.parse(reader.at);
      const query = {
        kind: 'metrics' as const,
        metric,
        labels,
        fromMs: toMs - hours * 3_600_000,
        toMs,
        stepMs: Math.max(15_000, (hours * 3_600_000) / 200),
      };
      const seen = await source.observe(query, context);
      if (seen.state !== 'observed')
        return linesAnswer(reader, [seen.state === 'no-data' ? 'there are no samples' : `unavailable: ${seen.reason}`]);
      return linesAnswer(reader, [`evidence ${seen.evidence.id}`, ...seen.series.map(tellSeries)], [seen.evidence.id]);
    },
  });
}

function tellSeries({ labels, points }: TimeSeries): string {
  const values = points.map(([, value]) => value).sort((a, b) => a - b);
  const [least, median, greatest] = [values[0], values[Math.floor(values.length / 2)], values.at(-1)];
  return `${JSON.stringify(labels).slice(0, 300)}: ${points.length} samples, least ${least}, median ${median}, greatest ${greatest}, newest ${points.at(-1)?.[1]}`;
}
