import type { Cause, CmdbReader, Finding } from '@tier0/core';
import type { FindingDraft } from '../findings/finding-draft.ts';
import { circlesOf } from '../kubernetes/objects/circles.ts';
import { nameOf } from '../kubernetes/objects/pod-view.ts';
import { workloadOf } from '../kubernetes/objects/workload.ts';

/** What says no more than that another one does not answer, or is waited for. */
const COMPLAINTS: ReadonlySet<Cause> = new Set(['dependency-down', 'dependency-slow', 'init-container-hanging']);

/**
 * Workloads that complain of each other in a circle. Where anything else is wrong with one of them, that is the reason and no circle is told:
 * whoever is down is complained of by those whom it needs.
 */
export function waitCircles(findings: readonly Finding[], reader: CmdbReader): readonly FindingDraft[] {
  const faults = findings.filter(({ severity }) => severity === 'fault');
  const complaints = faults.filter(({ cause, suspects = [] }) => COMPLAINTS.has(cause) && suspects.length > 0);
  const asked = new Map<string, Set<string>>();
  for (const { subject, suspects = [] } of complaints)
    asked.set(subject, new Set([...(asked.get(subject) ?? []), ...suspects.flatMap((suspect) => behind(reader, suspect))]));
  const ill = new Set(faults.filter(isReason).flatMap(({ subject, seenOn = [] }) => [subject, ...seenOn]));
  return circlesOf(asked)
    .filter((circle) => circle.every((workload) => !ill.has(workload)))
    .map((circle) => toDraft(circle, complaints));
}

/** Workloads behind a Service; the suspect itself where it is none. */
function behind(reader: CmdbReader, suspect: string): readonly string[] {
  const pods = reader.relations(suspect, 'out', 'selects').map(({ to }) => to);
  return pods.length === 0 ? [suspect] : [...new Set(pods.map((pod) => workloadOf(reader, pod)))];
}

/** What was written wrongly explains itself. */
function isReason({ depth }: Finding): boolean {
  return depth === 0;
}

function toDraft(circle: readonly string[], complaints: readonly Finding[]): FindingDraft {
  const own = complaints.filter(({ subject }) => circle.includes(subject));
  const [subject = '', ...others] = circle;
  const names = circle.map(nameOf);
  const all = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return {
    code: 'T0-LOG-049',
    subject,
    key: circle.join(),
    message: `${all} wait for each other in a circle, and nothing else is wrong with them: ${own
      .map(({ message }) => message)
      .slice(0, 3)
      .join('; ')}`,
    sinceMs: earliest(own),
    evidence: own.flatMap(({ evidence }) => evidence),
    seenOn: others,
  };
}

function earliest(findings: readonly Finding[]): number | undefined {
  const known = findings.flatMap(({ since }) => (since === undefined ? [] : [Date.parse(since)]));
  return known.length === 0 ? undefined : Math.min(...known);
}
