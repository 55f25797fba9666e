import { isRecord, type KubernetesObject } from '../../kinds/kubernetes-object.ts';

/** Fields that say when something was done or seen; what lies in the future by design (an expiry, a schedule) is not among them. */
const PAST =
  /^(creationTimestamp|time|startTime|startedAt|finishedAt|completionTime|renewTime|eventTime|observedAt|(first|last)\w*(Time|Timestamp)?)$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/**
 * The newest instant that the objects state as past; undefined when they state none. ISO 8601, UTC. What lies after `latestMs`, when the
 * files were written, was made up or comes from a clock that is wrong: one such event must not move everything else into the past.
 */
export function newestInstant(objects: readonly KubernetesObject[], latestMs = Number.POSITIVE_INFINITY): string | undefined {
  let newest = Number.NEGATIVE_INFINITY;
  const take = (at: number) => {
    if (at <= latestMs) newest = Math.max(newest, at);
  };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const entry of value) visit(entry);
    else if (isRecord(value)) {
      for (const [key, field] of Object.entries(value)) {
        if (typeof field === 'string') {
          if (PAST.test(key) && INSTANT.test(field)) take(Date.parse(field));
        } else visit(field);
      }
    }
  };
  for (const object of objects) {
    visit(object.metadata);
    visit(object.status);
    // Events and leases state their instants elsewhere than in a status.
    if (object.kind === 'Event' || object.kind === 'Lease') visit(object);
  }
  return Number.isFinite(newest) ? new Date(newest).toISOString() : undefined;
}
