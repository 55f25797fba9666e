import type { Item, Loose } from './item.ts';
import { hexOf } from './random.ts';
import type { World } from './world.ts';

export interface EventText {
  readonly type?: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Component that reports, e.g. `kubelet`. */
  readonly by: string;
  /** Minutes ago that it was first and last seen. `first` alone: it happened once. */
  readonly first: number;
  readonly last?: number;
  readonly count?: number;
  readonly host?: string | undefined;
  readonly fieldPath?: string;
}

/** Records an event as the component would: the scheduler through events.k8s.io, everybody else the old way with a count. */
export function record(world: World, about: Item, text: EventText): void {
  const { type = 'Normal', reason, message, by, first, last = first, count = 1, host } = text;
  const { apiVersion, kind, metadata } = about;
  const namespace = metadata.namespace ?? 'default';
  const id = hexOf(world.seed, metadata.uid ?? '', reason, message, first).slice(0, 14);
  const event: Item = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${metadata.name}.18${id}`,
      namespace,
      uid: hexUid(id, metadata.uid ?? ''),
      creationTimestamp: world.at(first),
    },
    involvedObject: involved(apiVersion, kind, about, text.fieldPath),
    reason,
    message,
    type,
    ...(by === 'default-scheduler' ? asSeries(world, first, last, count) : asCount(world, { first, last, count, by, host })),
  };
  world.events.push(event);
}

function involved(apiVersion: string, kind: string, { metadata }: Item, fieldPath: string | undefined): Loose {
  const { namespace, name, uid } = metadata;
  return { kind, ...(namespace ? { namespace } : {}), name, uid, apiVersion, ...(fieldPath ? { fieldPath } : {}) };
}

function asSeries(world: World, first: number, last: number, count: number): Loose {
  const precise = (minutes: number) => world.at(minutes).replace('Z', '.184233Z');
  return {
    action: 'Scheduling',
    eventTime: precise(first),
    firstTimestamp: null,
    lastTimestamp: null,
    reportingComponent: 'default-scheduler',
    reportingInstance: 'default-scheduler-control-plane-0',
    source: {},
    ...(count > 1 ? { series: { count, lastObservedTime: precise(last) } } : {}),
  };
}

interface Counted {
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly by: string;
  readonly host: string | undefined;
}

function asCount(world: World, { first, last, count, by, host }: Counted): Loose {
  return {
    count,
    eventTime: null,
    firstTimestamp: world.at(first),
    lastTimestamp: world.at(last),
    reportingComponent: by,
    reportingInstance: host ?? '',
    source: { component: by, ...(host ? { host } : {}) },
  };
}

function hexUid(id: string, uid: string): string {
  const hex = hexOf(id, uid);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-b${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** When the API server last saw it, in milliseconds: after an hour without a repeat it is gone. */
export function lastSeen(event: Item): number {
  return Date.parse(event.lastTimestamp ?? event.series?.lastObservedTime ?? event.eventTime);
}
