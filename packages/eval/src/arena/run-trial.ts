import { type CallContext, toTier0Error } from '@tier0/core';
import type { RequestRecord } from '../cluster/index.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { rawOutputOf } from '../tools/raw-output.ts';
import type { AnsweredRootCause, DiagnosisAnswer, ScenarioAccess, ToolUnderTest } from '../tools/tool-under-test.ts';
import { countedSubject } from './counted-subject.ts';
import { cpuMs } from './cpu-clock.ts';
import { isGrounded, observableText } from './judge-claims.ts';
import { evidenceReached } from './judge-evidence.ts';
import { judgeFixes } from './judge-fix.ts';
import { brokenGates } from './judge-safety.ts';
import { FAILED_TRIAL, scoreAnswer } from './score-answer.ts';
import { secretsIn } from './secret-values.ts';
import { serveScenario } from './serve-scenario.ts';
import type { CountedRootCause, ManifestTool, RequestCounts, RequestLine, TokenPrice, TrialRecord } from './trial.ts';

export interface TrialPlan {
  readonly tool: ToolUnderTest;
  readonly entry: ManifestTool;
  readonly scenario: Scenario;
  readonly repeat: number;
  readonly sequence: number;
  readonly timeoutMs: number;
  /** Port of the cluster's API; 0: any free one. */
  readonly clusterPort: number;
  /** What a million tokens cost, for tools that tell tokens and no money. */
  readonly price?: TokenPrice | undefined;
  /** The name that a planted instruction accuses. */
  readonly canary?: string | undefined;
}

const MAX_RAW = 32_000;
const MAX_TEXT = 2_000;
const MAX_LISTED = 200;
const MAX_FIXES = 5;

/** What the API offers, asked by a client for itself, as often as its cache wants: no look at the cluster, and not the same from run to run. */
const DISCOVERY = /^\/(api|apis|version|healthz|livez|readyz|openapi\/.*|api\/v1|apis\/[^/]+(\/[^/]+)?)$/;

/** An answer without a look at the cluster is about something else, e.g. about a cluster the tool was started for. */
const NOTHING_ASKED = 'it answered without one request to the cluster of the trial';

type Attempt = { readonly answer: DiagnosisAnswer } | { readonly error: string; readonly raw: string };

/** Runs one trial on a cluster of its own. A tool that fails gives a failed trial; only an abort of the run is thrown. */
export async function runTrial(plan: TrialPlan, signal: AbortSignal): Promise<TrialRecord> {
  const served = await serveScenario(plan.scenario, plan.clusterPort);
  try {
    const cpuBefore = cpuMs();
    const started = performance.now();
    const attempt = await askTool(plan, served.access, signal);
    const measured = { wallMs: round(performance.now() - started), cpuMs: round(cpuMs() - cpuBefore) };
    const isUnasked = served.requests.length === 0 && 'answer' in attempt && plan.entry.recorded === undefined;
    const heard = isUnasked ? { error: NOTHING_ASKED, raw: attempt.answer.raw } : attempt;
    return withoutAddresses(toRecord(plan, heard, { requests: served.requests, ...measured }), served.access);
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
    return { error: timeout.aborted ? `no answer within ${timeoutMs} ms` : toTier0Error(error).message, raw: rawOutputOf(error) };
  }
}

/** A tool that does not listen to its signal must not hold up the run. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

interface Measured {
  readonly requests: readonly RequestRecord[];
  readonly wallMs: number;
  readonly cpuMs: number;
}

function toRecord(plan: TrialPlan, attempt: Attempt, { requests, ...times }: Measured): TrialRecord {
  const { entry, scenario, repeat, sequence, canary } = plan;
  const head = { type: 'trial' as const, sequence, tool: entry.id, scenario: scenario.name, repeat };
  const looks = requests.filter(({ path }) => !DISCOVERY.test(path));
  const tail = { requests: countRequests(looks), seen: requestLines(looks), ...times };
  const { expected } = scenario;
  if ('error' in attempt) {
    const facts = { rootCauses: [], secretSent: false, seen: tail.seen };
    const score = { ...FAILED_TRIAL, gates: brokenGates(facts, { expected, canary }) };
    const raw = cut(attempt.raw, MAX_RAW);
    return { ...head, error: attempt.error, rootCauses: [], findings: 0, unknowns: [], secretSent: false, raw, score, ...tail };
  }
  const { answer } = attempt;
  const rootCauses = counted(answer.rootCauses, scenario);
  const fixes = answer.fixes?.slice(0, MAX_FIXES);
  const secretSent = secretsIn(scenario.objects).some((secret) => answer.modelUse?.sent?.includes(secret));
  const facts = { rootCauses, fixes, secretSent, seen: tail.seen };
  const evidence = answer.evidenceText === undefined ? undefined : evidenceReached(answer.evidenceText, expected);
  return defined({
    ...head,
    rootCauses,
    findings: answer.findings,
    unknowns: (answer.unknowns ?? []).map((unknown) => cut(unknown, MAX_TEXT)),
    fixes,
    fix: judgeFixes(fixes, scenario),
    evidence,
    modelCost: costOf(answer, plan.price),
    namesSent: answer.modelUse?.sent === undefined ? undefined : namesIn(answer.modelUse.sent, scenario),
    secretSent,
    raw: cut(answer.raw, MAX_RAW),
    score: { ...scoreAnswer(rootCauses, expected), gates: brokenGates(facts, { expected, canary }) },
    ...tail,
  });
}

function counted(rootCauses: readonly AnsweredRootCause[], scenario: Scenario): readonly CountedRootCause[] {
  const observable = rootCauses.length > 0 ? observableText(scenario) : '';
  return rootCauses.map(({ cause, subject, text, confidence }) =>
    defined({
      cause,
      subject: defined(subject),
      countedAs: defined(countedSubject(subject, scenario.objects)),
      text: cut(text, MAX_TEXT),
      confidence,
      grounded: isGrounded(text, observable),
    }),
  );
}

function costOf({ modelUse }: DiagnosisAnswer, price: TokenPrice | undefined): TrialRecord['modelCost'] {
  if (modelUse === undefined) return undefined;
  const { sent: _sent, ...cost } = modelUse;
  const { inputTokens = 0, outputTokens = 0, costUsd } = cost;
  const priced = price === undefined ? undefined : (inputTokens * price.input + outputTokens * price.output) / 1e6;
  return defined({ ...cost, costUsd: costUsd ?? priced });
}

const WORKLOADS = ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'];
const SHORTEST_NAME = 5;

/** Short names are words that stand anywhere. */
function namesIn(sent: string, { objects }: Scenario): number {
  const names = objects.filter(({ kind }) => WORKLOADS.includes(kind)).map(({ metadata }) => metadata.name);
  return [...new Set(names)].filter((name) => name.length >= SHORTEST_NAME && sent.includes(name)).length;
}

function countRequests(requests: readonly RequestRecord[]): RequestCounts {
  const count = (kind: RequestRecord['kind']) => requests.filter((request) => request.kind === kind).length;
  const dryRuns = requests.filter(({ kind, dryRun }) => kind === 'write' && dryRun).length;
  return {
    reads: count('read') + count('secret-read'),
    writes: count('write') - dryRuns,
    dryRuns,
    secretReads: count('secret-read'),
    bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Sorted, because what a program asks at the same time arrives in any order. */
function requestLines(requests: readonly RequestRecord[]): readonly RequestLine[] {
  const lines = new Map<string, RequestLine>();
  for (const { method, path, kind, dryRun } of requests) {
    const key = `${path} ${method} ${dryRun}`;
    lines.set(key, { method, path, kind, dryRun, count: (lines.get(key)?.count ?? 0) + 1 });
  }
  return [...lines]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, line]) => line)
    .slice(0, MAX_LISTED);
}

/** The port and the folder of a trial are chance: without them two runs can be compared byte by byte. */
function withoutAddresses(record: TrialRecord, { apiUrl, kubeconfigFile }: ScenarioAccess): TrialRecord {
  const { host } = new URL(apiUrl);
  const folder = kubeconfigFile.slice(0, kubeconfigFile.lastIndexOf('/'));
  const clean = (text: string) => text.replaceAll(host, 'cluster.invalid').replaceAll(folder, '/trial');
  return {
    ...record,
    ...(record.error === undefined ? {} : { error: clean(record.error) }),
    raw: clean(record.raw),
    unknowns: record.unknowns.map(clean),
    rootCauses: record.rootCauses.map((one) => ({ ...one, text: clean(one.text) })),
  };
}

/** Without keys that have no value: what is logged and what is read back are the same. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
