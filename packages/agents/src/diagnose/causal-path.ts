import type { CmdbReader, Finding } from '@tier0/core';
import { depthOf } from './link-findings.ts';

/** How a root cause makes itself felt. */
export interface CausalPath {
  /** Item ids from the cause to the symptom that is farthest from it: the one that users meet. */
  readonly items: readonly string[];
  /** Fingerprints of every finding the root explains, directly or through others. Nearest first. */
  readonly symptoms: readonly string[];
}

/** Walks from a root finding along `explainedBy` to all it explains. */
export function causalPath(root: Finding, findings: readonly Finding[], reader: CmdbReader): CausalPath {
  const symptomsOf = explained(findings);
  const came = new Map<string, Finding | undefined>([[root.fingerprint, undefined]]);
  const order: Finding[] = [root];
  for (const at of order) {
    for (const symptom of symptomsOf.get(at.fingerprint) ?? []) {
      if (came.has(symptom.fingerprint)) continue;
      came.set(symptom.fingerprint, at);
      order.push(symptom);
    }
  }
  const symptoms = order.slice(1);
  const farthest = farthestOf(symptoms);
  return { items: farthest ? way(farthest, came, reader) : [root.subject], symptoms: symptoms.map((symptom) => symptom.fingerprint) };
}

function explained(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const symptoms = new Map<string, Finding[]>();
  for (const finding of findings) {
    for (const cause of finding.explainedBy) {
      const known = symptoms.get(cause) ?? [];
      known.push(finding);
      symptoms.set(cause, known);
    }
  }
  return symptoms;
}

/** What stands in front of users is felt most; of equals the one that was reached last. */
function farthestOf(symptoms: readonly Finding[]): Finding | undefined {
  const faults = symptoms.filter((symptom) => symptom.severity === 'fault');
  return faults.reduce<Finding | undefined>((best, symptom) => (best && depthOf(best) > depthOf(symptom) ? best : symptom), undefined);
}

function way(symptom: Finding, came: ReadonlyMap<string, Finding | undefined>, reader: CmdbReader): readonly string[] {
  const subjects: string[] = [];
  for (let at: Finding | undefined = symptom; at; at = came.get(at.fingerprint))
    if (subjects[0] !== at.subject) subjects.unshift(at.subject);
  return subjects.flatMap((subject, index) => {
    const previous = subjects[index - 1];
    return previous === undefined ? [subject] : between(previous, subject, reader);
  });
}

/** Items after `from` up to `to`, as the relations lead; only `to` where no relation does. */
function between(from: string, to: string, reader: CmdbReader): readonly string[] {
  const step = reader.impact(from, { hops: 8, limit: 5000 }).items.find((item) => item.item === to);
  return step ? step.path.slice(1) : [to];
}
