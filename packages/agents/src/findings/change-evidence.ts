import { type CmdbReader, type Evidence, makeEvidence, type NearbyChange } from '@tier0/core';

export interface NearbyChanges {
  readonly changes: readonly NearbyChange[];
  /** Quotes the changes, or states that there were none. */
  readonly evidence: Evidence;
}

export interface ChangeQuestion {
  readonly item: string;
  /** Milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Relations walked. */
  readonly hops: number;
}

/** Changes quoted at most. */
const QUOTED = 12;

/** What changed on an item, or on what can harm it, in an interval. */
export function changesNear(reader: CmdbReader, { item, fromMs, toMs, hops }: ChangeQuestion): NearbyChanges {
  const windowMs = Math.max(0, Date.parse(reader.at) - fromMs);
  const changes = reader.whatChanged(item, { windowMs, hops }).filter(({ change }) => Date.parse(change.at) <= toMs);
  const lines = changes.slice(0, QUOTED).map(({ change, distance }) => {
    return `${change.at} ${change.item} (distance ${distance})${change.actor ? ` by ${change.actor}` : ''}: ${change.summary}`;
  });
  const text = lines.length > 0 ? lines.join('\n') : 'nothing was deployed and no configuration changed';
  const evidence = makeEvidence({ source: 'cmdb', query: `whatChanged ${item} hops=${hops}`, fromMs, toMs: Math.max(fromMs, toMs), text });
  return { changes, evidence };
}
