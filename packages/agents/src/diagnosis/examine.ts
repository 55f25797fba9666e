import {
  type CallContext,
  type CmdbReader,
  distinctGaps,
  type Finding,
  type Gap,
  parseKubernetesItemId,
  type Severity,
  toTier0Error,
} from '@tier0/core';
import type { CodeTable } from '../findings/code-entry.ts';
import { codesOf, type Matter } from '../findings/matter.ts';
import { type RuleRun, runRules } from '../findings/run-rules.ts';
import { toFinding } from '../findings/to-finding.ts';
import { together } from '../findings/together.ts';
import {
  type ContainerLog,
  findingsFromLogs,
  findingsFromServers,
  type LogCandidate,
  logCandidates,
  namedCandidates,
  refusingServices,
} from '../kubernetes/logs/log.ts';
import { MATTERS } from '../kubernetes/matters.ts';
import { workloadOf } from '../kubernetes/objects/workload.ts';
import { type CitedCause, diagnoseFindings } from './diagnose-findings.ts';
import { withHinderedMakers } from './hindered-maker.ts';
import { withLimitsFelt } from './limit-reached.ts';
import { linkFindings } from './link-findings.ts';
import { withQuotedServers } from './quoted-server.ts';
import { lostRouting } from './service-routing.ts';
import { type Suspicion, suspectedChanges } from './suspected-change.ts';
import { waitCircles } from './wait-circle.ts';

/** One log as it is asked for. */
export interface ClusterLogRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** The instance before the last restart. */
  readonly previous: boolean;
  /** Newest bytes wanted at most. */
  readonly limitBytes: number;
  readonly signal: AbortSignal;
}

/** Reads one container's log; undefined when there is none. */
export type ReadLog = (request: ClusterLogRequest) => Promise<string | undefined>;

/** What a diagnosis may use. */
export interface ClusterDiagnosisOptions {
  /** What can be found and what helps. Default `MATTERS`. */
  readonly matters?: readonly Matter[] | undefined;
  /** Reads one container's log; undefined when there is none. Default: no log is read. */
  readonly readLog?: ReadLog | undefined;
  /** Newest bytes of each log that are read. Default 64 KiB. */
  readonly logBytes?: number | undefined;
  /** Whether remedies are looked for and rehearsed. Default true. */
  readonly remedies?: boolean | undefined;
  /** Told what is being done, for people who wait. */
  readonly onProgress?: ((line: string, count?: { readonly done: number; readonly all: number }) => void) | undefined;
}

const LOG_BYTES = 64 * 1024;

/** Logs in flight at once. */
const CONCURRENCY = 4;

/** What was found, before anybody thinks of remedies. */
export interface Examination {
  /** Linked by `explainedBy`; sorted by subject and code. */
  readonly findings: readonly Finding[];
  /** Most certain first. */
  readonly causes: readonly CitedCause[];
  readonly unknowns: readonly Gap[];
  /** What the rules alone found. */
  readonly run: RuleRun;
  readonly logsRead: number;
}

/** Runs the rules, reads the logs of what they could not explain, links everything, and names the root causes. */
export async function examineCluster(reader: CmdbReader, options: ClusterDiagnosisOptions, context: CallContext): Promise<Examination> {
  const matters = options.matters ?? MATTERS;
  options.onProgress?.(`checking ${matters.reduce((sum, matter) => sum + matter.rules.length, 0)} rules`);
  const run = runRules(matters, reader);
  const candidates = options.readLog ? logCandidates(run.findings, reader) : [];
  const first = await readLogs(candidates, options, context);
  const told = findingsFromLogs({ reader, findings: run.findings, logs: first.logs });
  // Whoever is complained of may say why itself.
  const suspects = told.flatMap(({ suspects = [], seenOn = [], subject }) => [...suspects, ...(seenOn.includes(subject) ? [] : [subject])]);
  const named = options.readLog ? namedCandidates(suspects, { reader, known: candidates }) : [];
  const second = await readLogs(named, options, context);
  const unknowns = [...first.unknowns, ...second.unknowns];
  const codes = codesOf(matters);
  const accused = accusedOf(suspects, reader);
  const again = first.logs.filter(({ pod }) => accused.has(workloadOf(reader, pod)));
  const further = findingsFromLogs({ reader, findings: run.findings, logs: [...again, ...second.logs], accused });
  const servers = findingsFromServers(
    { reader, findings: run.findings, logs: [...first.logs, ...second.logs] },
    refusingServices([...told, ...further]),
  );
  const fromLogs = [...told, ...further, ...servers].map((draft) => toFinding(draft, codes));
  const seen = distinct([...run.findings, ...fromLogs]);
  const circles = [...waitCircles(seen, reader), ...lostRouting(seen, reader)].map((draft) => toFinding(draft, codes));
  const felt = withHinderedMakers(withLimitsFelt(distinct([...seen, ...circles]), reader), reader);
  const linked = linkFindings(withQuotedServers(felt, reader), reader);
  const suspicions = suspectedChanges(linked, reader);
  const findings = suspicions.length === 0 ? linked : withSuspicions({ reader, findings: linked, suspicions, codes });
  return {
    findings,
    causes: diagnoseFindings(findings, reader),
    unknowns: [...distinctGaps([...run.unknowns, ...unknowns])].sort((a, b) => (a.message < b.message ? -1 : 1)),
    run,
    logsRead: candidates.length + named.length,
  };
}

interface Suspected {
  readonly reader: CmdbReader;
  readonly findings: readonly Finding[];
  readonly suspicions: readonly Suspicion[];
  readonly codes: CodeTable;
}

/** Findings with the changes that some of them are put down to, linked anew. */
function withSuspicions({ reader, findings, suspicions, codes }: Suspected): readonly Finding[] {
  const suspects = new Map(suspicions.flatMap(({ draft, symptoms }) => symptoms.map((symptom) => [symptom, draft.subject] as const)));
  const named = findings.map((finding) => {
    const suspect = suspects.get(finding.fingerprint);
    return suspect === undefined ? finding : { ...finding, suspects: [...new Set([...(finding.suspects ?? []), suspect])].sort() };
  });
  return linkFindings(distinct([...named, ...suspicions.map(({ draft }) => toFinding(draft, codes))]), reader);
}

/** The workloads behind what logs complain of. */
function accusedOf(suspects: readonly string[], reader: CmdbReader): ReadonlySet<string> {
  const behind = suspects.flatMap((suspect) => [
    suspect,
    ...reader.relations(suspect, 'out', 'selects').map(({ to }) => workloadOf(reader, to)),
  ]);
  return new Set(behind);
}

/** Logs stand in the order of the candidates, whatever order they came in. */
async function readLogs(candidates: readonly LogCandidate[], options: ClusterDiagnosisOptions, { signal }: CallContext) {
  const texts: (string | undefined)[] = [];
  const unknowns: Gap[] = [];
  const waiting = [...candidates.entries()];
  let done = 0;
  if (candidates.length > 0) options.onProgress?.('reading logs', { done, all: candidates.length });
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, { pod, container, previous }] = next;
      const { namespace = '', name = '' } = parseKubernetesItemId(pod) ?? {};
      const request = { namespace, pod: name, container, previous, limitBytes: options.logBytes ?? LOG_BYTES, signal };
      try {
        const text = said(await options.readLog?.(request));
        // A container that waits for its restart has its last words in the present log once the former one is gone.
        texts[index] = previous && text === undefined ? said(await options.readLog?.({ ...request, previous: false })) : text;
      } catch (error) {
        signal.throwIfAborted();
        const message = `could not read the log of ${namespace}/${name}, container ${container}: ${toTier0Error(error).message}`;
        unknowns.push({ source: 'logs', kind: 'Pod', namespace, code: 'failed', message });
      }
      done += 1;
      options.onProgress?.('reading logs', { done, all: candidates.length });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const logs = candidates.flatMap((candidate, index): readonly ContainerLog[] => {
    const text = texts[index];
    return text === undefined ? [] : [{ ...candidate, text }];
  });
  return { logs, unknowns };
}

/** What the program said; a kubelet that has no log any more answers with a sentence of its own, as if the program had said it. */
function said(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' || NO_LOG.test(text) ? undefined : text;
}

const NO_LOG =
  /^\s*(?:unable to retrieve container logs for \S+|failed to try resolving symlinks in path "[^"]*"[^\n]*|failed to (?:watch|open) (?:log )?file "[^"]*"[^\n]*|(?:Error from server[^:]*: )?previous terminated container "?[^"\n]*"? in pod "?[^"\n]*"? not found|rpc error: code = NotFound desc = [^\n]*container[^\n]*)\s*$/;

function distinct(findings: readonly Finding[]): readonly Finding[] {
  const byFingerprint = new Map<string, Finding>();
  for (const finding of findings) {
    const known = byFingerprint.get(finding.fingerprint);
    byFingerprint.set(finding.fingerprint, known === undefined ? finding : together(known, finding));
  }
  const key = (finding: Finding) => `${finding.subject}\n${finding.code}\n${finding.fingerprint}`;
  return [...byFingerprint.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
