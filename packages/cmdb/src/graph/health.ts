import { type ColumnValue, formatItemId, type Health, type HealthOptions, type HealthState } from '@tier0/core';
import type { Moment } from './engine/moment.ts';
import { reasonOf } from './impact.ts';
import { joinedItem } from './join-item.ts';
import { nodesTo, type Spread, type Step, spreadFrom } from './spread.ts';

const DEFAULT_HOPS = 16;
const DEFAULT_LIMIT = 10_000;

/** What sources write into a `health` column, Argo CD's words among them. */
const STATES: Readonly<Record<string, HealthState>> = {
  healthy: 'healthy',
  progressing: 'degraded',
  suspended: 'degraded',
  degraded: 'degraded',
  missing: 'failed',
  failed: 'failed',
};

/**
 * The worst of the item and of what it depends on. A failed item fails what needs it, redundancy counted; a degraded one, or a group that
 * lost members and still has enough, degrades what depends on it.
 */
export function healthOf(moment: Moment, id: string, options: HealthOptions = {}): Health {
  const { observed } = options;
  const node = moment.node(id);
  const own = node === -1 ? (observed?.get(id) ?? 'unknown') : ownHealth(moment, node, observed);
  if (node === -1 || own === 'failed') return itself(id, own);
  const bounds = { hops: options.hops ?? DEFAULT_HOPS, limit: options.limit ?? DEFAULT_LIMIT };
  const upstream = spreadFrom(moment, [node], { direction: 'upstream', isRedundancyCounted: false, ...bounds });
  const { truncated } = upstream;
  const within = new Set([node, ...upstream.steps.map((step) => step.node)]);
  const health = new Map([...within].map((other) => [other, other === node ? own : ownHealth(moment, other, observed)]));
  const seeds = (state: HealthState) => [...health].flatMap(([other, found]) => (found === state && other !== node ? [other] : []));
  const downstream = (from: readonly number[], isRedundancyCounted: boolean): Spread =>
    spreadFrom(moment, from, { direction: 'downstream', ...bounds, isRedundancyCounted, within });

  const failing = downstream(seeds('failed'), true);
  const failure = failing.steps.find((step) => step.node === node);
  if (failure) return { state: 'failed', own, ...explain(moment, failure, 'has failed'), truncated };
  if (own === 'degraded') return { ...itself(id, own), truncated };
  const weak = failing.weakened.get(node);
  if (weak) return { state: 'degraded', own, ...explain(moment, weak, 'has failed; enough others of its group remain'), truncated };
  const degrading = downstream([...seeds('degraded'), ...failing.weakened.keys()], false);
  const degradation = degrading.steps.find((step) => step.node === node);
  if (degradation) return { state: 'degraded', own, ...explain(moment, degradation, 'is degraded'), truncated };
  return { ...itself(id, own), truncated };
}

function itself(id: string, own: HealthState): Health {
  const reasons = own === 'healthy' ? [] : [`${formatItemId(id)} is ${own === 'unknown' ? 'of unknown health' : own} itself`];
  return { state: own, own, reasons, path: [], truncated: false };
}

function explain(moment: Moment, step: Step, state: string): Pick<Health, 'reasons' | 'path'> {
  const path = nodesTo(step).map((node) => moment.id(node));
  const links: string[] = [];
  for (let at: Step | undefined = step; at?.edge; at = at.from) links.push(reasonOf(moment, at) ?? '');
  return { reasons: [`${formatItemId(path[0] as string)} ${state}`, ...links.reverse()], path };
}

function ownHealth(moment: Moment, node: number, observed: HealthOptions['observed']): HealthState {
  return observed?.get(moment.id(node)) ?? stateOf(joinedItem(moment, node)?.columns.health);
}

function stateOf(value: ColumnValue | undefined): HealthState {
  return (typeof value === 'string' ? STATES[value.toLowerCase()] : undefined) ?? 'unknown';
}
