import { compareText } from './compare-text.ts';
import type { Edge, Moment, TypeMasks } from './engine/moment.ts';
import { distinctEdges } from './relations-of.ts';

/** Relations along which something spreads from a node, by the id at the other end and the type. */
export function harmEdges(moment: Moment, node: number, masks: TypeMasks): readonly Edge[] {
  const along = (direction: 'out' | 'in', mask: number) =>
    mask === 0 ? [] : distinctEdges(moment, moment.edges(node, direction)).filter((edge) => ((mask >>> edge.type) & 1) === 1);
  const found = [...along('out', masks.out), ...along('in', masks.in)];
  if (found.length < 2) return found;
  const named = found.map((edge) => ({ edge, id: moment.id(edge.other) }));
  return named.sort((a, b) => compareText(a.id, b.id) || a.edge.type - b.edge.type).map(({ edge }) => edge);
}
