import type { Relation, RelationType } from '@tier0/core';
import { compareText } from './compare-text.ts';
import type { Edge, Moment } from './engine/moment.ts';
import { TYPE_NAMES, typeNumber } from './engine/relation-table.ts';

/** Relations of one item, sorted by type and the other end. Where several slices state the same one, the most trusted speaks. */
export function relationsOf(moment: Moment, node: number, direction: 'out' | 'in', type?: RelationType): readonly Relation[] {
  if (node === -1) return [];
  const wanted = type === undefined ? undefined : typeNumber(type);
  const edges = moment.edges(node, direction).filter((edge) => wanted === undefined || edge.type === wanted);
  return sortedEdges(moment, distinctEdges(moment, edges)).map((edge) => moment.relation(edge));
}

/** One edge for each type and other end. */
export function distinctEdges(moment: Moment, edges: readonly Edge[]): readonly Edge[] {
  if (edges.length < 2) return edges;
  const slices = moment.graph.relations.slice;
  const best = new Map<number, Edge>();
  for (const edge of edges) {
    const key = edge.other * TYPE_NAMES.length + edge.type;
    const known = best.get(key);
    const isBetter = !known || moment.trust(slices[edge.key] as number) < moment.trust(slices[known.key] as number);
    if (isBetter) best.set(key, edge);
  }
  return [...best.values()];
}

/** By type name, then by the id at the other end: the same on every machine and in every run. */
export function sortedEdges(moment: Moment, edges: readonly Edge[]): readonly Edge[] {
  return edges
    .map((edge) => ({ edge, type: TYPE_NAMES[edge.type] as string, other: moment.id(edge.other) }))
    .sort((a, b) => compareText(a.type, b.type) || compareText(a.other, b.other))
    .map(({ edge }) => edge);
}
