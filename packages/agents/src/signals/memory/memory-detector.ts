import {
  type Alert,
  type CallContext,
  type CmdbReader,
  type Detector,
  type EvidenceSource,
  formatDuration,
  type Gap,
  parseKubernetesItemId,
  sha256,
  toTimestamp,
} from '@tier0/core';
import { askedByNamespace } from '../../evidence/by-namespace.ts';
import { describeBytes } from '../../kubernetes/objects/quantity.ts';
import { type MemoryLimit, memoryLimits, workloadsOf } from '../../kubernetes/objects/workload.ts';
import { type MemoryGap, tellGaps } from './memory-gaps.ts';
import { observeMemory, type PodMemory } from './observe-memory.ts';

/** How far ahead and how far back the detector looks. */
export interface MemoryDetectorOptions {
  readonly evidence: readonly EvidenceSource[];
  /** Raise when the limit is reached within this many milliseconds. */
  readonly horizonMs: number;
  /** Samples of the running process needed. Default 12. */
  readonly minimumSamples?: number | undefined;
  /** How far back is looked, milliseconds. Default 6 h. */
  readonly windowMs?: number | undefined;
  /** Real milliseconds that all measurements of one look may take together. Default 60,000. */
  readonly deadlineMs?: number | undefined;
}

/** `alertname` of the alerts this detector raises. */
export const MEMORY_ALERT = 'MemoryLimitForecast';

/** How many times the observed span a forecast may look ahead. A judgement: beyond it a line says little. */
const MAX_EXTRAPOLATION = 12;

interface Foreseen {
  readonly workload: string;
  readonly limit: MemoryLimit;
  readonly memory: PodMemory;
  readonly reachesAtMs: number;
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** Foresees which containers run into their memory limit, while there is still time. */
export function createMemoryDetector(options: MemoryDetectorOptions): Detector {
  return {
    name: 'memory-forecast',
    async detect(reader, context) {
      const foreseen: Foreseen[] = [];
      const gaps: MemoryGap[] = [];
      const look = lookOf(options, context);
      for (const { id } of workloadsOf(reader)) {
        for (const limit of memoryLimits(reader, id)) {
          const answer = await foresee(look, { reader, workload: id, limit }, context);
          gaps.push(...answer.gaps);
          if (answer.worst) foreseen.push(answer.worst);
        }
      }
      const near = foreseen.filter((one) => one.reachesAtMs - context.now() <= Math.min(options.horizonMs, reachOf(one)));
      near.sort((a, b) => a.reachesAtMs - b.reachesAtMs || (a.workload < b.workload ? -1 : 1));
      return { alerts: near.map((one) => toAlert(one, context.now())), unknowns: [...coverageGaps(reader), ...tellGaps(gaps)] };
    },
  };
}

/** Milliseconds a forecast may reach: a process that has just started grows as well, so little observed time carries only a little way. */
function reachOf({ memory: { forecast } }: Foreseen): number {
  return forecast.trend === 'insufficient' ? 0 : MAX_EXTRAPOLATION * (forecast.toMs - forecast.fromMs);
}

function coverageGaps(reader: CmdbReader): readonly Gap[] {
  const rows = ['Deployment', 'StatefulSet', 'DaemonSet', 'Pod'].flatMap((kind) => reader.items({ kind }).coverage);
  return rows.flatMap(({ kind, namespace, state, reason = state }): readonly Gap[] => {
    if (state !== 'failed' && state !== 'forbidden') return [];
    return [{ source: 'memory', kind, namespace, code: state, message: `could not look at every ${kind}: ${reason}` }];
  });
}

/** One look at a cluster: the same window for everything, and sources that remember what they said. */
interface Look {
  readonly evidence: readonly EvidenceSource[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly minimumSamples: number;
}

function lookOf(options: MemoryDetectorOptions, { now }: CallContext): Look {
  const { windowMs = 6 * 3_600_000, minimumSamples = 12, deadlineMs = 60_000 } = options;
  const toMs = now();
  const evidence = options.evidence.map((source) => askedByNamespace(source, { deadlineMs }));
  return { evidence, fromMs: toMs - windowMs, toMs, minimumSamples };
}

/** The pod that runs out first speaks for its workload. */
async function foresee(
  { evidence, ...window }: Look,
  subject: { readonly reader: CmdbReader; readonly workload: string; readonly limit: MemoryLimit },
  context: CallContext,
): Promise<{ readonly worst: Foreseen | undefined; readonly gaps: readonly MemoryGap[] }> {
  const { pods, gaps } = await observeMemory(evidence, { ...subject, ...window }, context);
  const rising = pods.flatMap((memory): readonly Foreseen[] => {
    const { forecast } = memory;
    if (forecast.trend !== 'rising' || forecast.reachesLimitAtMs === undefined) return [];
    const { reachesLimitAtMs: reachesAtMs, earliestMs = reachesAtMs, latestMs = reachesAtMs } = forecast;
    return [{ workload: subject.workload, limit: subject.limit, memory, reachesAtMs, earliestMs, latestMs }];
  });
  const insufficient = pods.flatMap(({ namespace, pod, forecast }): readonly MemoryGap[] =>
    forecast.trend === 'insufficient'
      ? [{ missing: 'trend', namespace, pod, container: subject.limit.container, reason: forecast.reason }]
      : [],
  );
  return { worst: rising.sort((a, b) => a.reachesAtMs - b.reachesAtMs)[0], gaps: [...gaps, ...insufficient] };
}

function toAlert({ workload, limit, memory, reachesAtMs, earliestMs, latestMs }: Foreseen, nowMs: number): Alert {
  const { namespace = '', name = workload } = parseKubernetesItemId(workload) ?? {};
  const labels = { alertname: MEMORY_ALERT, namespace, workload: name, container: limit.container };
  const range = `99 % sure: ${formatDuration(Math.max(0, earliestMs - nowMs))} to ${formatDuration(Math.max(0, latestMs - nowMs))}`;
  const last = memory.points.at(-1)?.[1] ?? 0;
  return {
    fingerprint: sha256(JSON.stringify([workload, labels])).slice(0, 16),
    labels: { ...labels, pod: memory.pod },
    summary:
      `${namespace}/${name}: memory of container ${limit.container} is at ${describeBytes(last)} and reaches its ` +
      `${describeBytes(limit.bytes)} limit in ${formatDuration(reachesAtMs - nowMs)} (${range})`,
    severity: 'degraded',
    item: workload,
    startsAt: toTimestamp(nowMs),
    evidence: [memory.evidence],
    source: 'memory-forecast',
  };
}
