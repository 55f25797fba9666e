import type { ChangeWindow, NearbyChange } from '@tier0/core';
import { compareText } from './compare-text.ts';
import { flowMasks, type Moment } from './engine/moment.ts';
import { reachNodes } from './engine/reach.ts';

/** Changes on the item and on what can harm it, inside the window; nearest first, then newest. */
export function whatChanged(moment: Moment, id: string, window: ChangeWindow): readonly NearbyChange[] {
  const until = moment.validAt;
  const found: NearbyChange[] = [];
  for (const [item, distance] of distancesUpstream(moment, id, window.hops)) {
    for (const change of moment.graph.changes.of(item, moment.bounds.changes)) {
      const at = Date.parse(change.at);
      if (at >= until - window.windowMs && at <= until) found.push({ change, distance });
    }
  }
  return found.sort((a, b) => a.distance - b.distance || compareText(b.change.at, a.change.at) || compareText(a.change.id, b.change.id));
}

function* distancesUpstream(moment: Moment, id: string, hops: number): Generator<readonly [item: string, distance: number]> {
  yield [id, 0];
  const node = moment.node(id);
  if (node === -1) return;
  const bounds = { masks: flowMasks('upstream'), hops, limit: Number.POSITIVE_INFINITY };
  const { nodes, levels } = reachNodes(moment, node, bounds);
  let distance = 0;
  for (let at = 0; at < nodes.length; at++) {
    while (at >= (levels[distance] ?? Number.POSITIVE_INFINITY)) distance++;
    yield [moment.id(nodes[at] as number), distance];
  }
}
