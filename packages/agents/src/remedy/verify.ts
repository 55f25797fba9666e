import {
  type CallContext,
  type CmdbReader,
  type Diagnosis,
  type Finding,
  formatDuration,
  formatItemId,
  makeEvidence,
  parseKubernetesItemId,
  type Remedy,
  toTier0Error,
  type Verification,
  type Verifier,
} from '@tier0/core';
import { examineCluster, type ReadLog } from '../diagnosis/examine.ts';
import { readLogFrom } from '../diagnosis/read-log-from.ts';
import type { Matter } from '../findings/matter.ts';
import { quote } from '../findings/quote.ts';
import { runRules } from '../findings/run-rules.ts';
import type { Signal, SignalLook, SignalOptions } from '../findings/signal.ts';
import { MATTERS } from '../kubernetes/matters.ts';
import { podViews } from '../kubernetes/objects/pod-view.ts';
import { instantAt, listAt, numberAt, textAt } from '../kubernetes/objects/read-object.ts';
import { rolloutOf } from '../kubernetes/objects/workload.ts';
import { SIGNALS } from '../signals/signals.ts';
import { findingOf } from './choose.ts';

/** What counts as proof that a remedy worked, and how long is waited for it. */
export interface VerifierOptions extends Partial<SignalOptions> {
  /** Default `MATTERS`. */
  readonly matters?: readonly Matter[] | undefined;
  /** Default `SIGNALS`. */
  readonly signals?: readonly Signal[] | undefined;
  /** Reads the logs of what was cured. Default: the evidence sources that have logs; without any, a cause that a log told of is never said to be gone. */
  readonly readLog?: ReadLog | undefined;
  /** Milliseconds by the context's clock that the cause must stay away, restarts included. Default 60 s. */
  readonly holdMs?: number | undefined;
  /** Milliseconds by the context's clock after which it gives up. Default 1 h. */
  readonly giveUpAfterMs?: number | undefined;
  /** Milliseconds of real time between two looks. Default 1,000. */
  readonly pollMs?: number | undefined;
}

type VerifyRequest = Parameters<Verifier['verify']>[0];
type Judged = Exclude<SignalLook, { readonly waiting: string }>;

/** Measures the symptom after a change until it can judge, or gives up and says why. Without evidence nothing is said to be resolved. */
export function createVerifier(options: VerifierOptions = {}): Verifier {
  return {
    async verify(request, context) {
      const deadlineMs = request.liveAtMs + (options.giveUpAfterMs ?? 3_600_000);
      const watch: Watch = { goneSinceMs: undefined, restarts: new Map() };
      let waiting = 'nothing was looked at';
      for (let first = true; first || context.now() < deadlineMs; first = false) {
        if (!first) await sleep(options.pollMs ?? 1_000, context.signal);
        context.signal.throwIfAborted();
        const look = await lookOnce(options, request, { watch, context });
        if (!('waiting' in look)) return withRegressions(options, request, look);
        waiting = look.waiting;
      }
      const reasons = [`gave up after ${formatDuration(context.now() - request.liveAtMs)}: ${waiting}`];
      return withRegressions(options, request, { resolved: false, reasons, evidence: [] });
    },
  };
}

/** What was seen so far: since when the cause is gone, and how often containers had restarted then. */
interface Watch {
  goneSinceMs: number | undefined;
  restarts: ReadonlyMap<string, number>;
}

interface Looking {
  readonly watch: Watch;
  readonly context: CallContext;
}

async function lookOnce(options: VerifierOptions, request: VerifyRequest, { watch, context }: Looking): Promise<SignalLook> {
  try {
    await request.cmdb.refresh(context);
    const reader = request.cmdb.reader();
    const { remedy, liveAtMs } = request;
    const signal = (options.signals ?? SIGNALS).find((one) => one.judges(remedy));
    if (signal !== undefined) return await signal.verify({ remedy, liveAtMs, reader, options }, context);
    const look = await lookForFinding(options, request, { reader, context });
    if ('waiting' in look || !look.resolved) {
      watch.goneSinceMs = undefined;
      return look;
    }
    return holding(options, { look, reader, watch, workload: remedy.subject }, context);
  } catch (error) {
    context.signal.throwIfAborted();
    return { waiting: toTier0Error(error).message };
  }
}

/** The cause must stay away for the hold time, and nothing of the workload may restart meanwhile. */
function holding(
  options: VerifierOptions,
  {
    look,
    reader,
    watch,
    workload,
  }: { readonly look: Judged; readonly reader: CmdbReader; readonly watch: Watch; readonly workload: string },
  context: CallContext,
): SignalLook {
  const restarts = restartsOf(reader, workload);
  const again = [...restarts].find(([container, count]) => count > (watch.restarts.get(container) ?? count));
  watch.restarts = restarts;
  if (watch.goneSinceMs === undefined || again !== undefined) watch.goneSinceMs = context.now();
  const heldMs = context.now() - watch.goneSinceMs;
  const holdMs = options.holdMs ?? 60_000;
  if (again !== undefined) return { waiting: `${again[0]} restarted again` };
  if (heldMs < holdMs) return { waiting: `it is gone for ${formatDuration(heldMs)}, ${formatDuration(holdMs)} are waited for` };
  return { ...look, reasons: [...look.reasons, `it stayed away for ${formatDuration(heldMs)}`] };
}

function restartsOf(reader: CmdbReader, workload: string): ReadonlyMap<string, number> {
  const own = podViews(reader).filter((pod) => pod.workload === workload);
  return new Map(
    own.flatMap((pod) =>
      listAt(pod.object, 'status', 'containerStatuses').map((status) => [
        `${parseKubernetesItemId(pod.id)?.name}/${textAt(status, 'name')}`,
        numberAt(status, 'restartCount') ?? 0,
      ]),
    ),
  );
}

async function lookForFinding(
  options: VerifierOptions,
  { remedy, diagnosis, liveAtMs }: VerifyRequest,
  { reader, context }: { readonly reader: CmdbReader; readonly context: CallContext },
): Promise<SignalLook> {
  const { success } = remedy;
  if (success.kind !== 'finding-gone') return { waiting: 'another criterion' };
  if (Date.parse(reader.at) < liveAtMs) return { waiting: 'the CMDB has not been read since the change went live' };
  const rollout = rolloutOfItem(reader, success.item);
  if (rollout !== undefined) return { waiting: rollout };
  const pods = reader.items({ kind: 'Pod' }).coverage;
  if (pods.length === 0 || pods.some((row) => row.state !== 'complete')) return { waiting: 'pods could not be read completely' };
  const finding = findingOf(diagnosis.findings, success.fingerprint);
  const readLog = options.readLog ?? readLogFrom(options.evidence ?? [], context);
  const examination = await examineCluster(reader, { matters: options.matters, readLog }, context);
  if (examination.findings.some((one) => isSame(one, success.fingerprint, finding))) return { waiting: 'the finding is still there' };
  const evidence = [quote(reader, success.item, ['status'])];
  if (finding === undefined || !isToldByLog(finding))
    return { resolved: true, reasons: [`the finding is gone from ${formatItemId(success.item)}`], evidence };
  return await askLog(readLog, { finding, reader, liveAtMs }, context);
}

/** Why it is too early to judge a workload; undefined for one that is rolled out, and for what has no rollout. */
function rolloutOfItem(reader: CmdbReader, item: string): string | undefined {
  const kind = parseKubernetesItemId(item)?.kind ?? '';
  if (!/^(Deployment|StatefulSet|DaemonSet)$/.test(kind)) return undefined;
  const rollout = rolloutOf(reader.object(item), kind);
  return rollout === 'complete' ? undefined : `the rollout of ${formatItemId(item)} is ${rollout}`;
}

function isSame(one: Finding, fingerprint: string, wanted: Finding | undefined): boolean {
  if (one.fingerprint === fingerprint) return true;
  return wanted !== undefined && one.severity === 'fault' && one.cause === wanted.cause && one.subject === wanted.subject;
}

/** A finding whose evidence is what a program wrote: only what it writes now can say that it is gone. */
function isToldByLog({ evidence }: Finding): boolean {
  return evidence.length > 0 && evidence.every(({ source }) => source === 'logs');
}

const LOG_BYTES = 64 * 1024;

/** What the pods that were started after the change write must be there to read, and must not say it again; that was looked for already. */
async function askLog(
  readLog: ReadLog | undefined,
  { finding, reader, liveAtMs }: { readonly finding: Finding; readonly reader: CmdbReader; readonly liveAtMs: number },
  context: CallContext,
): Promise<SignalLook> {
  const workloads = new Set([finding.subject, ...(finding.seenOn ?? [])]);
  const fresh = podViews(reader).filter((pod) => workloads.has(pod.workload) && isReady(pod.object));
  if (readLog === undefined) return { waiting: 'a log told of the cause, and no log can be read: whether it is gone is not known' };
  const [pod] = fresh.sort((a, b) => (startedMs(b.object) ?? 0) - (startedMs(a.object) ?? 0));
  if (pod === undefined) return { waiting: 'no ready pod is there whose log could be asked' };
  const { namespace = '', name = '' } = parseKubernetesItemId(pod.id) ?? {};
  const container = finding.container ?? textAt(listAt(pod.object, 'spec', 'containers')[0], 'name') ?? '';
  const request = { namespace, pod: name, container, previous: false, limitBytes: LOG_BYTES, signal: context.signal };
  const text = await readLog(request);
  if (text === undefined) return { waiting: `the log of ${namespace}/${name} cannot be read: whether the cause is gone is not known` };
  const toMs = context.now();
  const quoted = text.trim().split('\n').slice(-3).join('\n') || 'nothing is written';
  const log = makeEvidence({ source: 'logs', query: `${namespace}/${name} container ${container}`, fromMs: liveAtMs, toMs, text: quoted });
  return { resolved: true, reasons: [`${name} is ready, and its log does not say it again`], evidence: [log] };
}

function startedMs(pod: unknown): number | undefined {
  return instantAt(pod, 'status', 'startTime');
}

function isReady(pod: unknown): boolean {
  return listAt(pod, 'status', 'conditions').some((one) => textAt(one, 'type') === 'Ready' && textAt(one, 'status') === 'True');
}

/** Faults that are there now, were not before, and lie where the change can reach; others are named, not blamed. */
function withRegressions(options: VerifierOptions, request: VerifyRequest, look: Judged): Verification {
  const reader = newestReader(request);
  if (!reader)
    return {
      ...look,
      regressions: [],
      reasons: [...look.reasons, 'regressions could not be looked for: the CMDB could not be read'],
      resolved: false,
    };
  const fresh = freshFaults(options.matters ?? MATTERS, request.diagnosis, reader);
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
