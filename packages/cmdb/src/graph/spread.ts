import type { RelationType } from '@tier0/core';
import { type Edge, flowMasks, type Moment } from './engine/moment.ts';
import { harmEdges } from './harm-edges.ts';
import { createRedundancy } from './redundancy.ts';

/** One node that something spread to, and from where. */
export interface Step {
  readonly node: number;
  readonly distance: number;
  /** Absent for a seed. */
  readonly from?: Step | undefined;
  readonly edge?: Edge | undefined;
  /** Product of the probabilities from the seed. */
  readonly probability: number;
}

export interface SpreadOptions {
  readonly direction: 'downstream' | 'upstream';
  readonly relationTypes?: readonly RelationType[] | undefined;
  readonly hops: number;
  /** Nodes besides the seeds at most. */
  readonly limit: number;
  readonly stop?: (() => boolean) | undefined;
  /** Whether redundancy groups hold a failure back. */
  readonly isRedundancyCounted: boolean;
  /** Nodes the walk must not leave. */
  readonly within?: ReadonlySet<number> | undefined;
}

export interface Spread {
  /** Nearest first, seeds not among them. */
  readonly steps: readonly Step[];
  readonly truncated: boolean;
  /** Nodes that lost members of a group and still have enough, with the step that took one. */
  readonly weakened: ReadonlyMap<number, Step>;
}

/** Breadth first from the seeds, in an order that repeats; each node by one shortest path. */
export function spreadFrom(moment: Moment, seeds: readonly number[], options: SpreadOptions): Spread {
  const masks = flowMasks(options.direction, options.relationTypes);
  const redundancy = options.isRedundancyCounted ? createRedundancy(moment, options.relationTypes) : undefined;
  const steps: Step[] = [];
  const weakened = new Map<number, Step>();
  const seen = new Set(seeds);
  let frontier: readonly Step[] = seeds.map((node) => ({ node, distance: 0, probability: 1 }));
  for (let distance = 1; frontier.length > 0; distance++) {
    const next: Step[] = [];
    for (const from of frontier) {
      if (options.stop?.()) return { steps: [...steps, ...next], truncated: true, weakened };
      for (const edge of harmEdges(moment, from.node, masks)) {
        if (seen.has(edge.other) || (options.within && !options.within.has(edge.other))) continue;
        const step = { node: edge.other, distance, from, edge, probability: from.probability * probabilityOf(moment, edge) };
        if (redundancy && !redundancy.fails(edge)) {
          if (!weakened.has(edge.other)) weakened.set(edge.other, step);
          continue;
        }
        if (distance > options.hops || steps.length + next.length >= options.limit) {
          return { steps: [...steps, ...next], truncated: true, weakened };
        }
        seen.add(edge.other);
        next.push(step);
      }
    }
    steps.push(...next);
    frontier = next;
  }
  return { steps, truncated: false, weakened };
}

/** The nodes from the seed to the step's node. */
export function nodesTo(step: Step): readonly number[] {
  const nodes: number[] = [];
  for (let at: Step | undefined = step; at; at = at.from) nodes.push(at.node);
  return nodes.reverse();
}

/** The relation's own `probability`, else its confidence. */
function probabilityOf(moment: Moment, edge: Edge): number {
  const { confidence, properties } = moment.graph.relations.statement(edge.row, '');
  const stated = properties.probability;
  return typeof stated === 'number' && stated >= 0 && stated <= 1 ? stated : confidence;
}
