import type { Change, ConfigurationItem, Coverage, Relation } from '@tier0/core';
import { catalogRelations } from '../relations/catalog.ts';
import { compareText } from './compare-text.ts';
import { distinctChanges, distinctRelations, type ScopeState } from './scope-state.ts';

/** How completely one scope was read, and which ids it can speak about. */
export interface ScopeCoverage {
  readonly scope: string;
  /** Prefixes of ids this scope speaks about: `kubernetes:<cluster>/`, `backstage:`. */
  readonly prefixes: ReadonlySet<string>;
  readonly coverage: readonly Coverage[];
}

/** All scopes at one moment, joined. */
export interface Snapshot {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Sorted by id. */
  readonly items: ReadonlyMap<string, ConfigurationItem>;
  readonly relations: readonly Relation[];
  readonly objects: ReadonlyMap<string, unknown>;
  readonly scopes: readonly ScopeCoverage[];
  readonly changes: readonly Change[];
}

/** Joins what the scopes say. Where two know the same item, the first in the order of the sources is believed. */
export function joinScopes(states: readonly ScopeState[], at: string): Snapshot {
  const items = new Map<string, ConfigurationItem>();
  const objects = new Map<string, unknown>();
  for (const state of states) {
    for (const [id, item] of state.items) items.set(id, mergeItems(items.get(id), item));
    for (const [id, object] of state.objects) if (!objects.has(id)) objects.set(id, object);
  }
  const sorted = new Map([...items].sort(([a], [b]) => compareText(a, b)));
  return {
    at,
    items: sorted,
    relations: distinctRelations([...states.flatMap((state) => state.relations), ...catalogRelations(sorted.values())]),
    objects,
    scopes: states.map(scopeCoverage),
    changes: distinctChanges(states.flatMap((state) => state.changes)).filter((change) => change.at <= at),
  };
}

function mergeItems(first: ConfigurationItem | undefined, second: ConfigurationItem): ConfigurationItem {
  if (!first) return second;
  const schemes = new Set(first.identifiers.map((identifier) => identifier.scheme));
  return {
    ...first,
    columns: { ...second.columns, ...first.columns },
    identifiers: [...first.identifiers, ...second.identifiers.filter((identifier) => !schemes.has(identifier.scheme))],
    sources: [...first.sources, ...second.sources],
    observedAt: compareText(first.observedAt, second.observedAt) > 0 ? first.observedAt : second.observedAt,
  };
}

function scopeCoverage(state: ScopeState): ScopeCoverage {
  const prefixes = new Set([...state.items.keys()].map(idPrefix));
  // An empty scope still speaks about its own ids: `kubernetes:<cluster>` about the cluster, `backstage:<file>` about the catalog.
  const [scheme = '', rest = ''] = state.scope.split(/:(.*)/s);
  prefixes.add(scheme === 'backstage' ? 'backstage:' : `${scheme === 'manifests' ? 'kubernetes' : scheme}:${rest}/`);
  return { scope: state.scope, prefixes, coverage: state.coverage };
}

/** The part of an id that says which scopes may know it. */
export function idPrefix(id: string): string {
  return /^kubernetes:[^/]+\//.exec(id)?.[0] ?? /^[^:]+:/.exec(id)?.[0] ?? id;
}
