import { isJsonObject, type JsonObject, type KubernetesObject, type ManagedFieldsEntry } from '../kubernetes-object.ts';
import { StatusError } from '../status-error.ts';
import { entryKey, type ListMerge, listMergeOf } from './list-keys.ts';
import { fromFieldsV1, ownedFields, toEntry, without } from './managed-fields.ts';
import { isSameJson } from './same-json.ts';

export interface ServerSideApply {
  /** The object as it stands; undefined when apply creates it. */
  readonly live: KubernetesObject | undefined;
  readonly applied: KubernetesObject;
  readonly manager: string;
  /** RFC 3339. */
  readonly time: string;
  readonly force: boolean;
  readonly subresource?: string | undefined;
  /** For kinds without a built-in schema: every list is replaced as a whole. */
  readonly atomicLists: boolean;
}

/**
 * Server-side apply: merges, removes what this manager applied before and no longer wants, records ownership.
 *
 * Simplified, compared with a real API server:
 * - the schema is our table of list keys; unknown lists, and all lists of custom kinds, are atomic;
 * - fields nobody is recorded for (objects loaded without `managedFields`) never conflict;
 * - a conflict is reported for each leaf field; equal values are shared, as in Kubernetes;
 * - maps marked atomic in Kubernetes (selectors, resource claims) are merged field by field;
 * - no defaulting: fields that a real server fills in stay absent;
 * - no upgrade of client-side apply (`kubectl.kubernetes.io/last-applied-configuration` gives no ownership).
 */
export function serverSideApply(apply: ServerSideApply): KubernetesObject {
  const { managedFields: _ignored, ...metadata } = apply.applied.metadata;
  const applied: KubernetesObject = { ...apply.applied, metadata };
  const wanted = ownedFields(applied, apply.atomicLists);
  const taken = requireNoConflicts(apply, wanted);
  const entries = apply.live?.metadata.managedFields ?? [];
  const own = entries.find((entry) => isOwn(entry, apply));
  const others = entries.filter((entry) => entry !== own);
  const ownedByOthers = new Set(others.flatMap((entry) => [...fromFieldsV1(entry.fieldsV1)]));
  const live = ownedFields(apply.live ?? {}, apply.atomicLists);
  const dropped = [...fromFieldsV1(own?.fieldsV1)].filter((path) => live.has(path) && !wanted.has(path) && !ownedByOthers.has(path));
  const pruned = dropped.reduce<JsonObject>((object, path) => removePath(object, JSON.parse(path)), apply.live ?? {});
  const merged = merge(pruned, applied, { path: [], atomicLists: apply.atomicLists }) as KubernetesObject;
  const existing = ownedFields(merged, apply.atomicLists);
  const kept = others.map((entry) => without(entry, taken, existing)).filter((entry) => Object.keys(entry.fieldsV1 ?? {}).length > 0);
  const entry = ownEntry(apply, wanted.keys(), own, apply.live !== undefined && isSameJson(unmanaged(merged), unmanaged(apply.live)));
  return { ...merged, metadata: { ...merged.metadata, managedFields: [...kept, entry] } };
}

function isOwn(entry: ManagedFieldsEntry, apply: ServerSideApply): boolean {
  return entry.manager === apply.manager && entry.operation === 'Apply' && entry.subresource === apply.subresource;
}

function ownEntry(
  apply: ServerSideApply,
  paths: Iterable<string>,
  before: ManagedFieldsEntry | undefined,
  unchanged: boolean,
): ManagedFieldsEntry {
  const { manager, subresource } = apply;
  const entry = toEntry({ manager, subresource, operation: 'Apply', apiVersion: apply.applied.apiVersion, time: apply.time, paths });
  const sameFields = before !== undefined && isSameJson(before.fieldsV1, entry.fieldsV1);
  return unchanged && sameFields ? before : entry;
}

function unmanaged(object: KubernetesObject): JsonObject {
  const { managedFields: _ignored, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** The fields that force takes from others; throws when there are some and force was not asked for. */
function requireNoConflicts(apply: ServerSideApply, wanted: ReadonlyMap<string, unknown>): ReadonlySet<string> {
  const live = ownedFields(apply.live ?? {}, apply.atomicLists);
  const differs = (path: string) => wanted.has(path) && live.has(path) && !isSameJson(live.get(path), wanted.get(path));
  const conflicts = (apply.live?.metadata.managedFields ?? [])
    .filter((entry) => !isOwn(entry, apply))
    .flatMap((entry) => [...fromFieldsV1(entry.fieldsV1)].filter(differs).map((path) => ({ path, entry })));
  if (conflicts.length > 0 && !apply.force) throw conflictError(conflicts);
  return new Set(conflicts.map(({ path }) => path));
}

function conflictError(conflicts: readonly { readonly path: string; readonly entry: ManagedFieldsEntry }[]): StatusError {
  const causes = conflicts.map(({ path, entry }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${entry.manager ?? 'unknown'}" using ${entry.apiVersion ?? 'unknown version'}`,
    field: fieldName(path),
  }));
  const lines = causes.map((cause) => `${cause.message}: ${cause.field}`);
  const noun = causes.length === 1 ? '1 conflict' : `${causes.length} conflicts`;
  return new StatusError('Conflict', `Apply failed with ${noun}: ${lines.join('\n- ')}`, { causes });
}

function fieldName(path: string): string {
  return (JSON.parse(path) as string[])
    .filter((segment) => segment !== '.')
    .map((segment) =>
      segment.startsWith('f:')
        ? `.${segment.slice(2)}`
        : `[${segment
            .slice(2)
            .replace(/^\{|\}$/g, '')
            .replace(/"([^"]*)":/g, '$1=')}]`,
    )
    .join('');
}

interface MergePlace {
  readonly path: readonly string[];
  readonly atomicLists: boolean;
}

function merge(live: unknown, applied: unknown, place: MergePlace): unknown {
  if (isJsonObject(applied)) {
    const merged = new Map(Object.entries(isJsonObject(live) ? live : {}));
    for (const [key, value] of Object.entries(applied))
      merged.set(key, merge(merged.get(key), value, { ...place, path: [...place.path, key] }));
    return Object.fromEntries(merged);
  }
  if (!Array.isArray(applied) || !Array.isArray(live)) return applied;
  return mergeLists(live, applied, { ...place, by: place.atomicLists ? 'atomic' : listMergeOf(place.path) });
}

function mergeLists(
  live: readonly unknown[],
  applied: readonly unknown[],
  place: MergePlace & { readonly by: ListMerge },
): readonly unknown[] {
  const { by } = place;
  if (by === 'atomic') return applied;
  if (by === 'set') return [...new Set([...live, ...applied])];
  const positions = new Map(live.map((entry, index) => [entryKey(entry, by), index]));
  const merged = [...live];
  for (const entry of applied) {
    const at = positions.get(entryKey(entry, by));
    if (at === undefined) merged.push(entry);
    else merged[at] = merge(merged[at], entry, place);
  }
  return merged;
}

/** `value` without what stands at a path of `fieldsV1` segments. */
function removePath(value: JsonObject, segments: readonly string[], names: readonly string[] = []): JsonObject {
  const [first, ...rest] = segments;
  const field = first!.slice(2);
  if (!first!.startsWith('f:') || !Object.hasOwn(value, field)) return value;
  if (rest.length === 0 || rest[0] === '.') return Object.fromEntries(Object.entries(value).filter(([key]) => key !== field));
  const child = value[field];
  const next = Array.isArray(child) ? removeFromList(child, rest, [...names, field]) : removeIn(child, rest, [...names, field]);
  return { ...value, [field]: next };
}

function removeIn(child: unknown, rest: readonly string[], names: readonly string[]): unknown {
  return isJsonObject(child) ? removePath(child, rest, names) : child;
}

function removeFromList(list: readonly unknown[], [segment, ...rest]: readonly string[], names: readonly string[]): readonly unknown[] {
  const text = segment!.slice(2);
  if (segment!.startsWith('v:')) return list.filter((entry) => JSON.stringify(entry) !== text);
  const by = listMergeOf(names);
  if (!segment!.startsWith('k:') || typeof by === 'string') return list;
  const isMeant = (entry: unknown) => entryKey(entry, by) === text;
  if (rest.length === 0 || rest[0] === '.') return list.filter((entry) => !isMeant(entry));
  return list.map((entry) => (isMeant(entry) ? removeIn(entry, rest, names) : entry));
}
