import type { CmdbReader, Evidence, Finding, RootCause } from '@tier0/core';
import { changesNear } from './change-evidence.ts';
import { rootFindings } from './root-findings.ts';

/** A root cause with the evidence that it cites beyond its finding's own. */
export interface CitedCause {
  readonly rootCause: RootCause;
  readonly evidence: readonly Evidence[];
}

/** A change this long before a fault can have caused it. */
const CHANGE_WINDOW_MS = 3_600_000;
/** Confidence of a rule that quotes the fault itself, and of one that only saw a symptom. */
const STATED = 0.85;
const SYMPTOM_ONLY = 0.3;
const CHANGE_BONUS = 0.1;

/** Root causes behind linked findings, most certain first. Only faults count; hygiene never is a root cause of an incident. */
export function diagnoseFindings(findings: readonly Finding[], reader: CmdbReader): readonly CitedCause[] {
  const faults = findings.filter((finding) => finding.severity === 'fault');
  return rootFindings(faults).map((finding) => toCause(finding, faults, reader));
}

function toCause(finding: Finding, faults: readonly Finding[], reader: CmdbReader): CitedCause {
  const sinceMs = Date.parse(finding.since ?? reader.at);
  const near = changesNear(reader, { item: finding.subject, fromMs: sinceMs - CHANGE_WINDOW_MS, toMs: sinceMs + 60_000, hops: 1 });
  const isSymptom = finding.cause === 'needs-investigation' || finding.cause === 'dependency-down';
  const changed = near.changes.length > 0;
  const confidence = (isSymptom ? SYMPTOM_ONLY : STATED) + (changed ? CHANGE_BONUS : 0);
  return {
    rootCause: {
      cause: finding.cause,
      subject: finding.subject,
      message: finding.message,
      confidence,
      basis: changed ? `rule ${finding.code} and a change in time order` : `rule ${finding.code}`,
      path: pathToSymptom(finding, faults, reader),
      evidenceFor: [...finding.evidence.map((evidence) => evidence.id), ...(changed ? [near.evidence.id] : [])],
      evidenceAgainst: [],
      finding: finding.fingerprint,
    },
    evidence: changed ? [...finding.evidence, near.evidence] : finding.evidence,
  };
}

/** From the cause to the farthest symptom that it explains. */
function pathToSymptom(root: Finding, faults: readonly Finding[], reader: CmdbReader): readonly string[] {
  const explained = new Set([root.fingerprint]);
  for (let grown = true; grown; ) {
    const more = faults.filter((fault) => !explained.has(fault.fingerprint) && fault.explainedBy.some((cause) => explained.has(cause)));
    for (const fault of more) explained.add(fault.fingerprint);
    grown = more.length > 0;
  }
  const subjects = new Set(faults.filter((fault) => explained.has(fault.fingerprint)).map((fault) => fault.subject));
  const reached = reader.impact(root.subject, { hops: 8 }).items.filter((item) => subjects.has(item.item));
  return reached.at(-1)?.path ?? [root.subject];
}
