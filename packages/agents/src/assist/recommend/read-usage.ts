import type { CallContext, EvidenceSource, TimeSeries } from '@tier0/core';
import type { UsageSeries } from './size-container.ts';

/** Whose use is looked up: every pod with this container in this namespace. */
export interface UsageQuestion {
  readonly namespace: string;
  readonly container: string;
  /** Newest moment, milliseconds since the epoch. */
  readonly atMs: number;
  /** Default 14. */
  readonly days?: number | undefined;
}

/** What was used, or why nobody knows. */
export type UsageReading = { readonly state: 'read'; readonly usage: UsageSeries } | { readonly state: 'unknown'; readonly reason: string };

const DAY_MS = 86_400_000;
const STEP_MS = 300_000;

/** Reads memory and CPU of a container from a source of metrics by the names that the kubelet gives them. */
export async function readUsage(source: EvidenceSource, question: UsageQuestion, context: CallContext): Promise<UsageReading> {
  const { namespace, container, atMs, days = 14 } = question;
  const range = { kind: 'metrics' as const, labels: { namespace, container }, fromMs: atMs - days * DAY_MS, toMs: atMs, stepMs: STEP_MS };
  const [memory, cpu] = await Promise.all([
    source.observe({ ...range, metric: 'container_memory_working_set_bytes' }, context),
    source.observe({ ...range, metric: 'container_cpu_usage_seconds_total' }, context),
  ]);
  if (memory.state === 'unavailable') return { state: 'unknown', reason: memory.reason };
  if (memory.state === 'no-data')
    return { state: 'unknown', reason: `there are no metrics of container ${container} in namespace ${namespace}` };
  const rates = cpu.state === 'observed' ? cpu.series.map(({ labels, points }) => ({ labels, points: rateOf(points) })) : [];
  return { state: 'read', usage: { memory: merged(memory.series), cpu: merged(rates) } };
}

/** What a counter grew by a second. Where it fell it was begun anew. */
function rateOf(points: TimeSeries['points']): TimeSeries['points'] {
  return points.slice(1).flatMap(([at, value], index) => {
    const [before, was] = points[index] as readonly [number, number];
    const seconds = (at - before) / 1_000;
    return value >= was && seconds > 0 ? [[at, (value - was) / seconds] as const] : [];
  });
}

/** The samples of all pods in one line of time: each counts, for the size must fit every one of them. */
function merged(series: readonly TimeSeries[]): TimeSeries['points'] {
  return series.flatMap(({ points }) => points).sort(([a], [b]) => a - b);
}
