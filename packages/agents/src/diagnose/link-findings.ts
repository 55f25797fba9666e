import type { CmdbReader, Finding } from '@tier0/core';
import { codeEntry, type Depth } from '../rules/codes.ts';

/** Relations a failure may travel between two findings. */
const MAX_HOPS = 8;

/**
 * Fills `explainedBy`: on one subject the deeper cause explains the shallower symptom; between subjects a finding explains the
 * symptoms that its subject's failure reaches over the CMDB's relations. What a finding's own subject explains needs no other.
 */
export function linkFindings(findings: readonly Finding[], reader: CmdbReader): readonly Finding[] {
  const reach = new Map([...new Set(findings.map((finding) => finding.subject))].map((subject) => [subject, reachOf(reader, subject)]));
  return findings.map((symptom) => {
    const own = findings.filter((cause) => cause.subject === symptom.subject && depthOf(cause) < depthOf(symptom));
    if (own.length > 0) return { ...symptom, explainedBy: own.map((cause) => cause.fingerprint) };
    const remote = findings.filter((cause) => explainsFromAfar(cause, symptom, reach.get(cause.subject)));
    return { ...symptom, explainedBy: remote.map((cause) => cause.fingerprint) };
  });
}

/** What was written wrongly (depth 0) has no cause elsewhere; a crash, a missing replica or an empty Service may have. */
function explainsFromAfar(cause: Finding, symptom: Finding, reached: ReadonlySet<string> | undefined): boolean {
  if (cause.subject === symptom.subject || cause.severity !== 'fault' || depthOf(symptom) === 0) return false;
  return reached?.has(symptom.subject) ?? false;
}

function reachOf(reader: CmdbReader, subject: string): ReadonlySet<string> {
  return new Set(reader.impact(subject, { hops: MAX_HOPS }).items.map((item) => item.item));
}

export function depthOf(finding: Finding): Depth {
  return codeEntry(finding.code)?.depth ?? 0;
}
