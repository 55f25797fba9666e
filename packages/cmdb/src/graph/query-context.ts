import { RELATION_TYPES, type RelationType } from '@tier0/core';
import type { Moment } from './engine/moment.ts';
import { ownerOf } from './owner.ts';
import { relationsOf } from './relations-of.ts';

/** What a query may ask about an item beyond the item itself. */
export interface QueryContext {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Team of an item; undefined where no path leads to one. */
  owner(id: string): string | undefined;
  /** Whether something of the item itself became different in `[sinceMs, atMs]`. */
  hasChangedSince(id: string, sinceMs: number): boolean;
  /** Item ids at the other end of a relation, by its name or its inverse's; undefined where there is no such relation type. */
  related(id: string, name: string): readonly string[] | undefined;
}

export function queryContext(moment: Moment): QueryContext {
  return {
    atMs: moment.validAt,
    owner: (id) => ownerOf(moment, id)?.team,
    hasChangedSince: (id, sinceMs) =>
      moment.graph.changes.of(id, moment.bounds.changes).some(({ at }) => Date.parse(at) >= sinceMs && Date.parse(at) <= moment.validAt),
    related(id, name) {
      if (isRelationType(name)) return relationsOf(moment, moment.node(id), 'out', name).map(({ to }) => to);
      const type = typeOfInverse(name);
      return type && relationsOf(moment, moment.node(id), 'in', type).map(({ from }) => from);
    },
  };
}

/** Whether a text names a relation type or the inverse of one. */
export function isRelationName(name: string): boolean {
  return isRelationType(name) || typeOfInverse(name) !== undefined;
}

function isRelationType(name: string): name is RelationType {
  return Object.hasOwn(RELATION_TYPES, name);
}

function typeOfInverse(name: string): RelationType | undefined {
  return (Object.keys(RELATION_TYPES) as RelationType[]).find((type) => RELATION_TYPES[type].inverse === name);
}
