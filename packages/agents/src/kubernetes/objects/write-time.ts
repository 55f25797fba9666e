import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';
import { indexed } from './indexed.ts';
import { instantAt, textAt } from './read-object.ts';

/** Kinds without a status that somebody keeps writing: their newest version is of the newest write of what people want. */
const WITHOUT_STATUS: ReadonlySet<string> = new Set(
  (
    'ConfigMap Secret NetworkPolicy Role RoleBinding ClusterRole ClusterRoleBinding ServiceAccount LimitRange PriorityClass StorageClass ' +
    'MutatingWebhookConfiguration ValidatingWebhookConfiguration ValidatingAdmissionPolicyBinding'
  ).split(' '),
);
/** A write this soon after the creation belongs to it, as far as seconds tell. */
const CREATION_MS = 1_000;

/**
 * The earliest moment at which an object that was changed after its creation can have had its newest write, milliseconds since the epoch; undefined where
 * it was not changed, or cannot be known. The API server counts all writes in one order (resource versions of one store can be compared:
 * KEP-5504), so what was written later than an object that was made, or an event that was told, is younger than that.
 */
export function earliestWriteMs(reader: CmdbReader, item: string): number | undefined {
  const { kind = '' } = parseKubernetesItemId(item) ?? {};
  if (!WITHOUT_STATUS.has(kind)) return undefined;
  const object = reader.object(item);
  const version = versionOf(object);
  const madeMs = instantAt(object, 'metadata', 'creationTimestamp');
  if (version === undefined || madeMs === undefined) return undefined;
  const moments = momentsByCluster(reader).get(clusterOf(item));
  const sinceMs = moments && youngestUpTo(moments, version);
  return sinceMs !== undefined && sinceMs > madeMs + CREATION_MS ? sinceMs : undefined;
}

interface Moments {
  /** Ascending. */
  readonly versions: readonly number[];
  /** For each version the youngest moment that it and those before it are known to be of. */
  readonly youngestMs: readonly number[];
}

interface Known {
  readonly version: number;
  readonly atMs: number;
  readonly isEvent: boolean;
}

/** Versions of each cluster's objects with the moment that they are certainly not older than: their creation, or the last time of an event. */
const momentsByCluster = indexed((reader): ReadonlyMap<string, Moments> => {
  const known = reader.items({}).items.flatMap(({ id }) => {
    const object = reader.object(id);
    const version = versionOf(object);
    const isEvent = parseKubernetesItemId(id)?.kind === 'Event';
    const atMs = (isEvent ? instantAt(object, 'lastTimestamp') : undefined) ?? instantAt(object, 'metadata', 'creationTimestamp');
    return version === undefined || atMs === undefined ? [] : [{ cluster: clusterOf(id), version, atMs, isEvent }];
  });
  return new Map([...Map.groupBy(known, ({ cluster }) => cluster)].map(([cluster, own]) => [cluster, momentsOf(own)]));
});

function momentsOf(known: readonly Known[]): Moments {
  if (!isOrdered(known)) return { versions: [], youngestMs: [] };
  const kept = (isOneStore(known) ? known : known.filter(({ isEvent }) => !isEvent)).toSorted((a, b) => a.version - b.version);
  let youngest = Number.NEGATIVE_INFINITY;
  return {
    versions: kept.map(({ version }) => version),
    youngestMs: kept.map(({ atMs }) => {
      youngest = Math.max(youngest, atMs);
      return youngest;
    }),
  };
}

/** Events looked at, at least, and neighbours among them that may stand in the wrong order: a number that was made up is not in any. */
const EVENTS = 8;
const DISORDER = 0.2;

function isOrdered(known: readonly Known[]): boolean {
  const events = known.filter(({ isEvent }) => isEvent).toSorted((a, b) => a.version - b.version);
  const wrong = events.filter(({ atMs }, index) => atMs < (events[index - 1]?.atMs ?? atMs));
  return events.length >= EVENTS && wrong.length <= DISORDER * events.length;
}

/** How far the clocks of those who tell events may differ. */
const CLOCKS_MS = 5_000;

/** Large clusters keep their events in a store of their own, which counts by itself: then an event has a higher version than objects made after it. */
function isOneStore(known: readonly Known[]): boolean {
  let highest = Number.NEGATIVE_INFINITY;
  for (const { isEvent, version } of known.toSorted((a, b) => momentOf(a) - momentOf(b))) {
    if (isEvent) highest = Math.max(highest, version);
    else if (version < highest) return false;
  }
  return true;
}

/** Objects are compared with the events that were told well before they were made. */
function momentOf({ atMs, isEvent }: Known): number {
  return isEvent ? atMs + CLOCKS_MS : atMs;
}

function clusterOf(item: string): string {
  return item.slice(0, item.indexOf('/'));
}

function youngestUpTo({ versions, youngestMs }: Moments, version: number): number | undefined {
  let [low, high] = [0, versions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((versions[middle] ?? 0) < version) low = middle + 1;
    else high = middle;
  }
  return youngestMs[low - 1];
}

function versionOf(object: unknown): number | undefined {
  const version = textAt(object, 'metadata', 'resourceVersion');
  return version !== undefined && /^\d{1,15}$/.test(version) ? Number(version) : undefined;
}
