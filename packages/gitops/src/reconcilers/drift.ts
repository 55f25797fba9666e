import { type CallContext, type FieldPath, formatFieldPath, parseQuantity, toTier0Error } from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import { type ManifestObject, readManifests, readManifestTexts } from '../kubernetes/manifests.ts';
import type { ObjectReader } from './object-reference.ts';

/** A declared field that the live object does not have as declared. */
export interface DriftedField {
  /** As text: `spec.replicas`. */
  readonly path: string;
  readonly declared: unknown;
  /** Undefined where the live object has no such field. */
  readonly live: unknown;
}

/** One object that is not in the cluster as it is in Git. */
export interface ObjectDrift {
  readonly file: string;
  readonly object: { readonly kind: string; readonly namespace: string | undefined; readonly name: string };
  readonly state: 'missing' | 'differs' | 'unknown';
  readonly fields: readonly DriftedField[];
  /** Why it is unknown. */
  readonly reason?: string | undefined;
}

/** How the cluster differs from a commit, and what of the commit could not be compared. */
export interface DriftReport {
  readonly commit: string;
  /** Objects that were compared. */
  readonly compared: number;
  readonly drifts: readonly ObjectDrift[];
  /** One line for each file that could not be read, and for overlays, whose objects only their renderer knows. */
  readonly notCompared: readonly string[];
}

/** What is compared. */
export interface DriftRequest {
  readonly commit: string;
  /** Folder of plain manifests. */
  readonly path: string;
  /** Namespace of objects that name none. */
  readonly namespace?: string | undefined;
}

/**
 * Compares the manifests of a commit with the live objects. Only declared fields count: what controllers and defaults add is no drift.
 * An object that cannot be read is unknown, never missing.
 */
export async function findDrift(mirror: Mirror, cluster: ObjectReader, request: DriftRequest, context: CallContext): Promise<DriftReport> {
  const reading = readManifests(await readManifestTexts(mirror, { commit: request.commit, folder: request.path }, context));
  const drifts: ObjectDrift[] = [];
  for (const { file, object } of reading.manifests) {
    context.signal.throwIfAborted();
    const drift = await driftOf(object, { cluster, namespace: request.namespace }, context);
    if (drift) drifts.push({ file, ...drift });
  }
  const overlays = reading.kustomizations
    .filter(({ value }) => Object.keys(value).some((key) => !['apiVersion', 'kind', 'metadata', 'resources', 'namespace'].includes(key)))
    .map(({ file }) => `${file} changes what it lists when it is rendered`);
  return { commit: request.commit, compared: reading.manifests.length, drifts, notCompared: [...reading.unreadable, ...overlays] };
}

async function driftOf(
  object: ManifestObject,
  at: { readonly cluster: ObjectReader; readonly namespace: string | undefined },
  context: CallContext,
): Promise<Omit<ObjectDrift, 'file'> | undefined> {
  const { apiVersion, kind } = object;
  const { name, namespace = at.namespace } = object.metadata;
  const identity = { object: { kind, namespace, name } };
  try {
    const live = await at.cluster.get({ apiVersion, kind, namespace, name }, context);
    if (live === undefined) return { ...identity, state: 'missing', fields: [] };
    const fields = driftedFields(object, live);
    return fields.length > 0 ? { ...identity, state: 'differs', fields } : undefined;
  } catch (error) {
    if (context.signal.aborted) throw error;
    return { ...identity, state: 'unknown', fields: [], reason: toTier0Error(error).message };
  }
}

/** Fields of the declaration that the live object does not hold as declared. Empty: the live object is as declared. */
export function driftedFields(declared: ManifestObject, live: object): readonly DriftedField[] {
  const { status: _, apiVersion: __, kind: ___, metadata, ...rest } = declared;
  const { labels, annotations } = metadata as { labels?: unknown; annotations?: unknown };
  return [...differences({ ...rest, metadata: { labels, annotations } }, live, [])];
}

function* differences(declared: unknown, live: unknown, path: FieldPath): Generator<DriftedField> {
  if (isUnset(declared)) return;
  if (isMap(declared) && (isMap(live) || live === undefined)) {
    for (const [key, value] of Object.entries(declared)) yield* differences(value, live?.[key], [...path, key]);
    return;
  }
  if (Array.isArray(declared) && Array.isArray(live)) return yield* listDifferences(declared, live, path);
  if (!isSame(declared, live)) yield { path: formatFieldPath(path), declared, live };
}

/** Lists whose entries have names are compared by name, as the API server merges them; others entry by entry. */
function* listDifferences(declared: readonly unknown[], live: readonly unknown[], path: FieldPath): Generator<DriftedField> {
  const key = ['name', 'containerPort', 'port', 'mountPath', 'key', 'ip'].find((candidate) =>
    declared.every((entry) => isMap(entry) && entry[candidate] !== undefined),
  );
  if (key === undefined || declared.length === 0) {
    if (declared.length !== live.length) return yield { path: formatFieldPath(path), declared, live };
    for (const [index, entry] of declared.entries()) yield* differences(entry, live[index], [...path, index]);
    return;
  }
  for (const entry of declared as readonly Readonly<Record<string, unknown>>[]) {
    const other = live.find((candidate) => isMap(candidate) && isSame(entry[key], candidate[key]));
    yield* differences(entry, other, [...path, { key, value: String(entry[key]) }]);
  }
  const added = live.filter(
    (candidate) => !declared.some((entry) => isMap(entry) && isMap(candidate) && isSame(entry[key], candidate[key])),
  );
  if (added.length > 0) yield { path: formatFieldPath(path), declared: `${declared.length} entries`, live: `${live.length} entries` };
}

/** The API server drops what is null or empty. */
function isUnset(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isMap(value) && Object.values(value).every(isUnset);
}

/** Quantities are equal by amount: the API server writes `1` for `1000m`. */
function isSame(declared: unknown, live: unknown): boolean {
  if (declared === live) return true;
  if (typeof declared === 'object' || typeof live === 'object' || live === undefined) return false;
  const [a, b] = [parseQuantity(declared), parseQuantity(live)];
  return a !== undefined && b !== undefined && a === b;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
