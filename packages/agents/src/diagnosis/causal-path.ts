import { type CmdbReader, type Finding, parseKubernetesItemId } from '@tier0/core';

/** How a root cause makes itself felt. */
export interface CausalPath {
  /** Item ids from the cause to where it is felt farthest from it: the one that users meet. No item stands twice. */
  readonly items: readonly string[];
  /** Fingerprints of every finding the root explains, directly or through others. Nearest first. */
  readonly symptoms: readonly string[];
}

/** A finding that the root explains, by the longest chain of explanations that leads to it. */
interface Step {
  readonly finding: Finding;
  readonly length: number;
  readonly from: Step | undefined;
}

/** Longer chains are not followed: no failure is told through that many hands. */
const MAX_LENGTH = 12;

/** Walks from a root finding along `explainedBy` to all it explains. */
export function causalPath(root: Finding, findings: readonly Finding[], reader: CmdbReader): CausalPath {
  const steps = stepsFrom(root, explained(findings));
  const ordered = [...steps.values()].sort((a, b) => a.length - b.length || compare(a.finding, b.finding));
  const farthest = farthestOf(ordered, reader);
  const items = distinct(way(farthest ?? { finding: root, length: 0, from: undefined }, reader));
  return { items: [...items, ...entrance(items, reader)], symptoms: ordered.slice(1).map((step) => step.finding.fingerprint) };
}

const explainedOf = new WeakMap<readonly Finding[], ReadonlyMap<string, readonly Finding[]>>();

/** What each finding explains; worked out once for all roots of one diagnosis. */
function explained(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const known = explainedOf.get(findings) ?? symptomsByCause(findings);
  explainedOf.set(findings, known);
  return known;
}

function symptomsByCause(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
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

/** Each explained finding with the longest chain to it that visits nothing twice, level by level. */
function stepsFrom(root: Finding, symptomsOf: ReadonlyMap<string, readonly Finding[]>): ReadonlyMap<string, Step> {
  const steps = new Map<string, Step>([[root.fingerprint, { finding: root, length: 0, from: undefined }]]);
  let frontier = [...steps.values()];
  for (let length = 1; length <= MAX_LENGTH && frontier.length > 0; length++) {
    const next = new Map<string, Step>();
    for (const from of frontier) {
      for (const finding of symptomsOf.get(from.finding.fingerprint) ?? []) {
        if (!isOnWay(finding, from) && !next.has(finding.fingerprint)) next.set(finding.fingerprint, { finding, length, from });
      }
    }
    for (const [fingerprint, step] of next) steps.set(fingerprint, step);
    frontier = [...next.values()];
  }
  return steps;
}

function isOnWay(finding: Finding, step: Step): boolean {
  for (let at: Step | undefined = step; at; at = at.from) if (at.finding.fingerprint === finding.fingerprint) return true;
  return false;
}

/** Of equally long chains this many are asked whether a door to the outside is behind them. */
const ASKED_FOR_DOOR = 10;

/** The longest chain ends where the failure is felt; of equal ones at what stands nearer to users: behind an Ingress, then by depth and name. */
function farthestOf(steps: readonly Step[], reader: CmdbReader): Step | undefined {
  const felt = steps.filter(({ length, finding }) => length > 0 && finding.severity === 'fault');
  const sorted = felt.sort((a, b) => b.length - a.length || b.finding.depth - a.finding.depth || compare(a.finding, b.finding));
  const longest = sorted.filter((step) => step.length === sorted[0]?.length).slice(0, ASKED_FOR_DOOR);
  return longest.find((step) => entrance([step.finding.subject], reader).length > 0) ?? sorted[0];
}

function compare(a: Finding, b: Finding): number {
  const [left, right] = [`${a.subject} ${a.fingerprint}`, `${b.subject} ${b.fingerprint}`];
  return left < right ? -1 : left > right ? 1 : 0;
}

function way(step: Step, reader: CmdbReader): readonly string[] {
  const subjects: string[] = [];
  for (let at: Step | undefined = step; at; at = at.from) if (subjects[0] !== at.finding.subject) subjects.unshift(at.finding.subject);
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

/** What users meet: the way goes on to the Ingress or route that leads to its last item, if any does. */
function entrance(items: readonly string[], reader: CmdbReader): readonly string[] {
  const last = items.at(-1);
  if (last === undefined) return [];
  const served = reader.impact(last, { hops: 6, limit: 500, relationTypes: ['managedBy', 'routesTo', 'selects'] });
  const doors = served.items.filter(({ item }) => /^(Ingress|HTTPRoute)$/.test(parseKubernetesItemId(item)?.kind ?? ''));
  const further = doors[0]?.path.slice(1) ?? [];
  return further.filter((item) => !items.includes(item));
}

function distinct(items: readonly string[]): readonly string[] {
  return [...new Set(items)];
}
