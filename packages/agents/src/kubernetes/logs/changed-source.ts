import { type CmdbReader, readField } from '@tier0/core';
import { siblingId } from '../objects/existence.ts';
import { sayKeyChange } from '../objects/key-change.ts';
import { lastApplied } from '../objects/last-applied.ts';
import { containersOf, nameOf, type PodView, podViews, restartsOf, terminationOf } from '../objects/pod-view.ts';
import { instantAt, listAt, mapAt, textAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import { inBrackets } from '../objects/say.ts';
import { earliestWriteMs } from '../objects/write-time.ts';

/** A key whose value is no longer the one that was applied. */
export interface ChangedKey {
  readonly key: string;
  /** `''` where it was not there. */
  readonly before: string;
  readonly now: string;
}

/** A ConfigMap or a Secret that a container reads and that was changed after it was made. */
export interface ChangedSource {
  readonly item: string;
  readonly kind: 'ConfigMap' | 'Secret';
  /** Whoever reads it. */
  readonly reader: PodView;
  readonly container: string | undefined;
  /** Read at the start of the container only: a variable, or a file mounted by subPath. */
  readonly isReadOnce: boolean;
  /** As far as kubectl noted what was applied; values of Secrets are never looked at. */
  readonly keys: readonly ChangedKey[];
  /**
   * When its data was last written, milliseconds since the epoch, as its field managers noted, else the earliest that it can have been;
   * undefined where nothing tells.
   */
  readonly changedMs: number | undefined;
}

/** A write this soon after the creation belongs to it. */
const CREATION_MS = 1_000;

/** What a container of a pod reads that was changed since it was made or applied. */
export function changedSources(pod: PodView, container: string | undefined): readonly ChangedSource[] {
  const spec = readField(pod.object, ['spec']);
  const mounts = ['containers', 'initContainers']
    .flatMap((list) => listAt(spec, list))
    .filter((entry) => container === undefined || textAt(entry, 'name') === container)
    .flatMap((entry) => listAt(entry, 'volumeMounts'));
  const read = referencesOf(spec).filter(
    ({ kind, container: asker, path }) =>
      (kind === 'ConfigMap' || kind === 'Secret') &&
      (asker === container || container === undefined || (asker === undefined && isMounted(path, mounts))),
  );
  const byItem = new Map(read.map((reference) => [siblingId(pod.id, reference.kind, reference.name), reference]));
  return [...byItem].flatMap(([item, { kind, path }]): readonly ChangedSource[] => {
    const object = pod.reader.object(item);
    const keys = kind === 'ConfigMap' ? changedKeys(object) : [];
    const changedMs = dataWrittenMs(object) ?? earliestWriteMs(pod.reader, item);
    if (object === undefined || (keys.length === 0 && changedMs === undefined)) return [];
    const isFile = path[0] === 'volumes';
    const isReadOnce = !isFile || mounts.some((mount) => isMounted(path, [mount]) && textAt(mount, 'subPath') !== undefined);
    return [{ item, kind: kind as 'ConfigMap' | 'Secret', reader: pod, container, isReadOnce, keys, changedMs }];
  });
}

function isMounted(path: readonly unknown[], mounts: readonly unknown[]): boolean {
  const volume = path[0] === 'volumes' ? textAt(path[1], 'value') : undefined;
  return volume !== undefined && mounts.some((mount) => textAt(mount, 'name') === volume);
}

/** Keys of a ConfigMap that are not as they were applied. */
function changedKeys(object: unknown): readonly ChangedKey[] {
  const applied = lastApplied(object);
  if (readField(applied, ['data']) === undefined) return [];
  const [before, now] = [mapAt(applied, 'data'), mapAt(object, 'data')];
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((key) => (before[key] ?? '') !== (now[key] ?? ''))
    .sort()
    .map((key) => ({ key, before: before[key] ?? '', now: now[key] ?? '' }));
}

/** When the data was last written, where that was after the object was made. */
function dataWrittenMs(object: unknown): number | undefined {
  const madeMs = instantAt(object, 'metadata', 'creationTimestamp') ?? 0;
  const times = dataWrites(object).flatMap((entry) => instantAt(entry, 'time') ?? []);
  const last = times.length === 0 ? undefined : Math.max(...times);
  return last !== undefined && last > madeMs + CREATION_MS ? last : undefined;
}

function dataWrites(object: unknown): readonly unknown[] {
  return listAt(object, 'metadata', 'managedFields').filter((entry) =>
    ['f:data', 'f:stringData', 'f:binaryData'].some((field) => readField(entry, ['fieldsV1', field]) !== undefined),
  );
}

/** A write of more keys than these is one of everything. */
const NAMED = 3;

/** `ConfigMap orders-env (DB_NAME)`. */
export function sayChanged({ item, kind, keys, reader }: ChangedSource): string {
  const newest = dataWrites(reader.reader.object(item))
    .toSorted((a, b) => (instantAt(b, 'time') ?? 0) - (instantAt(a, 'time') ?? 0))
    .at(0);
  const written = Object.keys((readField(newest, ['fieldsV1', 'f:data']) as object | undefined) ?? {})
    .filter((key) => key.startsWith('f:'))
    .map((key) => key.slice(2));
  const names =
    keys.length > 0
      ? keys.map(({ key, before, now }) => `${key} ${sayKeyChange(key, before, now)}`.trimEnd())
      : written.length <= NAMED
        ? written.sort()
        : [];
  return `${kind} ${nameOf(item)}${inBrackets(names)}`;
}

/** When the run of a container began that its log is of. */
export function startedMsOf(pod: PodView, container: string): number | undefined {
  const view = containersOf(pod).find(({ name }) => name === container);
  if (view === undefined) return undefined;
  return instantAt(view.status, 'state', 'running', 'startedAt') ?? terminationOf(view)?.startedMs;
}

/** Whether a container was started again since an instant. */
export function startedAgainSince(pod: PodView, container: string, ms: number): boolean {
  const view = containersOf(pod).find(({ name }) => name === container);
  const startedMs = startedMsOf(pod, container);
  return startedMs !== undefined && (startedMs >= ms || (view !== undefined && restartsOf(view) > 0));
}

/** What the pods behind a Service read that was changed. */
export function changedBehind(reader: CmdbReader, service: string): readonly ChangedSource[] {
  const views = new Map(podViews(reader).map((pod) => [pod.id, pod]));
  const [pod] = reader.relations(service, 'out', 'selects').flatMap(({ to }) => views.get(to) ?? []);
  return pod === undefined ? [] : changedSources(pod, undefined);
}
