import type { JsonValue, RelationType } from '@tier0/core';
import { type Edge, flowMasks, type Moment } from './engine/moment.ts';
import { harmEdges } from './harm-edges.ts';

/** Counts who of a redundancy group has failed. */
export interface Redundancy {
  /** Notes that the near end of the edge has failed, and says whether the item at the other end fails with it. */
  fails(edge: Edge): boolean;
}

/** Members of one group of one item. */
interface Group {
  readonly members: ReadonlySet<number>;
  /** Members that must remain. */
  readonly needed: number;
  readonly failed: Set<number>;
}

/**
 * Redundancy as relations state it: those of one item with the same `group` property form a group, `minAvailable` says how many members
 * must remain, a count or a share in percent, rounded up. Without it one must remain. A relation without a group is needed by itself.
 */
export function createRedundancy(moment: Moment, relationTypes: readonly RelationType[] | undefined): Redundancy {
  const groups = new Map<string, Group>();
  const masks = flowMasks('upstream', relationTypes);
  const groupOf = (item: number, name: string): Group => {
    const key = `${item}/${name}`;
    const known = groups.get(key) ?? makeGroup(moment, harmEdges(moment, item, masks), name);
    groups.set(key, known);
    return known;
  };
  return {
    fails(edge) {
      const name = propertiesOf(moment, edge).group;
      if (typeof name !== 'string' || name === '') return true;
      const group = groupOf(edge.other, name);
      const { relations } = moment.graph;
      const [from, to] = [relations.from[edge.key] as number, relations.to[edge.key] as number];
      group.failed.add(from === edge.other ? to : from);
      return group.members.size - group.failed.size < group.needed;
    },
  };
}

function makeGroup(moment: Moment, edges: readonly Edge[], name: string): Group {
  const own = edges.filter((edge) => propertiesOf(moment, edge).group === name);
  const members = new Set(own.map((edge) => edge.other));
  const needed = own.map((edge) => neededOf(propertiesOf(moment, edge).minAvailable, members.size));
  return { members, needed: Math.max(...needed), failed: new Set() };
}

function neededOf(minAvailable: JsonValue | undefined, members: number): number {
  if (typeof minAvailable === 'number') return minAvailable;
  const percent = typeof minAvailable === 'string' ? /^(\d+(?:\.\d+)?)%$/.exec(minAvailable)?.[1] : undefined;
  return percent === undefined ? 1 : Math.ceil((Number(percent) / 100) * members);
}

function propertiesOf(moment: Moment, edge: Edge): Readonly<Record<string, JsonValue>> {
  return moment.graph.relations.statement(edge.row, '').properties;
}
