import type { KubernetesObject } from '../kubernetes-object.ts';

/** A core Event under `events.k8s.io/v1`, where the same facts have other names. */
export function toNewEvent(event: KubernetesObject): KubernetesObject {
  if (event.apiVersion === 'events.k8s.io/v1') return event;
  const { apiVersion: _apiVersion, involvedObject, message, source, firstTimestamp, lastTimestamp, count, ...rest } = event;
  return {
    ...rest,
    apiVersion: 'events.k8s.io/v1',
    regarding: involvedObject,
    note: message,
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
    eventTime: event.eventTime ?? null,
  } as KubernetesObject;
}

/** The core form of an Event: the one that is kept. */
export function toCoreEvent(event: KubernetesObject): KubernetesObject {
  if (event.apiVersion === 'v1') return event;
  const { regarding, note, deprecatedSource, deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedCount, ...rest } = event;
  return {
    ...rest,
    apiVersion: 'v1',
    involvedObject: regarding,
    message: note,
    source: deprecatedSource ?? {},
    firstTimestamp: deprecatedFirstTimestamp ?? event.eventTime,
    lastTimestamp: deprecatedLastTimestamp ?? event.eventTime,
    count: deprecatedCount ?? 1,
  } as KubernetesObject;
}
