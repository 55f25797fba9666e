import {
  type BlastRadius,
  type ColumnValue,
  formatItemId,
  type ImpactedItem,
  type ImpactOptions,
  type RelationType,
  Tier0Error,
} from '@tier0/core';
import type { Moment } from './engine/moment.ts';
import { TYPE_NAMES } from './engine/relation-table.ts';
import { joinedItem } from './join-item.ts';
import { nodesTo, type Step, spreadFrom } from './spread.ts';

const DEFAULT_HOPS = 16;
const DEFAULT_LIMIT = 1000;

/** Criticality as words, for sources that do not state a number. */
const CRITICALITY: Readonly<Record<string, number>> = { critical: 1, high: 0.75, medium: 0.5, low: 0.25, none: 0 };

/** What a failure of the item can reach: breadth first, so nearest first, each item by one shortest path. */
export function impactOf(moment: Moment, subject: string, options: ImpactOptions = {}): BlastRadius {
  const { direction = 'downstream', mode = 'reach' } = options;
  if (mode === 'redundancy' && direction === 'upstream') throw noUpstreamRedundancy();
  const seeds = [subject, ...(options.alsoFailed ?? [])].map((id) => moment.node(id)).filter((node) => node !== -1);
  const { steps, truncated } = spreadFrom(moment, [...new Set(seeds)], {
    direction,
    relationTypes: options.relationTypes,
    hops: options.hops ?? DEFAULT_HOPS,
    limit: options.limit ?? DEFAULT_LIMIT,
    stop: options.stop,
    isRedundancyCounted: mode === 'redundancy',
  });
  return { subject, items: steps.map((step) => impactedItem(moment, step)), truncated };
}

function impactedItem(moment: Moment, step: Step): ImpactedItem {
  const criticality = criticalityOf(joinedItem(moment, step.node)?.columns.criticality);
  const reason = reasonOf(moment, step);
  return {
    item: moment.id(step.node),
    distance: step.distance,
    path: nodesTo(step).map((node) => moment.id(node)),
    via: typesTo(step),
    probability: step.probability,
    ...(criticality === undefined ? {} : { criticality }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function typesTo(step: Step): readonly RelationType[] {
  const types: RelationType[] = [];
  for (let at: Step | undefined = step; at?.edge; at = at.from) types.push(TYPE_NAMES[at.edge.type] as RelationType);
  return types.reverse();
}

/** The last relation on the way, as a sentence. */
export function reasonOf(moment: Moment, { edge }: Step): string | undefined {
  if (!edge) return undefined;
  const { from, to } = moment.graph.relations;
  const [source, target] = [from[edge.key] as number, to[edge.key] as number].map((node) => formatItemId(moment.id(node)));
  return `${source} ${TYPE_NAMES[edge.type]} ${target}`;
}

function criticalityOf(value: ColumnValue | undefined): number | undefined {
  if (typeof value === 'number') return Math.min(1, Math.max(0, value));
  return typeof value === 'string' ? CRITICALITY[value.toLowerCase()] : undefined;
}

function noUpstreamRedundancy(): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: 'Redundancy cannot be counted upstream: it says what fails, not what could cause a failure.',
    hint: "Ask with direction 'downstream', or with mode 'reach'.",
  });
}
