import {
  type CallContext,
  type CmdbReader,
  type Diagnosis,
  type Evidence,
  type EvidenceSource,
  formatDuration,
  formatItemId,
  parseKubernetesItemId,
  type Remedy,
  toTier0Error,
  type Verification,
  type Verifier,
} from '@tier0/core';
import type { Matter } from '../findings/matter.ts';
import { quote } from '../findings/quote.ts';
import { runRules } from '../findings/run-rules.ts';
import { describeBytes } from '../kubernetes/objects/quantity.ts';
import { memoryLimits, rolloutOf } from '../kubernetes/objects/workload.ts';
import { observeMemory, type PodMemory } from '../signals/memory/observe-memory.ts';

/** What counts as proof that a remedy worked, and how long is waited for it. */
export interface VerifierOptions {
  readonly evidence: readonly EvidenceSource[];
  readonly matters: readonly Matter[];
  /** Samples after the change that a judgement needs. Default 12. */
  readonly minimumSamples?: number | undefined;
  /** Milliseconds by the context's clock after which it gives up. Default 1 h. */
  readonly giveUpAfterMs?: number | undefined;
  /** Milliseconds of real time between two looks. Default 1,000. */
  readonly pollMs?: number | undefined;
}

type VerifyRequest = Parameters<Verifier['verify']>[0];

/** One look: a judgement, or why there is none yet. */
type Look =
  | { readonly resolved: boolean; readonly reasons: readonly string[]; readonly evidence: readonly Evidence[] }
  | { readonly waiting: string };

/** Measures the symptom after a change until it can judge, or gives up and says why. */
export function createVerifier(options: VerifierOptions): Verifier {
  return {
    async verify(request, context) {
      const deadlineMs = request.liveAtMs + (options.giveUpAfterMs ?? 3_600_000);
      let waiting = 'nothing was looked at';
      for (let first = true; first || context.now() < deadlineMs; first = false) {
        if (!first) await sleep(options.pollMs ?? 1_000, context.signal);
        context.signal.throwIfAborted();
        const look = await lookOnce(options, request, context);
        if (!('waiting' in look)) return withRegressions(options, request, look);
        waiting = look.waiting;
      }
      const reasons = [`gave up after ${formatDuration(context.now() - request.liveAtMs)}: ${waiting}`];
      return withRegressions(options, request, { resolved: false, reasons, evidence: [] });
    },
  };
}

async function lookOnce(options: VerifierOptions, request: VerifyRequest, context: CallContext): Promise<Look> {
  try {
    await request.cmdb.refresh(context);
    const reader = request.cmdb.reader();
    return request.remedy.success.kind === 'finding-gone'
      ? lookForFinding(options.matters, request, reader)
      : await lookAtMemory(options, request, { reader, context });
  } catch (error) {
    context.signal.throwIfAborted();
    return { waiting: toTier0Error(error).message };
  }
}

function lookForFinding(matters: readonly Matter[], { remedy, liveAtMs }: VerifyRequest, reader: CmdbReader): Look {
  const { success } = remedy;
  if (success.kind !== 'finding-gone') return { waiting: 'another criterion' };
  if (Date.parse(reader.at) < liveAtMs) return { waiting: 'the CMDB has not been read since the change went live' };
  const kind = parseKubernetesItemId(success.item)?.kind ?? '';
  const rollout = rolloutOf(reader.object(success.item), kind);
  if (rollout !== 'complete') return { waiting: `the rollout of ${formatItemId(success.item)} is ${rollout}` };
  const run = runRules(matters, reader);
  if (run.findings.some((finding) => finding.fingerprint === success.fingerprint)) return { waiting: 'the finding is still there' };
  const pods = reader.items({ kind: 'Pod' }).coverage;
  if (pods.length === 0 || pods.some((row) => row.state !== 'complete')) return { waiting: 'pods could not be read completely' };
  return {
    resolved: true,
    reasons: [`the finding is gone and ${formatItemId(success.item)} is rolled out`],
    evidence: [quote(reader, success.item, ['status'])],
  };
}

async function lookAtMemory(
  options: VerifierOptions,
  { remedy, liveAtMs }: VerifyRequest,
  { reader, context }: { readonly reader: CmdbReader; readonly context: CallContext },
): Promise<Look> {
  const { success } = remedy;
  if (success.kind !== 'memory-relief') return { waiting: 'another criterion' };
  const limit = memoryLimits(reader, success.item).find((candidate) => candidate.container === success.container);
  if (!limit) return { waiting: `container ${success.container} has no memory limit in the CMDB` };
  const question = {
    reader,
    workload: success.item,
    limit,
    fromMs: liveAtMs,
    toMs: context.now(),
    minimumSamples: options.minimumSamples ?? 12,
  };
  const { pods, unknowns } = await observeMemory(options.evidence, question, context);
  if (pods.length === 0 || unknowns.length > 0) return { waiting: unknowns[0] ?? 'no pod of the workload is known' };
  const judged = pods.map((pod) => judgeRelief(pod, { limitBytes: limit.bytes, liveAtMs, reliefMs: success.reliefMs }));
  const waiting = judged.find((judgement) => judgement.verdict === 'wait');
  const evidence = pods.map((pod) => pod.evidence);
  if (judged.some((judgement) => judgement.verdict === 'fails'))
    return { resolved: false, reasons: judged.map((judgement) => judgement.reason), evidence };
  if (waiting) return { waiting: waiting.reason };
  return { resolved: true, reasons: judged.map((judgement) => judgement.reason), evidence };
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

/** Faults that are there now, were not before, and lie where the change can reach; others are named, not blamed. */
function withRegressions(options: VerifierOptions, request: VerifyRequest, look: Exclude<Look, { waiting: string }>): Verification {
  const reader = newestReader(request);
  if (!reader)
    return {
      ...look,
      regressions: [],
      reasons: [...look.reasons, 'regressions could not be looked for: the CMDB could not be read'],
      resolved: false,
    };
  const fresh = freshFaults(options.matters, request.diagnosis, reader);
  const reachable = reachOf(reader, request.remedy);
  const regressions = fresh.filter((finding) => reachable.has(finding.subject)).map((finding) => `${finding.code} ${finding.message}`);
  const elsewhere = fresh
    .filter((finding) => !reachable.has(finding.subject))
    .map((finding) => `out of reach of this change: ${finding.code} ${finding.message}`);
  return { resolved: look.resolved, regressions, reasons: [...look.reasons, ...elsewhere], evidence: look.evidence };
}

function newestReader({ cmdb }: VerifyRequest): CmdbReader | undefined {
  try {
    return cmdb.reader();
  } catch {
    return undefined;
  }
}

function freshFaults(matters: readonly Matter[], diagnosis: Diagnosis, reader: CmdbReader): Diagnosis['findings'] {
  const known = new Set(diagnosis.findings.map((finding) => finding.fingerprint));
  return runRules(matters, reader).findings.filter((finding) => finding.severity === 'fault' && !known.has(finding.fingerprint));
}

function reachOf(reader: CmdbReader, remedy: Remedy): ReadonlySet<string> {
  const subjects = [...new Set([remedy.subject, ...remedy.edits.map((edit) => edit.item)])];
  return new Set(subjects.flatMap((subject) => [subject, ...reader.impact(subject, { hops: 8 }).items.map((item) => item.item)]));
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
  });
}
