import { RELATION_TYPES, type Relation, type RelationType } from '@tier0/core';
import { MultiDirectedGraph } from 'graphology';
import { compareText } from './compare-text.ts';
import type { Snapshot } from './snapshot.ts';

/** The relations of a snapshot as a graph. Targets that do not exist are nodes too: a dangling reference is a fact. */
export type RelationGraph = MultiDirectedGraph<Record<string, never>, { readonly relation: Relation }>;

export function buildGraph(snapshot: Snapshot): RelationGraph {
  const graph: RelationGraph = new MultiDirectedGraph();
  for (const id of snapshot.items.keys()) graph.mergeNode(id);
  for (const relation of snapshot.relations) {
    graph.mergeNode(relation.from);
    graph.mergeNode(relation.to);
    graph.addDirectedEdge(relation.from, relation.to, { relation });
  }
  return graph;
}

/** Relations of one item, sorted by type and the other end. */
export function relationsOf(graph: RelationGraph, id: string, direction: 'out' | 'in', type?: RelationType): readonly Relation[] {
  if (!graph.hasNode(id)) return [];
  const edges = direction === 'out' ? graph.outEdges(id) : graph.inEdges(id);
  const relations = edges.map((edge) => graph.getEdgeAttribute(edge, 'relation')).filter((relation) => !type || relation.type === type);
  const other = (relation: Relation) => (direction === 'out' ? relation.to : relation.from);
  return relations.sort((a, b) => compareText(a.type, b.type) || compareText(other(a), other(b)));
}

/** One step of a walk. */
export interface Step {
  readonly to: string;
  readonly relation: Relation;
}

/** Items that a failure of `id` reaches directly. */
export function harmedBy(graph: RelationGraph, id: string): readonly Step[] {
  return steps(graph, id, 'toTarget', 'toSource');
}

/** Items whose failure reaches `id` directly. */
export function harms(graph: RelationGraph, id: string): readonly Step[] {
  return steps(graph, id, 'toSource', 'toTarget');
}

function steps(graph: RelationGraph, id: string, outward: 'toTarget' | 'toSource', inward: 'toTarget' | 'toSource'): readonly Step[] {
  const travels = (relation: Relation, way: string) => {
    const { impact } = RELATION_TYPES[relation.type];
    return impact === way || impact === 'both';
  };
  const out = relationsOf(graph, id, 'out').filter((relation) => travels(relation, outward));
  const into = relationsOf(graph, id, 'in').filter((relation) => travels(relation, inward));
  const found = [...out.map((relation) => ({ to: relation.to, relation })), ...into.map((relation) => ({ to: relation.from, relation }))];
  return found.sort((a, b) => compareText(a.to, b.to) || compareText(a.relation.type, b.relation.type));
}
