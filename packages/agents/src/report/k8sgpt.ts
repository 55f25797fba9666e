import type { DiagnosisDocument, FindingEntry, SubjectReference } from './diagnosis-document.ts';

/** The JSON that k8sgpt's `analyze -o json` prints; its readers expect these very keys and `null` for empty lists. */
export interface K8sgptOutput {
  readonly provider: string;
  readonly errors: readonly string[] | null;
  readonly status: 'OK' | 'ProblemDetected';
  /** Number of texts, not of objects. */
  readonly problems: number;
  readonly results: readonly K8sgptResult[] | null;
}

interface K8sgptResult {
  readonly kind: string;
  readonly name: string;
  readonly error: readonly { readonly Text: string; readonly KubernetesDoc: string; readonly Sensitive: readonly never[] }[];
  readonly details: string;
  readonly parentObject: string;
}

/** Faults, one result for each object; `details` says which root cause explains them. */
export function toK8sgpt(document: DiagnosisDocument): K8sgptOutput {
  const faults = document.findings.filter((finding) => finding.severity === 'fault');
  const groups = Map.groupBy(faults, ({ subject }) => `${subject.kind} ${nameOf(subject)}`);
  const results = [...groups.values()].map((group) => toResult(group, document));
  return {
    provider: '',
    errors: document.unknowns.length === 0 ? null : document.unknowns,
    status: faults.length === 0 ? 'OK' : 'ProblemDetected',
    problems: faults.length,
    results: results.length === 0 ? null : results,
  };
}

function toResult(group: readonly FindingEntry[], document: DiagnosisDocument): K8sgptResult {
  const [{ subject }] = group as readonly [FindingEntry];
  return {
    kind: subject.kind,
    name: nameOf(subject),
    error: group.map(({ message }) => ({ Text: message, KubernetesDoc: '', Sensitive: [] })),
    details: detailsOf(group, document),
    parentObject: '',
  };
}

function detailsOf(group: readonly FindingEntry[], { rootCauses }: DiagnosisDocument): string {
  const fingerprints = new Set(group.map((finding) => finding.fingerprint));
  const isExplained = ({ finding, symptoms }: (typeof rootCauses)[number]) =>
    fingerprints.has(finding) || symptoms.some((symptom) => fingerprints.has(symptom));
  return rootCauses
    .filter(isExplained)
    .map(({ cause, subject, message }) => `Root cause ${cause} at ${subject.kind} ${nameOf(subject)}: ${message}`)
    .join('\n');
}

function nameOf({ namespace, name }: SubjectReference): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
