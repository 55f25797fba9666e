import type { Change, ChangeWindow, NearbyChange } from '@tier0/core';
import { compareText } from './compare-text.ts';
import { harms, type RelationGraph } from './relation-graph.ts';
import type { Snapshot } from './snapshot.ts';

/** Changes on the item and on what can harm it, inside the window; nearest first, then newest. */
export function whatChanged(graph: RelationGraph, snapshot: Snapshot, id: string, window: ChangeWindow): readonly NearbyChange[] {
  const distances = distancesUpstream(graph, id, window.hops);
  const until = Date.parse(snapshot.at);
  const inWindow = (change: Change) => Date.parse(change.at) >= until - window.windowMs && Date.parse(change.at) <= until;
  return snapshot.changes
    .flatMap((change) => {
      const distance = distances.get(change.item);
      return distance === undefined || !inWindow(change) ? [] : [{ change, distance }];
    })
    .sort((a, b) => a.distance - b.distance || compareText(b.change.at, a.change.at) || compareText(a.change.id, b.change.id));
}

function distancesUpstream(graph: RelationGraph, id: string, hops: number): ReadonlyMap<string, number> {
  const distances = new Map([[id, 0]]);
  let frontier = [id];
  for (let distance = 1; distance <= hops && frontier.length > 0; distance++) {
    const next = frontier.flatMap((from) => harms(graph, from).map((step) => step.to));
    frontier = [...new Set(next)].filter((item) => !distances.has(item));
    for (const item of frontier) distances.set(item, distance);
  }
  return distances;
}
