import type { CmdbReader, ColumnValue, ItemFact, Relation } from '@tier0/core';
import { compareText } from '../graph/compare-text.ts';
import { decideColumn, type FieldDecision, type PrecedenceRule } from './precedence.ts';

/** One thing, whatever its sources call it. */
export interface ReconciledItem {
  /** Id of the most trusted member: the name the thing goes by. */
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  /** All item ids of it, sorted. */
  readonly members: readonly string[];
  readonly columns: Readonly<Record<string, ColumnValue>>;
  /** What decided each column. */
  readonly decisions: Readonly<Record<string, FieldDecision>>;
  /** Why the members are one thing: `sameAs` relations with the identifiers that agreed and differed in their properties. */
  readonly joins: readonly Relation[];
}

/**
 * The thing an item id stands for: all ids that `sameAs` relations join, each column decided by the rules. Undefined where no source
 * states any of them at the reader's moment.
 */
export function reconcileItem(reader: CmdbReader, id: string, rules: readonly PrecedenceRule[] = []): ReconciledItem | undefined {
  const { members, joins } = sameThings(reader, id);
  const order = new Map(reader.slices().map(({ slice }, index) => [`${slice.scope} ${slice.source}`, index]));
  const trust = ({ slice }: ItemFact) => order.get(`${slice.scope} ${slice.source}`) ?? order.size;
  const facts = members.flatMap((member) => reader.facts(member)).sort((a, b) => trust(a) - trust(b) || compareText(a.item.id, b.item.id));
  return reconcileFacts(facts, { members, joins, rules, nowMs: Date.parse(reader.at) });
}

export interface ReconcileInput {
  readonly members: readonly string[];
  readonly joins: readonly Relation[];
  readonly rules: readonly PrecedenceRule[];
  /** Milliseconds since the epoch; what is stale is judged by it. */
  readonly nowMs: number;
}

/** Facts of one thing, most trusted first, as one item. */
export function reconcileFacts(facts: readonly ItemFact[], { members, joins, rules, nowMs }: ReconcileInput): ReconciledItem | undefined {
  const [first] = facts;
  if (!first) return undefined;
  const columns = [...new Set(facts.flatMap(({ item }) => Object.keys(item.columns)))].sort(compareText);
  const decided = columns.flatMap((column) => {
    const decision = decideColumn(column, facts, { rules, nowMs });
    return decision ? [[column, decision] as const] : [];
  });
  return {
    id: first.item.id,
    kind: first.item.kind,
    name: first.item.name,
    members,
    columns: Object.fromEntries(decided.map(([column, { value }]) => [column, value])),
    decisions: Object.fromEntries(decided),
    joins,
  };
}

/** Every id that is joined with this one, itself included, and the relations that join them. */
function sameThings(reader: CmdbReader, id: string): { readonly members: readonly string[]; readonly joins: readonly Relation[] } {
  const members = new Set([id]);
  const joins: Relation[] = [];
  for (const member of members) {
    const out = reader.relations(member, 'out', 'sameAs');
    joins.push(...out);
    for (const { to } of out) members.add(to);
    for (const { from } of reader.relations(member, 'in', 'sameAs')) members.add(from);
  }
  return { members: [...members].sort(compareText), joins };
}

/** The ids of items that carry an identifier, e.g. a serial number: the alias look-up. Compared exactly, joined names included. */
export function findByIdentifier(reader: CmdbReader, scheme: string, value: string): readonly string[] {
  const holders = reader
    .items({})
    .items.filter(({ identifiers }) => identifiers.some((one) => one.scheme === scheme && one.value === value));
  return [...new Set(holders.flatMap(({ id }) => sameThings(reader, id).members))].sort(compareText);
}
