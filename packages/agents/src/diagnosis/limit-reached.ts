import type { Cause, CmdbReader, Finding } from '@tier0/core';
import { workloadBehind } from '../kubernetes/objects/workload-index.ts';

/** Limits that are reached: well as long as nobody suffers. */
const LIMITS: ReadonlySet<string> = new Set(['T0-HORIZONTALPODAUTOSCALER-004']);
/** What people and programs say of a workload that has more to do than it can. */
const OVERLOADED: ReadonlySet<Cause> = new Set([
  'needs-investigation',
  'dependency-slow',
  'dependency-down',
  'readiness-probe-wrong',
  'liveness-probe-wrong',
]);

/** Findings in which a limit that is reached is a fault where the workload that it limits, or a caller of it, complains of what no rule knows better. */
export function withLimitsFelt(findings: readonly Finding[], reader: CmdbReader): readonly Finding[] {
  const isLimit = ({ code, severity }: Finding) => LIMITS.has(code) && severity === 'degraded';
  if (!findings.some(isLimit)) return findings;
  const complaining = new Set(
    findings
      .filter(({ severity, cause }) => severity === 'fault' && OVERLOADED.has(cause))
      .flatMap(({ subject, suspects = [] }) => [subject, ...suspects.map((suspect) => workloadBehind(reader, suspect) ?? suspect)]),
  );
  return findings.map((finding) =>
    isLimit(finding) && (finding.seenOn ?? []).some((item) => complaining.has(item)) ? { ...finding, severity: 'fault' as const } : finding,
  );
}
