import { type CallContext, toTier0Error } from '@tier0/core';
import type { RequestRecord } from '../cluster/index.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { DiagnosisAnswer, ScenarioAccess, ToolUnderTest } from '../tools/tool-under-test.ts';
import { countedSubject } from './counted-subject.ts';
import { cpuMs } from './cpu-clock.ts';
import { FAILED_TRIAL, scoreAnswer } from './score-answer.ts';
import { serveScenario } from './serve-scenario.ts';
import type { CountedRootCause, RequestCounts, TrialRecord } from './trial.ts';

export interface TrialPlan {
  readonly tool: ToolUnderTest;
  readonly toolName: string;
  readonly scenario: Scenario;
  readonly repeat: number;
  readonly sequence: number;
  readonly timeoutMs: number;
  /** Port of the cluster's API; 0: any free one. */
  readonly clusterPort: number;
}

const MAX_RAW = 32_000;
const MAX_TEXT = 2_000;

/** An answer without a look at the cluster is about something else, e.g. about a cluster the tool was started for. */
const NOTHING_ASKED = 'it answered without one request to the cluster of the trial';

type Attempt = { readonly answer: DiagnosisAnswer } | { readonly error: string };

/** Runs one trial on a cluster of its own. A tool that fails gives a failed trial; only an abort of the run is thrown. */
export async function runTrial(plan: TrialPlan, signal: AbortSignal): Promise<TrialRecord> {
  const served = await serveScenario(plan.scenario, plan.clusterPort);
  try {
    const cpuBefore = cpuMs();
    const started = performance.now();
    const attempt = await askTool(plan, served.access, signal);
    const wallMs = performance.now() - started;
    const heard = served.requests.length === 0 && 'answer' in attempt ? { error: NOTHING_ASKED } : attempt;
    return toRecord(plan, heard, { requests: countRequests(served.requests), wallMs: round(wallMs), cpuMs: round(cpuMs() - cpuBefore) });
  } finally {
    await served.close();
  }
}

async function askTool({ tool, scenario, timeoutMs }: TrialPlan, access: ScenarioAccess, signal: AbortSignal): Promise<Attempt> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const at = Date.parse(scenario.meta.now);
  const context: CallContext = { signal: AbortSignal.any([signal, timeout]), now: () => at };
  try {
    return { answer: await Promise.race([tool.diagnose(access, context), untilAborted(context.signal)]) };
  } catch (error) {
    signal.throwIfAborted();
    return { error: timeout.aborted ? `no answer within ${timeoutMs} ms` : toTier0Error(error).message };
  }
}

/** A tool that does not listen to its signal must not hold up the run. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

type Measured = Pick<TrialRecord, 'requests' | 'wallMs' | 'cpuMs'>;

function toRecord(plan: TrialPlan, attempt: Attempt, measured: Measured): TrialRecord {
  const { toolName: tool, scenario, repeat, sequence } = plan;
  const head = { type: 'trial' as const, sequence, tool, scenario: scenario.name, repeat };
  if ('error' in attempt) {
    return { ...head, error: attempt.error, rootCauses: [], findings: 0, unknowns: [], raw: '', score: FAILED_TRIAL, ...measured };
  }
  const { answer } = attempt;
  const rootCauses = answer.rootCauses.map(({ cause, subject, text, confidence }): CountedRootCause => {
    const countedAs = countedSubject(subject, scenario.objects);
    return { cause, subject, countedAs, text: text.slice(0, MAX_TEXT), confidence };
  });
  return {
    ...head,
    rootCauses,
    findings: answer.findings,
    unknowns: answer.unknowns ?? [],
    raw: answer.raw.slice(0, MAX_RAW),
    score: scoreAnswer(rootCauses, scenario.expected),
    ...measured,
  };
}

function countRequests(requests: readonly RequestRecord[]): RequestCounts {
  const count = (kind: RequestRecord['kind']) => requests.filter((request) => request.kind === kind).length;
  return {
    reads: count('read') + count('secret-read'),
    writes: count('write'),
    secretReads: count('secret-read'),
    bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
