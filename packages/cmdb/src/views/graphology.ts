import type { ConfigurationItem, Relation } from '@tier0/core';
import { ConfigurationItemSchema, RelationSchema, Tier0Error } from '@tier0/core';
import { MultiDirectedGraph } from 'graphology';
import type { GraphSlice } from './graph-slice.ts';

/**
 * The slice as a graphology graph, for its layouts, metrics and exports. Nodes carry `item`, edges the `relation`; both have plain
 * attributes besides (`label`, `kind`; `type`, `weight` = confidence). Edge keys are `<from> <type> <to>`.
 */
export function toGraphology({ at, nodes, relations, truncated }: GraphSlice): MultiDirectedGraph {
  const graph = new MultiDirectedGraph();
  graph.replaceAttributes({ at, truncated });
  for (const { id, item } of nodes) graph.addNode(id, { label: item?.name ?? id, ...(item ? { kind: item.kind, item } : {}) });
  for (const relation of relations) {
    const { from, to, type, confidence } = relation;
    graph.addEdgeWithKey(`${from} ${type} ${to}`, from, to, { type, weight: confidence, relation });
  }
  return graph;
}

/** The slice that a graph of `toGraphology` holds, whatever was removed from it or added in its form. Throws INVALID_INPUT for anything else. */
export function fromGraphology(graph: MultiDirectedGraph): GraphSlice {
  const { at, truncated } = graph.getAttributes();
  const nodes = graph.mapNodes((id, { item }) => (item === undefined ? { id } : { id, item: checkedItem(id, item) }));
  const relations = graph.mapEdges((key, { relation }, from, to) => checkedRelation(key, relation, { from, to }));
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at))) throw invalid('the graph has no attribute "at" with an instant');
  return { at, nodes: nodes.sort((a, b) => (a.id < b.id ? -1 : 1)), relations, truncated: truncated === true };
}

function checkedItem(id: string, value: unknown): ConfigurationItem {
  const parsed = ConfigurationItemSchema.safeParse(value);
  if (!parsed.success || parsed.data.id !== id) throw invalid(`the attribute "item" of node "${id}" is not the item of that id`);
  return parsed.data;
}

function checkedRelation(key: string, value: unknown, ends: { readonly from: string; readonly to: string }): Relation {
  const parsed = RelationSchema.safeParse(value);
  const isRight = parsed.success && parsed.data.from === ends.from && parsed.data.to === ends.to;
  if (!isRight) throw invalid(`the attribute "relation" of edge "${key}" is not the relation between its ends`);
  return parsed.data;
}

function invalid(why: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `This graphology graph cannot be read as a slice: ${why}.`,
    hint: 'Use a graph made by toGraphology, and give new nodes and edges the attributes that it gives.',
  });
}
