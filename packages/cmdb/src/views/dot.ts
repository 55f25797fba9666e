import type { GraphSlice } from './graph-slice.ts';

/** A slice as Graphviz DOT. Inferred relations are dashed, ids that no source states are dotted. */
export function toDot({ nodes, relations, truncated }: GraphSlice): string {
  const lines = nodes.map(({ id, item }) =>
    item ? `  ${quoted(id)} [label=${quoted(`${item.kind} ${item.name}`)}];` : `  ${quoted(id)} [label=${quoted(id)}, style=dotted];`,
  );
  const edges = relations.map(({ from, to, type, confidence }) => {
    return `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(type)}${confidence < 1 ? ', style=dashed' : ''}];`;
  });
  const note = truncated ? ['  // more items than the limit'] : [];
  return ['digraph tier0 {', '  rankdir=LR;', '  node [shape=box];', ...lines, ...edges, ...note, '}', ''].join('\n');
}

/** A quoted string of the DOT language; control characters would end a line of it. */
function quoted(text: string): string {
  return `"${text.replace(/\p{Cc}/gu, ' ').replace(/[\\"]/g, '\\$&')}"`;
}
