import type { ColumnValue, ItemFact, SourceSlice } from '@tier0/core';
import { compareText } from '../graph/compare-text.ts';

/** Who may write a column, and when somebody else takes over. */
export interface PrecedenceRule {
  /** Column the rule is for, `*` for all others. The first rule that fits holds. */
  readonly column: string;
  /** Only for items of these kinds. Default: all. */
  readonly kinds?: readonly string[] | undefined;
  /** Adapter names, most trusted first. Sources that are not named come after them, in the order of trust of the CMDB. */
  readonly sources?: readonly string[] | undefined;
  /**
   * `priority` (default): the first source that says anything and is fresh. `locked`: only the first named source may write, fresh or
   * not. `write-if-empty`: whoever wrote first keeps it; others only where nothing was. `latest`: whoever changed it last, by the time it
   * was recorded, because the clocks of sources do not agree.
   */
  readonly mode?: 'priority' | 'locked' | 'write-if-empty' | 'latest' | undefined;
  /** A source that did not confirm its value for longer than this gives way to the next one. Milliseconds; default: never. */
  readonly staleAfterMs?: number | undefined;
}

/** What decided a column. */
export interface FieldDecision {
  readonly value: ColumnValue;
  /** Whose value it is. */
  readonly slice: SourceSlice;
  /** One sentence without a full stop: `priority: servicenow before kubernetes`. */
  readonly rule: string;
  /** What others said and did not get. */
  readonly overruled: readonly { readonly slice: SourceSlice; readonly value: ColumnValue }[];
}

interface Claim {
  readonly fact: ItemFact;
  readonly value: ColumnValue;
  /** Place in the order of the rule; lower is believed first. */
  readonly rank: number;
  readonly isStale: boolean;
}

const EVERYTHING: PrecedenceRule = { column: '*' };

/**
 * Decides one column of an item that several slices state, at the instant `nowMs`. Facts come most trusted first. Undefined where no
 * source that may write it says anything.
 */
export function decideColumn(
  column: string,
  facts: readonly ItemFact[],
  { rules, nowMs }: { readonly rules: readonly PrecedenceRule[]; readonly nowMs: number },
): FieldDecision | undefined {
  const rule = rules.find((one) => fits(one, column, facts[0]?.item.kind ?? '')) ?? EVERYTHING;
  const claims = claimsOf(column, facts, rule, nowMs);
  const chosen = choose(rule, claims);
  if (!chosen) return undefined;
  const others = claims.filter((claim) => claim !== chosen.claim);
  return {
    value: chosen.claim.value,
    slice: chosen.claim.fact.slice,
    rule: chosen.why,
    overruled: others.map(({ fact, value }) => ({ slice: fact.slice, value })),
  };
}

function fits(rule: PrecedenceRule, column: string, kind: string): boolean {
  return (rule.column === '*' || rule.column === column) && (rule.kinds?.includes(kind) ?? true);
}

/** What the slices say about the column, in the order of the rule. An empty text is no value. */
function claimsOf(
  column: string,
  facts: readonly ItemFact[],
  { sources = [], staleAfterMs }: PrecedenceRule,
  nowMs: number,
): readonly Claim[] {
  return facts
    .flatMap((fact, trust): readonly Claim[] => {
      const value = Object.hasOwn(fact.item.columns, column) ? fact.item.columns[column] : undefined;
      if (value === undefined || value === '') return [];
      const named = sources.indexOf(fact.slice.source);
      const isStale = staleAfterMs !== undefined && nowMs - Date.parse(fact.observedAt) > staleAfterMs;
      return [{ fact, value, rank: named === -1 ? sources.length + trust : named, isStale }];
    })
    .sort((a, b) => a.rank - b.rank);
}

function choose(rule: PrecedenceRule, claims: readonly Claim[]): { readonly claim: Claim; readonly why: string } | undefined {
  const { mode = 'priority', sources = [] } = rule;
  if (mode === 'locked') {
    const owner = claims.find(({ fact }) => fact.slice.source === sources[0]);
    return owner && { claim: owner, why: `locked: only ${sources[0]} may write it` };
  }
  const fresh = claims.filter(({ isStale }) => !isStale);
  const [first] = claims;
  if (!first) return undefined;
  if (fresh.length === 0) return { claim: first, why: `${mode}: every source is stale, ${nameOf(first)} is the most trusted` };
  if (mode === 'write-if-empty') {
    const writer = earliest(fresh);
    return { claim: writer, why: `write-if-empty: ${nameOf(writer)} wrote it first` };
  }
  if (mode === 'latest') {
    const writer = newest(fresh);
    return { claim: writer, why: `latest: ${nameOf(writer)} changed it last, recorded at ${writer.fact.recordedAt}` };
  }
  const winner = fresh[0] as Claim;
  if (first.isStale)
    return {
      claim: winner,
      why: `takeover: ${nameOf(first)} did not confirm it since ${first.fact.observedAt}, ${nameOf(winner)} is next`,
    };
  const next = claims.find((claim) => claim !== winner);
  return { claim: winner, why: next ? `priority: ${nameOf(winner)} before ${nameOf(next)}` : `only ${nameOf(winner)} says it` };
}

function earliest(claims: readonly Claim[]): Claim {
  return [...claims].sort((a, b) => compareText(a.fact.validFrom, b.fact.validFrom) || a.rank - b.rank)[0] as Claim;
}

function newest(claims: readonly Claim[]): Claim {
  return [...claims].sort((a, b) => compareText(b.fact.recordedAt, a.fact.recordedAt) || a.rank - b.rank)[0] as Claim;
}

function nameOf({ fact }: Claim): string {
  return fact.slice.source;
}
