import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
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

const eventsByTarget = indexed((reader) => {
  const events = new Map<string, ObjectEvent[]>();
  for (const { id } of reader.items({ kind: 'Event' }).items) {
    const object = reader.object(id);
    const key = targetOf(object);
    if (key === undefined) continue;
    const own = events.get(key) ?? [];
    own.push(toEvent(id, object));
    events.set(key, own);
  }
  for (const own of events.values()) own.sort((a, b) => (b.lastMs ?? 0) - (a.lastMs ?? 0) || (a.id < b.id ? -1 : 1));
  return events;
});

/** The uid of what an event is about; kind, namespace and name where whoever recorded it left the uid out. */
function targetOf(event: unknown): string | undefined {
  const target = readField(event, ['involvedObject']) ?? readField(event, ['regarding']);
  const uid = textAt(target, 'uid');
  // The kubelet gives the name of a node as its uid.
  if (uid !== undefined && textAt(target, 'kind') !== 'Node') return uid;
  const [kind, name] = [textAt(target, 'kind'), textAt(target, 'name')];
  return kind && name ? nameKey(kind, textAt(target, 'namespace') ?? '', name) : uid;
}

function nameKey(kind: string, namespace: string, name: string): string {
  return `${kind}\n${namespace}\n${name}`;
}

const eventsByName = indexed((reader) =>
  Map.groupBy(
    reader.items({ kind: 'Event' }).items.map(({ id }) => ({ id, object: reader.object(id) })),
    ({ object }) => {
      const target = readField(object, ['involvedObject']) ?? readField(object, ['regarding']);
      return nameKey(textAt(target, 'kind') ?? '', textAt(target, 'namespace') ?? '', textAt(target, 'name') ?? '');
    },
  ),
);

/** The newest warning about an object that is not there any more, whose uid nobody knows: why it went, or was not made. */
export function warningOfAbsent(reader: CmdbReader, item: string): ObjectEvent | undefined {
  const { kind = '', namespace = '', name = '' } = parseKubernetesItemId(item) ?? {};
  const events = (eventsByName(reader).get(nameKey(kind, namespace, name)) ?? []).map(({ id, object }) => toEvent(id, object));
  return events.filter(({ type }) => type === 'Warning').toSorted((a, b) => (b.lastMs ?? 0) - (a.lastMs ?? 0))[0];
}

/** Events about one object, newest first: by its uid, else by kind and name and not older than the object, since names are given again. */
export function eventsAbout(reader: CmdbReader, item: string): readonly ObjectEvent[] {
  const object = reader.object(item);
  const uid = textAt(object, 'metadata', 'uid');
  const byUid = uid === undefined ? [] : (eventsByTarget(reader).get(uid) ?? []);
  const { kind = '', namespace = '', name = '' } = parseKubernetesItemId(item) ?? {};
  const named = eventsByTarget(reader).get(nameKey(kind, namespace, name)) ?? [];
  if (named.length === 0) return byUid;
  const madeMs = instantAt(object, 'metadata', 'creationTimestamp');
  return [...byUid, ...named.filter(({ lastMs }) => madeMs === undefined || (lastMs !== undefined && lastMs >= madeMs))];
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
