import type { CallContext, CmdbReader, Evidence, EvidenceSource } from '@tier0/core';
import { parseKubernetesItemId } from '@tier0/core';
import { observeFirst } from '../../evidence/observe-first.ts';
import { instantAt, listAt, textAt } from '../../kubernetes/objects/read-object.ts';
import { type MemoryLimit, podsOf } from '../../kubernetes/objects/workload.ts';
import { forecastMemory, type MemoryForecast } from './forecast-memory.ts';
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
  readonly pod: string;
  readonly points: readonly Point[];
  readonly forecast: MemoryForecast;
  readonly evidence: Evidence;
}

/** Samples asked for in one window. */
const RESOLUTION = 240;

/** Measures a container's memory in every pod of a workload. What could not be measured is in `unknowns`. */
export async function observeMemory(
  sources: readonly EvidenceSource[],
  question: MemoryQuestion,
  context: CallContext,
): Promise<{ readonly pods: readonly PodMemory[]; readonly unknowns: readonly string[] }> {
  const pods: PodMemory[] = [];
  const unknowns: string[] = [];
  for (const id of podsOf(question.reader, question.workload)) {
    const measured = await observePod(sources, question, { id, context });
    if (typeof measured === 'string') unknowns.push(measured);
    else pods.push(measured);
  }
  return { pods, unknowns };
}

async function observePod(
  sources: readonly EvidenceSource[],
  { reader, limit, fromMs, toMs, minimumSamples }: MemoryQuestion,
  { id, context }: { readonly id: string; readonly context: CallContext },
): Promise<PodMemory | string> {
  const { namespace = '', name: pod = '' } = parseKubernetesItemId(id) ?? {};
  const labels = { namespace, pod, container: limit.container };
  const stepMs = Math.max(1000, Math.floor((toMs - fromMs) / RESOLUTION));
  const observation = await observeFirst(sources, { kind: 'metrics', metric: WORKING_SET, labels, fromMs, toMs, stepMs }, context);
  const subject = `memory of container ${limit.container} in pod ${namespace}/${pod}`;
  if (observation.state === 'unavailable') return `could not measure the ${subject}: ${observation.reason}`;
  if (observation.state === 'no-data') return `could not measure the ${subject}: no samples of ${WORKING_SET}`;
  const points = observation.series.reduce((longest, one) => (one.points.length > longest.points.length ? one : longest)).points;
  const restartsAtMs = startsOf(reader.object(id), limit.container);
  return { pod, points, evidence: observation.evidence, forecast: forecastMemory(points, limit.bytes, { minimumSamples, restartsAtMs }) };
}

/** When the running instance of a container started; undefined when the pod does not say. */
export function startsOf(pod: unknown, container: string): readonly number[] | undefined {
  const status = listAt(pod, 'status', 'containerStatuses').find((entry) => textAt(entry, 'name') === container);
  const startedAt = instantAt(status, 'state', 'running', 'startedAt');
  return startedAt === undefined ? undefined : [startedAt];
}
