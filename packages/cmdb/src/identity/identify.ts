import { compareText } from '../graph/compare-text.ts';
import { type PairEvidence, type RecordValues, recordValues, weigh } from './evidence.ts';
import { gatherCandidates } from './candidates.ts';
import { Groups } from './groups.ts';
import type { IdentityRecord } from './identity-record.ts';
import { checkIdentityRules, type IdentityRule } from './identity-rule.ts';
import { type IdentityProblem, overloadedItems } from './identity-problem.ts';

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
  const score = (a: IdentityRecord, b: IdentityRecord) =>
    weigh(rule, telling.get(a.id) as RecordValues, telling.get(b.id) as RecordValues).score;
  const joins: Join[] = [];
  const problems: IdentityProblem[] = [...shared, ...repeated];
  const ambiguous = ambiguousPairs(candidates);
  for (const candidate of [...candidates].sort(byStrength)) {
    const { a, b, agrees, differs } = candidate;
    if (ambiguous.has(candidate)) {
      problems.push({
        type: 'ambiguous',
        thing: rule.thing,
        items: [a.id, b.id],
        reason: `${agrees.join(' and ')} would join them, and another item of the same source just as well`,
      });
    } else if (groups.join(a, b, score)) {
      joins.push({ from: a.id, to: b.id, rule: agrees[0] as string, agrees, differs, score: candidate.score });
    }
  }
  problems.push(...overloadedItems(rule, candidates, (a, b) => score(a, b) > 0));
  return { joins, problems };
}

/** Strongest first; of equal ones the order of the ids decides, so that runs repeat. */
function byStrength(x: Candidate, y: Candidate): number {
  return y.score - x.score || compareText(x.a.id, y.a.id) || compareText(x.b.id, y.b.id);
}

/** Pairs whose one end has an equally good and best partner in the same slice. */
function ambiguousPairs(candidates: readonly Candidate[]): ReadonlySet<Candidate> {
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
  return new Set([...best.values()].filter((equals) => equals.length > 1).flat());
}
