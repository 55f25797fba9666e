import { isJsonObject, type JsonObject, type KubernetesObject, type ManagedFieldsEntry } from '../kubernetes-object.ts';
import { entryKey, listMergeOf } from './list-keys.ts';
import { isSameJson } from './same-json.ts';

/** Values by path; a path is a JSON array of `fieldsV1` segments (`f:spec`, `k:{"name":"web"}`, `v:"x"`). */
export type FieldValues = ReadonlyMap<string, unknown>;

const UNOWNED_METADATA = new Set([
  'name',
  'namespace',
  'generateName',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
  'selfLink',
]);

/** Every field of an object that can have an owner. `atomicLists` for kinds without a built-in schema. */
export function ownedFields(object: JsonObject, atomicLists = false): FieldValues {
  const fields = new Map<string, unknown>();
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object;
  const owned = isJsonObject(metadata) ? Object.entries(metadata).filter(([key]) => !UNOWNED_METADATA.has(key)) : [];
  for (const [key, value] of owned) collect({ value, segments: ['f:metadata', `f:${key}`], names: ['metadata', key] }, fields, atomicLists);
  for (const [key, value] of Object.entries(rest)) collect({ value, segments: [`f:${key}`], names: [key] }, fields, atomicLists);
  return fields;
}

interface Place {
  readonly value: unknown;
  readonly segments: readonly string[];
  readonly names: readonly string[];
}

function collect(place: Place, fields: Map<string, unknown>, atomicLists: boolean): void {
  const { value, segments, names } = place;
  if (value === undefined) return;
  if (isJsonObject(value) && Object.keys(value).length > 0) {
    for (const [key, child] of Object.entries(value)) {
      collect({ value: child, segments: [...segments, `f:${key}`], names: [...names, key] }, fields, atomicLists);
    }
    return;
  }
  const merge = Array.isArray(value) && !atomicLists ? listMergeOf(names) : 'atomic';
  if (merge === 'atomic' || !Array.isArray(value)) fields.set(JSON.stringify(segments), value);
  else if (merge === 'set') for (const entry of value) fields.set(JSON.stringify([...segments, `v:${JSON.stringify(entry)}`]), entry);
  else collectEntries(place, merge, fields);
}

function collectEntries(place: Place, keys: readonly string[], fields: Map<string, unknown>): void {
  for (const entry of place.value as readonly unknown[]) {
    const key = entryKey(entry, keys);
    if (key === undefined) continue;
    const segments = [...place.segments, `k:${key}`];
    fields.set(JSON.stringify([...segments, '.']), key);
    collect({ value: entry, segments, names: place.names }, fields, false);
  }
}

/** The nested `fieldsV1` form of a set of paths. */
export function toFieldsV1(paths: Iterable<string>): JsonObject {
  const root: Record<string, unknown> = {};
  for (const path of paths) {
    let node = root;
    for (const segment of JSON.parse(path) as string[]) {
      node[segment] ??= {};
      node = node[segment] as Record<string, unknown>;
    }
  }
  return root;
}

/** The paths in a nested `fieldsV1`. */
export function fromFieldsV1(fields: JsonObject | undefined, above: readonly string[] = []): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const [segment, below] of Object.entries(fields ?? {})) {
    const here = [...above, segment];
    if (isJsonObject(below) && Object.keys(below).length > 0) for (const path of fromFieldsV1(below, here)) paths.add(path);
    else paths.add(JSON.stringify(here));
  }
  return paths;
}

export interface RecordedUpdate {
  readonly before: KubernetesObject | undefined;
  readonly after: KubernetesObject;
  readonly manager: string;
  readonly time: string;
  readonly subresource?: string | undefined;
}

/** `after` with the fields that differ from `before` entered under `manager` and taken from everyone else. */
export function recordUpdate(update: RecordedUpdate): KubernetesObject {
  const old = ownedFields(update.before ?? {});
  const fresh = ownedFields(update.after);
  const changed = new Set([...fresh].filter(([path, value]) => !old.has(path) || !isSameJson(old.get(path), value)).map(([path]) => path));
  if (changed.size === 0 && [...old.keys()].every((path) => fresh.has(path))) return update.after;
  const entries = update.after.metadata.managedFields ?? [];
  const isOwn = (entry: ManagedFieldsEntry) =>
    entry.manager === update.manager && entry.operation === 'Update' && entry.subresource === update.subresource;
  const others = entries.filter((entry) => !isOwn(entry)).map((entry) => without(entry, changed, fresh));
  const mine = entries
    .filter(isOwn)
    .flatMap((entry) => [...fromFieldsV1(entry.fieldsV1)])
    .filter((path) => fresh.has(path));
  const own = toEntry({ ...update, operation: 'Update', apiVersion: update.after.apiVersion, paths: [...mine, ...changed] });
  const managedFields = [...others, own].filter((entry) => Object.keys(entry.fieldsV1 ?? {}).length > 0);
  return { ...update.after, metadata: { ...update.after.metadata, managedFields } };
}

/** `entry` without paths that were taken over or no longer exist. */
export function without(entry: ManagedFieldsEntry, taken: ReadonlySet<string>, existing: FieldValues): ManagedFieldsEntry {
  const kept = [...fromFieldsV1(entry.fieldsV1)].filter((path) => !taken.has(path) && (existing.has(path) || !isLeafPath(path, existing)));
  return { ...entry, fieldsV1: toFieldsV1(kept) };
}

/** Recorded entries may own whole maps (`f:labels: {".": {}}`): such a path stays as long as something lies under it. */
function isLeafPath(path: string, existing: FieldValues): boolean {
  const segments = JSON.parse(path) as string[];
  const prefix = JSON.stringify(segments.at(-1) === '.' ? segments.slice(0, -1) : segments).slice(0, -1);
  return ![...existing.keys()].some((key) => key.startsWith(prefix));
}

interface EntryParts {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly time: string;
  readonly subresource?: string | undefined;
  readonly paths: Iterable<string>;
}

export function toEntry(parts: EntryParts): ManagedFieldsEntry {
  return {
    manager: parts.manager,
    operation: parts.operation,
    apiVersion: parts.apiVersion,
    time: parts.time,
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(parts.paths),
    ...(parts.subresource === undefined ? {} : { subresource: parts.subresource }),
  };
}
