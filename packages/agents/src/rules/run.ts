import type { CmdbReader, Finding } from '@tier0/core';
import { toTier0Error } from '@tier0/core';
import type { Rule } from './rule.ts';

/** What the rules found, and what they could not look at. */
export interface RuleRun {
  /** Sorted by subject and code; one finding for each fingerprint. */
  readonly findings: readonly Finding[];
  readonly unknowns: readonly string[];
}

/** Kinds the rules read; a gap in one of them is said. */
const KINDS = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Pod', 'Service', 'EndpointSlice', 'ConfigMap', 'Node'];

/** Runs every rule over one snapshot. A rule that fails is an unknown, never the end of the run. */
export function runRules(rules: readonly Rule[], reader: CmdbReader): RuleRun {
  const unknowns = [...coverageGaps(reader)];
  const findings = rules.flatMap((rule) => {
    try {
      return rule.check(reader);
    } catch (error) {
      unknowns.push(`could not run rule ${rule.name}: ${toTier0Error(error).message}`);
      return [];
    }
  });
  const distinct = new Map<string, Finding>();
  for (const finding of findings) if (!distinct.has(finding.fingerprint)) distinct.set(finding.fingerprint, finding);
  return { findings: [...distinct.values()].sort(compareFindings), unknowns: [...new Set(unknowns)] };
}

function coverageGaps(reader: CmdbReader): readonly string[] {
  return KINDS.flatMap((kind) => {
    const { coverage } = reader.items({ kind });
    if (coverage.length === 0) return [`could not check ${kind}: no source was asked for it`];
    return coverage.filter((row) => row.state !== 'complete').map((row) => `could not check ${row.kind}: ${row.reason ?? row.state}`);
  });
}

function compareFindings(a: Finding, b: Finding): number {
  const left = `${a.subject}\n${a.code}\n${a.fingerprint}`;
  const right = `${b.subject}\n${b.code}\n${b.fingerprint}`;
  return left < right ? -1 : left > right ? 1 : 0;
}
