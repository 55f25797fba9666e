import { digestOf, type Inventory } from '@tier0/core';
import { deriveChanges } from './derive-changes.ts';
import type { Timeline } from './reader.ts';
import { distinctChanges, foldInventory, type ScopeState } from './scope-state.ts';
import { joinScopes, type Snapshot } from './snapshot.ts';

/** One state of one scope, and when it was learned. */
interface Moment {
  readonly recordedAt: string;
  readonly state: ScopeState;
  /** Digest of everything but the time: equal inventories are one moment. */
  readonly content: string;
  /** Newest time the same content was seen. */
  readonly confirmedAt: string;
}

/** The remembered states of every scope. */
export interface History extends Timeline {
  /** Whether the inventory says anything new, so that it is worth recording. */
  isNews(inventory: Inventory): boolean;
  accept(inventory: Inventory, recordedAt: string): void;
  /** Notes that a scope could not be read: what is known stays, what is not known is unknown. */
  markFailed(scope: string, reason: string): void;
  readonly isEmpty: boolean;
  current(): Snapshot;
}

/** Keeps at most `limit` moments of each scope. */
export function createHistory(limit: number): History {
  const scopes = new Map<string, Moment[]>();
  const newest = (scope: string) => scopes.get(scope)?.at(-1);
  const replaceNewest = (scope: string, moment: Moment) => {
    const moments = scopes.get(scope);
    if (moments) moments[moments.length - 1] = moment;
  };
  const snapshotAt = (validAt: string, recordedAt?: string): Snapshot => {
    const known = [...scopes.values()].map((moments) => momentAt(moments, validAt, recordedAt));
    return joinScopes(
      known.flatMap((moment) => (moment ? [moment.state] : [])),
      new Date(validAt).toISOString(),
    );
  };
  return {
    get isEmpty() {
      return scopes.size === 0;
    },
    isNews: (inventory) => newest(inventory.scope)?.content !== contentOf(inventory),
    accept(inventory, recordedAt) {
      const last = newest(inventory.scope);
      const content = contentOf(inventory);
      const state = withDerivedChanges(last?.state, foldInventory(last?.state, inventory));
      const moment = { recordedAt, state, content, confirmedAt: inventory.observedAt };
      if (last?.content === content) {
        replaceNewest(inventory.scope, { ...moment, recordedAt: last.recordedAt, state: { ...state, observedAt: last.state.observedAt } });
        return;
      }
      scopes.set(inventory.scope, [...(scopes.get(inventory.scope) ?? []), moment].slice(-limit));
    },
    markFailed(scope, reason) {
      const last = newest(scope);
      if (!last) return;
      const coverage = last.state.coverage.map((row) => ({ ...row, state: 'failed' as const, reason }));
      replaceNewest(scope, { ...last, content: '', state: { ...last.state, coverage } });
    },
    current() {
      const at = [...scopes.values()]
        .flatMap((moments) => moments.at(-1)?.confirmedAt ?? [])
        .sort()
        .at(-1);
      return snapshotAt(at ?? new Date(0).toISOString());
    },
    snapshotAt,
    earlier: () => [...new Set([...scopes.values()].flat().map((moment) => moment.state.observedAt))].sort().map((at) => snapshotAt(at)),
  };
}

function momentAt(moments: readonly Moment[], validAt: string, recordedAt: string | undefined): Moment | undefined {
  const valid = Date.parse(validAt);
  const recorded = recordedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(recordedAt);
  return moments
    .filter((moment) => Date.parse(moment.state.observedAt) <= valid && Date.parse(moment.recordedAt) <= recorded)
    .reduce<Moment | undefined>((best, moment) => (best && best.state.observedAt > moment.state.observedAt ? best : moment), undefined);
}

function withDerivedChanges(before: ScopeState | undefined, after: ScopeState): ScopeState {
  if (!before) return after;
  return { ...after, changes: distinctChanges([...after.changes, ...deriveChanges(before, after)]) };
}

function contentOf(inventory: Inventory): string {
  return digestOf([
    inventory.items.map((item) => [item.id, item.digest]),
    inventory.relations.map((relation) => [relation.from, relation.type, relation.to]),
    inventory.coverage,
    inventory.changes.map((change) => change.id),
  ]);
}
