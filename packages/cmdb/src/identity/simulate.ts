import type { CmdbReader, Inventory, ItemFact } from '@tier0/core';
import { compareText } from '../graph/compare-text.ts';
import { readDecisions } from './decisions.ts';
import { identify, type Join } from './identify.ts';
import type { IdentityProblem } from './identity-problem.ts';
import { type IdentityRecord, parentTypes, readIdentityRecords } from './identity-record.ts';
import type { IdentityRule } from './identity-rule.ts';
import type { FieldDecision, PrecedenceRule } from './precedence.ts';
import { type ReconciledItem, reconcileFacts, reconcileItem } from './reconcile.ts';

/** What a batch would be judged by. */
export interface SimulateOptions {
  readonly identity: readonly IdentityRule[];
  readonly precedence?: readonly PrecedenceRule[] | undefined;
}

/** A column that would become different, and what would decide it. */
export interface SimulatedColumn {
  readonly column: string;
  /** Undefined: was not there, or would not be there any more. */
  readonly before?: FieldDecision | undefined;
  readonly after?: FieldDecision | undefined;
}

/** One item of the batch as it would be. */
export interface SimulatedItem {
  /** Item id in the batch. */
  readonly item: string;
  readonly effect: 'created' | 'joined' | 'updated' | 'unchanged';
  /** All ids of the thing it would belong to. */
  readonly members: readonly string[];
  readonly columns: readonly SimulatedColumn[];
}

/** What would happen if the batch were taken in. Nothing is written. */
export interface Simulation {
  readonly items: readonly SimulatedItem[];
  /** Joins that would come and go. */
  readonly joins: { readonly added: readonly Join[]; readonly removed: readonly Join[] };
  /** Problems with the items of the batch. */
  readonly problems: readonly IdentityProblem[];
}

/**
 * Says what a batch of a source would do: which items are new, which join which thing and by which identifier, and for each column that
 * would become different the rule that decides it before and after. Throws INVALID_INPUT for rules that contradict themselves.
 */
export function simulate(
  reader: CmdbReader,
  batch: { readonly inventory: Inventory; readonly source: string },
  { identity, precedence = [] }: SimulateOptions,
): Simulation {
  const before = readIdentityRecords(reader, identity);
  const after = withBatch(before, batch, identity);
  const decisions = readDecisions(
    reader,
    before.map(({ id }) => id),
  );
  const old = identify(before, identity, decisions);
  const now = identify(after, identity, decisions);
  const groups = Map.groupBy(after, ({ id }) => now.rootOf(id));
  const items = batch.inventory.items.map((item): SimulatedItem => {
    const members = (groups.get(now.rootOf(item.id))?.map(({ id }) => id) ?? [item.id]).sort(compareText);
    const was = reader.get(item.id).state === 'found' ? reconcileItem(reader, item.id, precedence) : undefined;
    const joined = was ?? known(reader, members, precedence);
    const will = reconcileFacts(factsWith(reader, members, batch), { members, joins: [], rules: precedence, nowMs: Date.parse(reader.at) });
    const columns = differingColumns(joined, will);
    return { item: item.id, effect: effectOf({ was, joined, columns }), members, columns };
  });
  const ids = new Set(batch.inventory.items.map(({ id }) => id));
  return {
    items,
    joins: { added: without(now.joins, old.joins), removed: without(old.joins, now.joins) },
    problems: now.problems.filter((problem) => problem.items.some((id) => ids.has(id))),
  };
}

function effectOf({ was, joined, columns }: { readonly was: unknown; readonly joined: unknown; readonly columns: readonly unknown[] }) {
  if (!was) return joined ? 'joined' : 'created';
  return columns.length > 0 ? 'updated' : 'unchanged';
}

function known(reader: CmdbReader, members: readonly string[], rules: readonly PrecedenceRule[]): ReconciledItem | undefined {
  const member = members.find((id) => reader.get(id).state === 'found');
  return member === undefined ? undefined : reconcileItem(reader, member, rules);
}

/** The records as they would be: those of the batch speak for its slice in place of what it said before. */
function withBatch(
  records: readonly IdentityRecord[],
  { inventory, source }: { readonly inventory: Inventory; readonly source: string },
  rules: readonly IdentityRule[],
): readonly IdentityRecord[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  const slice = `${inventory.scope} ${source}`;
  for (const item of inventory.items) {
    const rule = rules.find(({ kinds }) => kinds.includes(item.kind));
    if (!rule) continue;
    const old = byId.get(item.id);
    const related = inventory.relations.filter(({ from }) => from === item.id);
    const parents = parentTypes(rule).map((type) => [type, related.filter((relation) => relation.type === type).map(({ to }) => to)]);
    byId.set(item.id, {
      id: item.id,
      kind: item.kind,
      name: item.name,
      slices: [...new Set([...(old?.slices ?? []), slice])],
      columns: { ...old?.columns, ...item.columns },
      identifiers: item.identifiers,
      parents: Object.fromEntries(parents),
    });
  }
  return [...byId.values()].sort((a, b) => compareText(a.id, b.id));
}

/** What the slices say about the members, the batch's own words in place of its slice's old ones. */
function factsWith(
  reader: CmdbReader,
  members: readonly string[],
  { inventory, source }: { readonly inventory: Inventory; readonly source: string },
): readonly ItemFact[] {
  const isOwn = ({ slice }: ItemFact) => slice.scope === inventory.scope && slice.source === source;
  const wanted = new Set(members);
  const own = inventory.items
    .filter(({ id }) => wanted.has(id))
    .map((item): ItemFact => {
      const { observedAt, role = 'observed', scope } = inventory;
      return { slice: { scope, source }, role, item, validFrom: observedAt, recordedAt: reader.at, observedAt };
    });
  const replaced = new Set(own.map(({ item }) => item.id));
  const held = members.flatMap((id) => reader.facts(id)).filter((fact) => !(isOwn(fact) && replaced.has(fact.item.id)));
  const order = reader.slices().map(({ slice }) => `${slice.scope} ${slice.source}`);
  const trust = ({ slice }: ItemFact) => {
    const at = order.indexOf(`${slice.scope} ${slice.source}`);
    return at === -1 ? order.length : at;
  };
  return [...held, ...own].sort((a, b) => trust(a) - trust(b) || compareText(a.item.id, b.item.id));
}

function differingColumns(before: ReconciledItem | undefined, after: ReconciledItem | undefined): readonly SimulatedColumn[] {
  const columns = [...new Set([...Object.keys(before?.columns ?? {}), ...Object.keys(after?.columns ?? {})])].sort(compareText);
  return columns
    .filter((column) => before?.columns[column] !== after?.columns[column])
    .map((column) => ({ column, before: before?.decisions[column], after: after?.decisions[column] }));
}

function without(joins: readonly Join[], others: readonly Join[]): readonly Join[] {
  const keys = new Set(others.map(({ from, to }) => `${from}\n${to}`));
  return joins.filter(({ from, to }) => !keys.has(`${from}\n${to}`));
}
