import { type CmdbReader, type Finding, formatFieldPath, type ItemEdit, parseKubernetesItemId, redact, shownValue } from '@tier0/core';
import { bareKind } from '@tier0/core/kubernetes';
import type { CitedCause } from '../diagnosis/diagnose-findings.ts';
import type { RehearsedRemedy } from '../findings/remedy-draft.ts';
import { textAt } from '../kubernetes/objects/read-object.ts';
import type { ClusterDiagnosis } from './diagnose-cluster.ts';
import type {
  DiagnosisDocument,
  EditEntry,
  FindingEntry,
  ImpactEntry,
  RemedyEntry,
  RootCauseEntry,
  SubjectReference,
} from './diagnosis-document.ts';

/** Which part of a diagnosis is wanted. */
export interface DiagnosisFocus {
  /** Only what stands in this namespace, comes from it or reaches it. */
  readonly namespace?: string | undefined;
  /** Only what is about this item: what it causes, what harms it. */
  readonly item?: string | undefined;
}

/** The report of a diagnosis: the same bytes for the same cluster, whatever order its objects came in. */
export function toDiagnosisDocument(diagnosis: ClusterDiagnosis, reader: CmdbReader, focus: DiagnosisFocus = {}): DiagnosisDocument {
  const byFingerprint = new Map(diagnosis.findings.map((finding) => [finding.fingerprint, finding]));
  const causes = diagnosis.causes.filter((cause) => isCauseWanted(cause, byFingerprint, { focus, reader }));
  const related = new Set(causes.flatMap((cause) => [cause.finding.fingerprint, ...cause.symptoms]));
  const findings = diagnosis.findings.filter((finding) => related.has(finding.fingerprint) || isAbout(finding.subject, focus));
  const gaps = diagnosis.unknowns.map((gap) => ({ ...gap, message: redact(gap.message) }));
  return {
    schema: 'tier0.diagnosis/v1',
    takenAt: reader.at,
    findings: findings.map((finding) => toFindingEntry(finding, reader)),
    rootCauses: causes.map((cause) => toRootCauseEntry(cause, diagnosis.remedies.get(cause.finding.fingerprint) ?? [], reader)),
    unknowns: gaps.map(({ message }) => message),
    gaps,
  };
}

/** Where a failure is followed to see whom it can reach. */
const REACH = { hops: 8, limit: 5_000 } as const;

/** A cause concerns what stands on its way, what suffers from it, what its finding names, and what it can reach. */
function isCauseWanted(
  { rootCause, finding, symptoms }: CitedCause,
  findings: ReadonlyMap<string, Finding>,
  { focus, reader }: { readonly focus: DiagnosisFocus; readonly reader: CmdbReader },
): boolean {
  const felt = symptoms.flatMap((symptom) => findings.get(symptom)?.subject ?? []);
  const named = [...rootCause.path, rootCause.subject, ...felt, ...(finding.seenOn ?? []), ...(finding.suspects ?? [])];
  if (named.some((item) => isAbout(item, focus))) return true;
  return reader.impact(rootCause.subject, REACH).items.some(({ item }) => isAbout(item, focus));
}

function isAbout(item: string, { namespace, item: wanted }: DiagnosisFocus): boolean {
  const isThere = namespace === undefined || parseKubernetesItemId(item)?.namespace === namespace;
  return isThere && (wanted === undefined || item === wanted);
}

function toFindingEntry(finding: Finding, reader: CmdbReader): FindingEntry {
  return {
    code: finding.code,
    severity: finding.severity,
    cause: finding.cause,
    subject: toSubject(finding.subject, reader),
    ...(finding.container === undefined ? {} : { container: finding.container }),
    message: redact(finding.message),
    ...(finding.since === undefined ? {} : { since: finding.since }),
    fingerprint: finding.fingerprint,
    evidence: finding.evidence.map(({ source, query, excerpt }) => ({ source, query, excerpt })),
    explainedBy: [...finding.explainedBy].sort(),
  };
}

function toRootCauseEntry(cause: CitedCause, remedies: readonly RehearsedRemedy[], reader: CmdbReader): RootCauseEntry {
  const { rootCause, finding, symptoms } = cause;
  const owner = reader.owner(rootCause.subject)?.team;
  return {
    cause: rootCause.cause,
    code: finding.code,
    subject: toSubject(rootCause.subject, reader),
    ...(rootCause.container === undefined ? {} : { container: rootCause.container }),
    message: redact(rootCause.message),
    ...(finding.since === undefined ? {} : { since: finding.since }),
    confidence: rootCause.confidence,
    basis: rootCause.basis,
    finding: finding.fingerprint,
    path: rootCause.path.map((item) => toSubject(item, reader)),
    symptoms: [...symptoms],
    impact: toImpact(rootCause.subject, reader),
    ...(owner === undefined ? {} : { owner }),
    remedies: remedies.map((advice) => toRemedyEntry(advice, reader)),
  };
}

/** What people know a failure by; pods, slices and revisions tell of the same harm again. */
const TELLING: ReadonlySet<string> = new Set([
  'CronJob',
  'DaemonSet',
  'Deployment',
  'DeploymentConfig',
  'HTTPRoute',
  'Ingress',
  'Job',
  'Rollout',
  'Service',
  'StatefulSet',
]);
const LISTED = 20;

function toImpact(subject: string, reader: CmdbReader): ImpactEntry {
  const { items, truncated } = reader.impact(subject, { hops: 8 });
  const telling = items.filter(({ item }) => TELLING.has(parseKubernetesItemId(item)?.kind ?? ''));
  return { items: items.length, truncated, reaches: telling.slice(0, LISTED).map(({ item }) => toSubject(item, reader)) };
}

function toEditEntry({ item, fieldPath, expectOld, value }: ItemEdit, reader: CmdbReader): EditEntry {
  const shown = {
    ...(expectOld === undefined ? {} : { expectOld: shownValue(fieldPath, expectOld) }),
    ...(value === undefined ? {} : { value: shownValue(fieldPath, value) }),
  };
  const isWithheld =
    JSON.stringify(shown) !==
    JSON.stringify({ ...(expectOld === undefined ? {} : { expectOld }), ...(value === undefined ? {} : { value }) });
  return { item: toSubject(item, reader), path: formatFieldPath(fieldPath), ...shown, ...(isWithheld ? { withheld: true as const } : {}) };
}

function toRemedyEntry(remedy: RehearsedRemedy, reader: CmdbReader): RemedyEntry {
  const { id, kind, precondition, risk, rehearsal, remains } = remedy;
  const [title, why, verify, rollback] = [redact(remedy.title), redact(remedy.why), redact(remedy.verify), redact(remedy.rollback)];
  const edits = remedy.edits.map((edit) => toEditEntry(edit, reader));
  return {
    id,
    kind,
    title,
    why,
    edits,
    precondition,
    risk,
    verify,
    rollback,
    ...(rehearsal ? { rehearsal } : {}),
    ...(remains === undefined ? {} : { remains }),
  };
}

/** Items from outside Kubernetes keep their id as their name. */
function toSubject(item: string, reader: CmdbReader): SubjectReference {
  const identity = parseKubernetesItemId(item);
  if (!identity) return { kind: 'Item', name: item };
  const uid = textAt(reader.object(item), 'metadata', 'uid');
  const { kind, namespace, name } = identity;
  const bare = bareKind(kind);
  return {
    kind: bare,
    ...(bare === kind ? {} : { group: kind.slice(bare.length + 1) }),
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(uid === undefined ? {} : { uid }),
  };
}
