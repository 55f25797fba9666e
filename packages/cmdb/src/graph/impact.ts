import type { BlastRadius, ImpactedItem, ImpactOptions } from '@tier0/core';
import { harmedBy, type RelationGraph } from './relation-graph.ts';

const DEFAULT_HOPS = 16;
const DEFAULT_LIMIT = 1000;

/** What a failure of the item can reach: breadth first, so nearest first, each item by one shortest path. */
export function impactOf(graph: RelationGraph, subject: string, options: ImpactOptions = {}): BlastRadius {
  const { hops = DEFAULT_HOPS, limit = DEFAULT_LIMIT, relationTypes } = options;
  const items: ImpactedItem[] = [];
  const seen = new Set([subject]);
  let frontier: readonly ImpactedItem[] = [{ item: subject, distance: 0, path: [subject], via: [] }];
  for (let distance = 1; frontier.length > 0; distance++) {
    const next: ImpactedItem[] = [];
    for (const from of frontier) {
      for (const step of harmedBy(graph, from.item)) {
        if (seen.has(step.to) || (relationTypes && !relationTypes.includes(step.relation.type))) continue;
        if (distance > hops || items.length + next.length >= limit) return { subject, items: [...items, ...next], truncated: true };
        seen.add(step.to);
        next.push({ item: step.to, distance, path: [...from.path, step.to], via: [...from.via, step.relation.type] });
      }
    }
    items.push(...next);
    frontier = next;
  }
  return { subject, items, truncated: false };
}
