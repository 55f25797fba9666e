import type { CmdbReader } from '@tier0/core';
import { indexed } from './indexed.ts';
import { instantAt, numberAt, textAt } from './read-object.ts';

/** What somebody in the control plane said about an object. A hint: events expire, so nothing may rest on one alone. */
export interface ObjectEvent {
  /** Item id of the Event. */
  readonly id: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since the epoch; the newest sighting. */
  readonly lastMs: number | undefined;
  /** Milliseconds since the epoch; the first sighting. */
  readonly firstMs: number | undefined;
  /** How often it was seen. At least 1. */
  readonly count: number;
}

const eventsByUid = indexed((reader) => {
  const events = new Map<string, ObjectEvent[]>();
  for (const { id } of reader.items({ kind: 'Event' }).items) {
    const object = reader.object(id);
    const uid = textAt(object, 'involvedObject', 'uid') ?? textAt(object, 'regarding', 'uid');
    if (uid === undefined) continue;
    const own = events.get(uid) ?? [];
    own.push(toEvent(id, object));
    events.set(uid, own);
  }
  for (const own of events.values()) own.sort((a, b) => (b.lastMs ?? 0) - (a.lastMs ?? 0) || (a.id < b.id ? -1 : 1));
  return events;
});

/** Events about one object by its uid, newest first; never by name alone, since names are given again. */
export function eventsAbout(reader: CmdbReader, item: string): readonly ObjectEvent[] {
  const uid = textAt(reader.object(item), 'metadata', 'uid');
  return uid === undefined ? [] : (eventsByUid(reader).get(uid) ?? []);
}

function toEvent(id: string, event: unknown): ObjectEvent {
  const lastMs =
    instantAt(event, 'series', 'lastObservedTime') ??
    instantAt(event, 'lastTimestamp') ??
    instantAt(event, 'deprecatedLastTimestamp') ??
    instantAt(event, 'eventTime') ??
    instantAt(event, 'metadata', 'creationTimestamp');
  const firstMs =
    instantAt(event, 'firstTimestamp') ?? instantAt(event, 'deprecatedFirstTimestamp') ?? instantAt(event, 'eventTime') ?? lastMs;
  return {
    id,
    type: textAt(event, 'type') ?? 'Normal',
    reason: textAt(event, 'reason') ?? '',
    message: textAt(event, 'message') ?? textAt(event, 'note') ?? '',
    lastMs,
    firstMs,
    count: numberAt(event, 'series', 'count') ?? numberAt(event, 'count') ?? numberAt(event, 'deprecatedCount') ?? 1,
  };
}
