import { compareText } from '../graph/compare-text.ts';
import { gatherCandidates } from './candidates.ts';
import { type PairEvidence, type RecordValues, recordValues, unitedValues, weigh } from './evidence.ts';
import { Groups, type Members } from './groups.ts';
import { type IdentityProblem, overloadedItems } from './identity-problem.ts';
import type { IdentityRecord } from './identity-record.ts';
import { checkIdentityRules, type IdentityRule } from './identity-rule.ts';

/** What people decided; it overrules every identifier. */
export interface IdentityDecisions {
  /** Pairs of item ids that are one thing. */
  readonly together: readonly (readonly [string, string])[];
  /** Pairs of item ids that are not. */
  readonly apart: readonly (readonly [string, string])[];
}

/** Two ids that were found to be one thing, with what it rests on. */
export interface Join {
  /** Item ids, in the order of their text. */
  readonly from: string;
  readonly to: string;
  /** The strongest identifier that agrees. */
  readonly rule: string;
  readonly agrees: readonly string[];
  readonly differs: readonly string[];
  /** Points for minus points against; always above 0. */
  readonly score: number;
}

/** What belongs together, and what could not be decided. */
export interface Identification {
  /** Each one was needed to connect its group, so taking one back splits the group there. */
  readonly joins: readonly Join[];
  readonly problems: readonly IdentityProblem[];
  /** The name of the group an id belongs to: the first of its ids. An id that was never seen stands for itself. */
  rootOf(id: string): string;
}

/** A pair that may be joined. */
export interface Candidate extends PairEvidence {
  readonly a: IdentityRecord;
  readonly b: IdentityRecord;
}

const UNDECIDED: IdentityDecisions = { together: [], apart: [] };

/**
 * Finds the items that are one thing under several names. Identifiers are tried in the order of the rule; what agrees must outweigh what
 * differs, for the pair and for the groups it would connect; of several possible partners in one source the better one is taken, and
 * where they are equally good none. What could not be decided stays apart and is named. Throws INVALID_INPUT for rules that contradict themselves.
 */
export function identify(
  records: readonly IdentityRecord[],
  rules: readonly IdentityRule[],
  decisions: IdentityDecisions = UNDECIDED,
): Identification {
  checkIdentityRules(rules);
  const groups = new Groups(records, decisions);
  const joins: Join[] = [];
  const problems: IdentityProblem[] = [];
  for (const rule of rules) {
    const own = records.filter(({ kind }) => rule.kinds.includes(kind));
    if (own.length < 2) continue;
    const values = new Map(own.map((record) => [record.id, recordValues(record, rule, (id) => groups.rootOf(id))]));
    const found = joinRecords({ rule, records: own, values, groups });
    joins.push(...found.joins);
    problems.push(...found.problems);
  }
  return { joins, problems, rootOf: (id) => groups.rootOf(id) };
}

interface RuleInput {
  readonly rule: IdentityRule;
  readonly records: readonly IdentityRecord[];
  readonly values: ReadonlyMap<string, RecordValues>;
  readonly groups: Groups;
}

function joinRecords({ rule, records, values, groups }: RuleInput): {
  readonly joins: readonly Join[];
  readonly problems: readonly IdentityProblem[];
} {
  const { candidates, repeated, telling, problems: shared } = gatherCandidates(rule, records, values);
  const together = (members: Members) => unitedValues(members.map(({ id }) => telling.get(id) as RecordValues));
  const score = (ours: Members, theirs: Members) => weigh(rule, together(ours), together(theirs)).score;
  const joins: Join[] = [];
  const problems: IdentityProblem[] = [...shared, ...repeated];
  const rivals = rivalsOf(candidates);
  const accept = (candidate: Candidate) => {
    const { a, b, agrees, differs } = candidate;
    if (groups.join(a, b, score)) joins.push({ from: a.id, to: b.id, rule: agrees[0] as string, agrees, differs, score: candidate.score });
  };
  const isOpen = ({ a, b }: Candidate) => groups.rootOf(a.id) !== groups.rootOf(b.id) && groups.mayJoin(a, b, score);
  const isAmbiguous = (candidate: Candidate) => (rivals.get(candidate) ?? []).some(isOpen);
  const ordered = [...candidates].sort(byStrength);
  for (const candidate of ordered) if (!rivals.has(candidate)) accept(candidate);
  // What better evidence has bound meanwhile is no rival any more, and each join may settle another.
  let waiting = ordered.filter((candidate) => rivals.has(candidate) && isOpen(candidate));
  for (let settled = true; settled; ) {
    const ready = new Set(waiting.filter((candidate) => !isAmbiguous(candidate)));
    for (const candidate of ready) if (isOpen(candidate) && !isAmbiguous(candidate)) accept(candidate);
    settled = ready.size > 0;
    waiting = waiting.filter((candidate) => !ready.has(candidate) && isOpen(candidate));
  }
  problems.push(...waiting.map(({ a, b, agrees }) => ambiguous(rule, [a.id, b.id], agrees)));
  problems.push(...overloadedItems(rule, candidates, (a, b) => score([a], [b]) > 0));
  return { joins, problems };
}

/** Strongest first; of equal ones the order of the ids decides, so that runs repeat. */
function byStrength(x: Candidate, y: Candidate): number {
  return y.score - x.score || compareText(x.a.id, y.a.id) || compareText(x.b.id, y.b.id);
}

function ambiguous({ thing }: IdentityRule, items: readonly string[], agrees: readonly string[]): IdentityProblem {
  return {
    type: 'ambiguous',
    thing,
    items,
    reason: `${agrees.join(' and ')} would join them, and another item of the same source just as well`,
  };
}

/** For each pair whose one end has equally good and best partners in the same slice: the other such pairs. */
function rivalsOf(candidates: readonly Candidate[]): ReadonlyMap<Candidate, readonly Candidate[]> {
  const best = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    for (const [own, other] of [
      [candidate.a, candidate.b],
      [candidate.b, candidate.a],
    ] as const) {
      for (const slice of other.slices) {
        const key = `${own.id}\n${slice}`;
        const known = best.get(key);
        if (!known || candidate.score > (known[0]?.score ?? 0)) best.set(key, [candidate]);
        else if (candidate.score === known[0]?.score) known.push(candidate);
      }
    }
  }
  const rivals = new Map<Candidate, readonly Candidate[]>();
  for (const equals of best.values()) {
    if (equals.length < 2) continue;
    for (const candidate of equals)
      rivals.set(candidate, [...(rivals.get(candidate) ?? []), ...equals.filter((other) => other !== candidate)]);
  }
  return rivals;
}
