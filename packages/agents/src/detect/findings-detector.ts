import { type Alert, type Detector, type Finding, parseKubernetesItemId } from '@tier0/core';
import { linkFindings } from '../diagnose/link-findings.ts';
import type { Rule } from '../rules/rule.ts';
import { runRules } from '../rules/run.ts';

/** The checks whose faults become alerts. */
export interface FindingsDetectorOptions {
  readonly rules: readonly Rule[];
}

/** Raises one alert for each fault that nothing else explains. */
export function createFindingsDetector(options: FindingsDetectorOptions): Detector {
  return {
    name: 'findings',
    async detect(reader) {
      const { findings, unknowns } = runRules(options.rules, reader);
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
