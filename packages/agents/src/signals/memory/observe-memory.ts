import type { CallContext, CmdbReader, Evidence, EvidenceSource } from '@tier0/core';
import { parseKubernetesItemId } from '@tier0/core';
import { observeFirst } from '../../evidence/observe-first.ts';
import { instantAt, listAt, textAt } from '../../kubernetes/objects/read-object.ts';
import { type MemoryLimit, podsOf } from '../../kubernetes/objects/workload.ts';
import { forecastMemory, type MemoryForecast } from './forecast-memory.ts';
import type { MemoryGap } from './memory-gaps.ts';
import type { Point } from './theil-sen.ts';

export const WORKING_SET = 'container_memory_working_set_bytes';

export interface MemoryQuestion {
  readonly reader: CmdbReader;
  /** Item id. */
  readonly workload: string;
  readonly limit: MemoryLimit;
  /** Milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly minimumSamples: number;
}

/** What was measured for one container of one pod. */
export interface PodMemory {
  readonly namespace: string;
  readonly pod: string;
  readonly points: readonly Point[];
  readonly forecast: MemoryForecast;
  readonly evidence: Evidence;
}

/** Samples asked for in one window. */
const RESOLUTION = 240;

/** Measures a container's memory in every pod of a workload. What could not be measured is in `gaps`. */
export async function observeMemory(
  sources: readonly EvidenceSource[],
  question: MemoryQuestion,
  context: CallContext,
): Promise<{ readonly pods: readonly PodMemory[]; readonly gaps: readonly MemoryGap[] }> {
  const pods: PodMemory[] = [];
  const gaps: MemoryGap[] = [];
  for (const id of podsOf(question.reader, question.workload)) {
    const measured = await observePod(sources, question, { id, context });
    if ('missing' in measured) gaps.push(measured);
    else pods.push(measured);
  }
  return { pods, gaps };
}

async function observePod(
  sources: readonly EvidenceSource[],
  { reader, limit, fromMs, toMs, minimumSamples }: MemoryQuestion,
  { id, context }: { readonly id: string; readonly context: CallContext },
): Promise<PodMemory | MemoryGap> {
  const { namespace = '', name: pod = '' } = parseKubernetesItemId(id) ?? {};
  const labels = { namespace, pod, container: limit.container };
  const stepMs = Math.max(1000, Math.floor((toMs - fromMs) / RESOLUTION));
  const observation = await observeFirst(sources, { kind: 'metrics', metric: WORKING_SET, labels, fromMs, toMs, stepMs }, context);
  if (observation.state !== 'observed') {
    const reason = observation.state === 'unavailable' ? observation.reason : `no samples of ${WORKING_SET}`;
    return { missing: 'samples', namespace, pod, container: limit.container, reason };
  }
  const points = observation.series.reduce((longest, one) => (one.points.length > longest.points.length ? one : longest)).points;
  const restartsAtMs = startsOf(reader.object(id), limit.container);
  return {
    namespace,
    pod,
    points,
    evidence: observation.evidence,
    forecast: forecastMemory(points, limit.bytes, { minimumSamples, restartsAtMs }),
  };
}

/** When the running instance of a container started; undefined when the pod does not say. */
export function startsOf(pod: unknown, container: string): readonly number[] | undefined {
  const status = listAt(pod, 'status', 'containerStatuses').find((entry) => textAt(entry, 'name') === container);
  const startedAt = instantAt(status, 'state', 'running', 'startedAt');
  return startedAt === undefined ? undefined : [startedAt];
}
