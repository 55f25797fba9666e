import { type Alert, type Detector, type Finding, parseKubernetesItemId } from '@tier0/core';
import type { Matter } from '../findings/matter.ts';
import { runRules } from '../findings/run-rules.ts';
import { linkFindings } from './link-findings.ts';

/** The checks whose faults become alerts. */
export interface FindingsDetectorOptions {
  readonly matters: readonly Matter[];
}

/** Raises one alert for each fault that nothing else explains. */
export function createFindingsDetector(options: FindingsDetectorOptions): Detector {
  return {
    name: 'findings',
    async detect(reader) {
      const { findings, unknowns } = runRules(options.matters, reader);
      const linked = linkFindings(findings, reader);
      const roots = linked.filter((finding) => finding.severity === 'fault' && finding.explainedBy.length === 0);
      return { alerts: roots.map((finding) => toAlert(finding, reader.at)), unknowns };
    },
  };
}

function toAlert(finding: Finding, at: string): Alert {
  const { namespace = '', name = finding.subject, kind = '' } = parseKubernetesItemId(finding.subject) ?? {};
  return {
    fingerprint: finding.fingerprint,
    labels: { alertname: 'Finding', code: finding.code, cause: finding.cause, namespace, kind, workload: name },
    summary: finding.message,
    severity: finding.severity,
    item: finding.subject,
    startsAt: finding.since ?? at,
    evidence: finding.evidence,
    source: 'findings',
  };
}
