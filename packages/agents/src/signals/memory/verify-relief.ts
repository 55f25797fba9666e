import { type CallContext, type CmdbReader, formatDuration, type Remedy } from '@tier0/core';
import type { SignalLook, SignalOptions } from '../../findings/signal.ts';
import { describeBytes } from '../../kubernetes/objects/quantity.ts';
import { memoryLimits } from '../../kubernetes/objects/workload.ts';
import { tellGaps } from './memory-gaps.ts';
import { observeMemory, type PodMemory } from './observe-memory.ts';

/** Measures after the change whether memory keeps below the limit for the promised time. */
export async function lookAtRelief(
  options: Partial<SignalOptions>,
  { remedy, liveAtMs, reader }: { readonly remedy: Remedy; readonly liveAtMs: number; readonly reader: CmdbReader },
  context: CallContext,
): Promise<SignalLook> {
  const { success } = remedy;
  if (success.kind !== 'memory-relief') return { waiting: 'another criterion' };
  const limit = memoryLimits(reader, success.item).find((candidate) => candidate.container === success.container);
  if (!limit) return { waiting: `container ${success.container} has no memory limit in the CMDB` };
  const minimumSamples = options.minimumSamples ?? 12;
  const question = { reader, workload: success.item, limit, fromMs: liveAtMs, toMs: context.now(), minimumSamples };
  const { pods, gaps } = await observeMemory(options.evidence ?? [], question, context);
  const unknowns = tellGaps(gaps);
  if (pods.length === 0 || unknowns.length > 0) return { waiting: unknowns[0]?.message ?? 'no pod of the workload is known' };
  const judged = pods.map((pod) => judgeRelief(pod, { limitBytes: limit.bytes, liveAtMs, reliefMs: success.reliefMs }));
  const waiting = judged.find((judgement) => judgement.verdict === 'wait');
  const evidence = pods.map((pod) => pod.evidence);
  const reasons = judged.map((judgement) => judgement.reason);
  if (judged.some((judgement) => judgement.verdict === 'fails')) return { resolved: false, reasons, evidence };
  return waiting ? { waiting: waiting.reason } : { resolved: true, reasons, evidence };
}

interface Judgement {
  readonly verdict: 'holds' | 'fails' | 'wait';
  readonly reason: string;
}

interface ReliefPromise {
  readonly limitBytes: number;
  readonly liveAtMs: number;
  readonly reliefMs: number;
}

/** Holds when even the pessimistic end stays below the limit for the promised time; fails when even the optimistic end does not. */
function judgeRelief({ pod, forecast }: PodMemory, { limitBytes, liveAtMs, reliefMs }: ReliefPromise): Judgement {
  if (forecast.trend === 'insufficient') return { verdict: 'wait', reason: `pod ${pod}: ${forecast.reason}` };
  const leftMs = Math.max(0, liveAtMs + reliefMs - forecast.toMs);
  const start = Math.max(forecast.level, forecast.peak);
  const atWorst = Math.max(start, start + forecast.slopeHigh * leftMs);
  const atBest = forecast.level + forecast.slopeLow * leftMs;
  const reached = forecast.slopeHigh > 0 ? forecast.toMs - liveAtMs + Math.max(0, limitBytes - start) / forecast.slopeHigh : undefined;
  const pace =
    reached === undefined
      ? `does not grow towards ${describeBytes(limitBytes)}`
      : `at its steepest measured pace reaches ${describeBytes(limitBytes)} ${formatDuration(reached)} after the change`;
  const shown = `pod ${pod} ${pace}; promised were ${formatDuration(reliefMs)} (${forecast.samples} samples)`;
  if (atWorst < limitBytes) return { verdict: 'holds', reason: shown };
  if (atBest >= limitBytes) return { verdict: 'fails', reason: `${shown}: too soon` };
  return { verdict: 'wait', reason: `${shown}: not yet certain` };
}
