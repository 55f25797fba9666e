import type { CodeTable } from '../findings/code-entry.ts';
import type { DiagnosisDocument, FindingEntry, SubjectReference } from './diagnosis-document.ts';

/** SARIF levels of our severities. */
const LEVEL = { fault: 'error', degraded: 'warning', hygiene: 'note' } as const;

/**
 * The report in SARIF 2.1.0 (OASIS), for code scanning and dashboards: one result for each finding, by fingerprint the same from run to run.
 * `table` (`CODES` of this package) says in words what each rule means; without it a rule is named by its code, and the table is not bundled.
 */
export function toSarif(document: DiagnosisDocument, version: string, table: CodeTable = {}): Readonly<Record<string, unknown>> {
  const codes = [...new Set(document.findings.map((finding) => finding.code))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'tier0', version, rules: codes.map((code) => toRule(code, document, table)) } },
        invocations: [
          {
            executionSuccessful: true,
            endTimeUtc: document.takenAt,
            toolExecutionNotifications: document.unknowns.map((text) => ({ level: 'warning', message: { text } })),
          },
        ],
        results: document.findings.map((finding) => toResult(finding, codes.indexOf(finding.code), document)),
      },
    ],
  };
}

function toRule(code: string, { findings }: DiagnosisDocument, table: CodeTable) {
  const entry = Object.hasOwn(table, code) ? table[code] : undefined;
  const severity = entry?.severity ?? findings.find((finding) => finding.code === code)?.severity ?? 'fault';
  return {
    id: code,
    shortDescription: { text: entry?.title ?? code },
    fullDescription: { text: entry?.meaning ?? code },
    help: { text: entry?.fix ?? 'Look at the object.' },
    defaultConfiguration: { level: LEVEL[severity] },
  };
}

function toResult(finding: FindingEntry, ruleIndex: number, { rootCauses }: DiagnosisDocument) {
  const root = rootCauses.find((cause) => cause.finding === finding.fingerprint || cause.symptoms.includes(finding.fingerprint));
  return {
    ruleId: finding.code,
    ruleIndex,
    level: LEVEL[finding.severity],
    message: { text: finding.message },
    locations: [{ logicalLocations: [{ name: finding.subject.name, fullyQualifiedName: qualified(finding.subject), kind: 'resource' }] }],
    partialFingerprints: { 'tier0/v1': finding.fingerprint },
    properties: {
      cause: finding.cause,
      isRootCause: root?.finding === finding.fingerprint,
      ...(root ? { rootCause: root.cause, rootCauseSubject: qualified(root.subject) } : {}),
      ...(finding.since === undefined ? {} : { since: finding.since }),
    },
  };
}

function qualified({ kind, namespace, name }: SubjectReference): string {
  return [namespace, kind, name].filter((part) => part !== undefined).join('/');
}
