import type { CmdbFact, SourceSlice } from '@tier0/core';

/** When a slice that suddenly misses much is not believed. */
export interface DeletionGuard {
  /** Share of the slice's items that one reading may remove, 0 to 1. Default 0.1. */
  readonly maxShare?: number | undefined;
  /** Items that one reading may remove. Default 50. */
  readonly maxItems?: number | undefined;
  /** So few items are never worth stopping for: a tenth of a small scope is less than one. Default 5. */
  readonly atLeast?: number | undefined;
  /** Asked when the guard would stop; true lets the deletions through. Default: never. */
  readonly allow?: ((loss: DeletionLoss) => boolean) | undefined;
}

/** What a reading would remove. */
export interface DeletionLoss {
  readonly slice: SourceSlice;
  /** Items that are gone and were not replaced by new ones of the same kind. */
  readonly lost: number;
  /** Items the slice stated before. */
  readonly held: number;
  /** Ids that would be removed, replaced ones included. */
  readonly items: readonly string[];
}

/** Whether the deletions of a reading may take place, and why not. */
export type GuardVerdict = { readonly stopped: false } | { readonly stopped: true; readonly reason: string };

export interface GuardInput {
  readonly slice: SourceSlice;
  /** Items the slice stated before. */
  readonly held: number;
  readonly facts: readonly CmdbFact[];
  /** Kind of an item the slice held. */
  readonly kindOf: (id: string) => string;
  /** Ids that the slice knows already, for telling new items from changed ones. */
  readonly isHeld: (id: string) => boolean;
}

/**
 * Judges what a reading removes. A rollout replaces its pods: an item that goes while a new one of its kind comes is no loss. Bulk
 * changes of more than a tenth in one reading are more often a filter, a permission or a half answer than the truth.
 */
export function judgeDeletions(input: GuardInput, guard: DeletionGuard = {}): GuardVerdict {
  const { maxShare = 0.1, maxItems = 50, atLeast = 5 } = guard;
  const items = input.facts.flatMap((fact) => (fact.type === 'item-retracted' ? [fact.item] : []));
  if (items.length === 0) return { stopped: false };
  const lost = netLoss(items, input);
  const { held, slice } = input;
  if (lost < atLeast || (lost <= maxItems && lost <= held * maxShare)) return { stopped: false };
  if (guard.allow?.({ slice, lost, held, items })) return { stopped: false };
  const share = `${Math.round((lost / Math.max(1, held)) * 100)} %`;
  const reason = `deletion guard: ${slice.source} would remove ${lost} of ${held} items of ${slice.scope} (${share}; allowed are ${maxItems} items and ${maxShare * 100} %). Nothing was deleted. Check its permissions and filters; where it is true, let the guard's "allow" answer yes for it.`;
  return { stopped: true, reason };
}

function netLoss(gone: readonly string[], { facts, kindOf, isHeld }: GuardInput): number {
  const balance = new Map<string, number>();
  for (const id of gone) balance.set(kindOf(id), (balance.get(kindOf(id)) ?? 0) + 1);
  for (const fact of facts) {
    if (fact.type !== 'item-asserted' || isHeld(fact.item.id)) continue;
    const missing = balance.get(fact.item.kind);
    if (missing !== undefined) balance.set(fact.item.kind, missing - 1);
  }
  return [...balance.values()].reduce((sum, missing) => sum + Math.max(0, missing), 0);
}

/**
 * The facts of a reading without its deletions. The kinds concerned are not complete any more: what the source did not show is held, and
 * not confirmed.
 */
export function withoutDeletions(facts: readonly CmdbFact[], kindOf: (id: string) => string, reason: string): readonly CmdbFact[] {
  const gone = new Set(facts.flatMap((fact) => (fact.type === 'item-retracted' ? [fact.item] : [])));
  const kinds = new Set([...gone].map(kindOf));
  return facts.flatMap((fact): readonly CmdbFact[] => {
    if (fact.type === 'item-retracted') return [];
    if (fact.type === 'relation-retracted') return gone.has(fact.relation.from) || gone.has(fact.relation.to) ? [] : [fact];
    if (fact.type === 'change-observed') return gone.has(fact.change.item) && fact.change.summary === 'removed' ? [] : [fact];
    if (fact.type !== 'scope-covered') return [fact];
    const coverage = fact.coverage.filter(({ kind }) => !kinds.has(kind));
    return [{ ...fact, coverage: [...coverage, ...[...kinds].map((kind) => ({ kind, state: 'failed' as const, reason }))] }];
  });
}
