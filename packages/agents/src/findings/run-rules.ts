import type { CmdbReader, Finding, Severity } from '@tier0/core';
import { toTier0Error } from '@tier0/core';
import { codesOf, type Matter } from './matter.ts';
import { toFinding } from './to-finding.ts';

/** What the rules found, and what they could not look at. */
export interface RuleRun {
  /** Sorted by subject and code; one finding for each fingerprint. */
  readonly findings: readonly Finding[];
  readonly unknowns: readonly string[];
}

/** Kinds without which little can be said; when no source was asked for one, that is said. */
const EXPECTED_KINDS = [
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Pod',
  'Service',
  'EndpointSlice',
  'ConfigMap',
  'PersistentVolumeClaim',
  'Node',
  'Event',
];

/** What two rules tell of one thing counts as the worse of the two. */
const SEVERITIES: readonly Severity[] = ['fault', 'degraded', 'hygiene'];

/** Runs the rules of every matter over one snapshot. A rule that fails is an unknown, never the end of the run. */
export function runRules(matters: readonly Matter[], reader: CmdbReader): RuleRun {
  const unknowns = [...coverageGaps(reader)];
  const codes = codesOf(matters);
  const rules = matters.flatMap((matter) => matter.rules);
  const findings = rules.flatMap((rule) => {
    try {
      return rule.check(reader).map((draft) => toFinding(draft, codes));
    } catch (error) {
      unknowns.push(`could not run rule ${rule.name}: ${toTier0Error(error).message}`);
      return [];
    }
  });
  const distinct = new Map<string, Finding>();
  for (const finding of findings) {
    const known = distinct.get(finding.fingerprint);
    if (known === undefined || SEVERITIES.indexOf(finding.severity) < SEVERITIES.indexOf(known.severity))
      distinct.set(finding.fingerprint, finding);
  }
  return { findings: [...distinct.values()].sort(compareFindings), unknowns: [...new Set(unknowns)] };
}

/** One line for each kind that was refused or failed, one for all that nobody was asked for. A kind that is not installed is no gap. */
function coverageGaps(reader: CmdbReader): readonly string[] {
  const rows = reader.slices().flatMap((slice) => slice.coverage);
  const gaps = rows.filter((row) => row.state === 'forbidden' || row.state === 'failed');
  const said = gaps.map((row) => {
    const where = row.namespace === undefined ? '' : ` in ${row.namespace}`;
    return `could not check ${row.kind === '*' ? 'everything' : row.kind}${where}: ${row.reason ?? row.state}`;
  });
  const known = new Set(rows.map((row) => row.kind));
  const unasked = EXPECTED_KINDS.filter((kind) => !known.has(kind));
  return [...new Set(said), ...(unasked.length > 0 ? [`not part of what was read: ${unasked.join(', ')}`] : [])];
}

function compareFindings(a: Finding, b: Finding): number {
  const left = `${a.subject}\n${a.code}\n${a.fingerprint}`;
  const right = `${b.subject}\n${b.code}\n${b.fingerprint}`;
  return left < right ? -1 : left > right ? 1 : 0;
}
