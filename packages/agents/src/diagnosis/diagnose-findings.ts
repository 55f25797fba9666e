import { type Cause, type CmdbReader, type Evidence, type Finding, parseKubernetesItemId, type RootCause } from '@tier0/core';
import { changesNear } from '../findings/change-evidence.ts';
import { answererOf } from '../kubernetes/objects/workload.ts';
import { workloadBehind } from '../kubernetes/objects/workload-index.ts';
import { causalPath } from './causal-path.ts';
import { confidenceOf } from './confidence.ts';
import { rootFindings } from './root-findings.ts';

/** A root cause with what it explains and the evidence that it cites beyond its finding's own. */
export interface CitedCause {
  readonly rootCause: RootCause;
  /** The finding it rests on. */
  readonly finding: Finding;
  /** Fingerprints of the findings it explains, nearest first. */
  readonly symptoms: readonly string[];
  readonly evidence: readonly Evidence[];
}

/** A change this long before a fault can have caused it. */
const CHANGE_WINDOW_MS = 3_600_000;

/** Root causes behind linked findings, most certain first. Only faults count; hygiene never is a root cause of an incident. */
export function diagnoseFindings(findings: readonly Finding[], reader: CmdbReader): readonly CitedCause[] {
  const faults = findings.filter((finding) => finding.severity === 'fault');
  const roots = sharedServers(withoutEchoes(rootFindings(faults)), reader).map((finding) => atThePlace(finding, reader));
  const causes = onePerSubject(roots, reader).map((finding) => toCause(finding, faults, reader));
  return causes.sort((a, b) => b.rootCause.confidence - a.rootCause.confidence || b.symptoms.length - a.symptoms.length || order(a, b));
}

/** Complaints that are the server's own when several workloads have them, and one client's when it alone has. */
const SHARED: ReadonlySet<Cause> = new Set(['connection-pool-exhausted', 'rate-limit-exceeded', 'certificate-untrusted']);
const SHARED_CODES: ReadonlySet<string> = new Set(['T0-LOG-051', 'T0-LOG-052']);

/** What nobody understands, said of a server that others say more precisely of that it does not answer, is no cause of its own. */
function withoutEchoes(roots: readonly Finding[]): readonly Finding[] {
  const accused = new Set(roots.filter(isDependency).flatMap(({ suspects = [] }) => (suspects.length === 1 ? suspects : [])));
  return roots.filter(({ code, suspects = [] }) => !(SHARED_CODES.has(code) && suspects.length === 1 && accused.has(suspects[0] ?? '')));
}

function isDependency({ cause }: Finding): boolean {
  return cause === 'dependency-down' || cause === 'dependency-slow';
}

/** The same complaint of several workloads about one server is the server's; one client alone is that client. */
function sharedServers(roots: readonly Finding[], reader: CmdbReader): readonly Finding[] {
  const complaints = Map.groupBy(
    roots.filter(({ cause, code, suspects = [] }) => (SHARED.has(cause) || SHARED_CODES.has(code)) && suspects.length === 1),
    ({ suspects = [] }) => suspects[0] ?? '',
  );
  const shared = new Map(
    [...complaints].flatMap(([service, own]) =>
      new Set(own.map(({ subject }) => answererOf(reader, subject))).size > 1
        ? own.map((finding) => [finding.fingerprint, service] as const)
        : [],
    ),
  );
  return roots.map((finding) => {
    const service = shared.get(finding.fingerprint);
    return service === undefined ? finding : placedAt(finding, service, reader);
  });
}

/**
 * Something that others need and that does not answer, with no finer cause known: it is named, not the one who tells of it. Where several
 * are named, nobody is singled out.
 */
function atThePlace(finding: Finding, reader: CmdbReader): Finding {
  const services = (finding.suspects ?? []).filter((suspect) => parseKubernetesItemId(suspect)?.kind === 'Service');
  const [service, ...others] = services;
  if (!isDependency(finding) || service === undefined || others.length > 0 || reader.get(service).state !== 'found') return finding;
  return placedAt(finding, service, reader);
}

/** The finding at the workload behind a Service; at the Service where there are several or none. */
function placedAt(finding: Finding, service: string, reader: CmdbReader): Finding {
  const { container: _container, ...rest } = finding;
  return { ...rest, subject: workloadBehind(reader, service) ?? service };
}

function order(a: CitedCause, b: CitedCause): number {
  return a.finding.fingerprint < b.finding.fingerprint ? -1 : 1;
}

/** One word of the vocabulary on one subject is one root cause, in however many containers, or pods of one operator's resource, it shows. */
function onePerSubject(roots: readonly Finding[], reader: CmdbReader): readonly Finding[] {
  const best = new Map<string, Finding>();
  for (const root of roots) {
    const key = `${root.cause} ${answererOf(reader, root.subject)}`;
    if (!best.has(key)) best.set(key, root);
  }
  return [...best.values()];
}

function toCause(finding: Finding, faults: readonly Finding[], reader: CmdbReader): CitedCause {
  const sinceMs = Date.parse(finding.since ?? reader.at);
  const near = changesNear(reader, { item: finding.subject, fromMs: sinceMs - CHANGE_WINDOW_MS, toMs: sinceMs + 60_000, hops: 1 });
  const hasChange = near.changes.length > 0;
  const path = causalPath(finding, faults, reader);
  const { value: confidence, basis } = confidenceOf(finding, { hasChange, symptoms: path.symptoms.length });
  return {
    rootCause: {
      cause: finding.cause,
      subject: finding.subject,
      ...(finding.container === undefined ? {} : { container: finding.container }),
      message: finding.message,
      confidence,
      basis,
      path: path.items,
      evidenceFor: [...finding.evidence.map((evidence) => evidence.id), ...(hasChange ? [near.evidence.id] : [])],
      evidenceAgainst: [],
      finding: finding.fingerprint,
    },
    finding,
    symptoms: path.symptoms,
    evidence: hasChange ? [...finding.evidence, near.evidence] : finding.evidence,
  };
}
