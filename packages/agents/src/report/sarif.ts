import type { CodeTable } from '../findings/code-entry.ts';
import type { DiagnosisDocument, FindingEntry, SubjectReference } from './diagnosis-document.ts';

/** SARIF levels of our severities. */
const LEVEL = { fault: 'error', degraded: 'warning', hygiene: 'note' } as const;

/** A stretch of a file of the repository. Lines and columns count from 1. */
export interface SarifPlace {
  /** Path in the repository, with `/` between folders. */
  readonly file: string;
  readonly startLine: number;
  readonly startColumn?: number | undefined;
  readonly endLine?: number | undefined;
  readonly endColumn?: number | undefined;
}

/** What a report about a repository needs besides the findings. */
export interface SarifOptions {
  readonly version: string;
  /** Says in words what each rule means: `CODES` of this package. */
  readonly table?: CodeTable | undefined;
  /** Where the repository declares what a finding is about, by its fingerprint. */
  readonly placeOf: (fingerprint: string) => SarifPlace | undefined;
}

/**
 * The report in SARIF 2.1.0 (OASIS), for dashboards: one result for each finding, by fingerprint the same from run to run. Its locations are
 * objects of the cluster. `table` (`CODES` of this package) says in words what each rule means; without it a rule is named by its code, and the
 * table is not bundled.
 */
export function toSarif(document: DiagnosisDocument, version: string, table: CodeTable = {}): Readonly<Record<string, unknown>> {
  return sarifOf(document, { version, table, placeOf: () => undefined }, document.findings);
}

/** GitHub shows the first of so many results and refuses larger files. */
const MAX_RESULTS = 5_000;
const SEVERITIES: readonly string[] = ['fault', 'degraded', 'hygiene'];

/**
 * The same for code scanning, which takes results only with a line of a file: the findings whose declaration is in the repository, the worst
 * first; the others are told as notifications, so that nothing is missing.
 */
export function toRepositorySarif(document: DiagnosisDocument, options: SarifOptions): Readonly<Record<string, unknown>> {
  const placed = document.findings
    .filter(({ fingerprint }) => options.placeOf(fingerprint) !== undefined)
    .sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
  return sarifOf(document, options, placed.slice(0, MAX_RESULTS));
}

function sarifOf(document: DiagnosisDocument, options: SarifOptions, findings: readonly FindingEntry[]): Readonly<Record<string, unknown>> {
  const { version, table = {}, placeOf } = options;
  const codes = [...new Set(findings.map((finding) => finding.code))].sort();
  const left = document.findings.filter((finding) => !findings.includes(finding));
  const notifications = [
    ...document.unknowns.map((text) => ({ level: 'warning', message: { text } })),
    ...left.map((finding) => ({
      level: LEVEL[finding.severity],
      message: { text: `No line of the repository is known for ${finding.code} at ${qualified(finding.subject)}: ${finding.message}` },
    })),
  ];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'tier0', version, rules: codes.map((code) => toRule(code, document, table)) } },
        automationDetails: { id: 'tier0/' },
        invocations: [{ executionSuccessful: true, endTimeUtc: document.takenAt, toolExecutionNotifications: notifications }],
        results: findings.map((finding) =>
          toResult(finding, { document, ruleIndex: codes.indexOf(finding.code), place: placeOf(finding.fingerprint) }),
        ),
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

interface Result {
  readonly document: DiagnosisDocument;
  readonly ruleIndex: number;
  readonly place: SarifPlace | undefined;
}

function toResult(finding: FindingEntry, { document, ruleIndex, place }: Result) {
  const root = document.rootCauses.find((cause) => cause.finding === finding.fingerprint || cause.symptoms.includes(finding.fingerprint));
  return {
    ruleId: finding.code,
    ruleIndex,
    level: LEVEL[finding.severity],
    message: { text: finding.message },
    locations: [
      {
        ...(place ? { physicalLocation: physicalLocation(place) } : {}),
        logicalLocations: [{ name: finding.subject.name, fullyQualifiedName: qualified(finding.subject), kind: 'resource' }],
      },
    ],
    // Code scanning tells results of two runs apart by the second alone.
    partialFingerprints: { 'tier0/v1': finding.fingerprint, primaryLocationLineHash: finding.fingerprint },
    properties: {
      cause: finding.cause,
      isRootCause: root?.finding === finding.fingerprint,
      ...(root ? { rootCause: root.cause, rootCauseSubject: qualified(root.subject) } : {}),
      ...(finding.since === undefined ? {} : { since: finding.since }),
    },
  };
}

/** A path is a relative URI: what would mean something else in one is escaped. */
function physicalLocation({ file, ...region }: SarifPlace) {
  const uri = file.split('/').map(encodeURIComponent).join('/');
  return {
    artifactLocation: { uri, uriBaseId: '%SRCROOT%' },
    region: Object.fromEntries(Object.entries(region).filter(([, at]) => at !== undefined)),
  };
}

function qualified({ kind, namespace, name }: SubjectReference): string {
  return [namespace, kind, name].filter((part) => part !== undefined).join('/');
}
