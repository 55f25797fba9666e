import { suffixOf, uidOf } from './deterministic-id.ts';
import { apiVersionOf, createKindRegistry, type KindRegistry, type ResourceKind } from './kinds.ts';
import { flattenLists, isJsonObject, type KubernetesObject, type ObjectMetadata, toTimestamp } from './kubernetes-object.ts';
import { recordUpdate } from './patch/managed-fields.ts';
import { isSameJson } from './patch/same-json.ts';
import { detailsOf, notFound, qualified, StatusError } from './status-error.ts';

/** Which object is meant. `namespace` is left out for cluster-wide kinds. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** One write to the store, for those who watch it. */
export interface StoreChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly kind: ResourceKind;
  readonly object: KubernetesObject;
  /** How the object stood before; absent for ADDED. */
  readonly previous?: KubernetesObject;
  /** Version of the store after this change. */
  readonly version: number;
}

/** Who writes. */
export interface WriteOptions {
  /** Name that goes into `metadata.managedFields`; without it no entry is written. */
  readonly manager?: string | undefined;
}

/** The objects of an embedded cluster, for code in the same process. Objects are replaced, never edited in place. */
export interface ClusterStore {
  readonly kinds: KindRegistry;
  /** Version of the newest change. Grows by one with every write. */
  readonly version: number;
  /** The object, unless there is none. */
  get(reference: ObjectReference): KubernetesObject | undefined;
  /** The objects of a kind, of one namespace when it is named. */
  list(of: { readonly apiVersion: string; readonly kind: string; readonly namespace?: string | undefined }): readonly KubernetesObject[];
  /** Stores a new object. Throws a status of reason `AlreadyExists` when there is one of that name. */
  create(object: KubernetesObject, options?: WriteOptions): KubernetesObject;
  /** Replaces everything but `status`. A `metadata.resourceVersion` that is not the current one is a conflict. */
  update(object: KubernetesObject, options?: WriteOptions): KubernetesObject;
  /** Replaces `status` only. */
  updateStatus(object: KubernetesObject, options?: WriteOptions): KubernetesObject;
  /** Removes the object, or marks it as being deleted while finalizers hold it. */
  delete(reference: ObjectReference): KubernetesObject;
  /** Calls back after every change, in order. Returns the function that ends it. */
  subscribe(listener: (change: StoreChange) => void): () => void;
}

/** What the API server needs beyond the public store. */
export interface ApiStore extends ClusterStore {
  onShelf(shelf: string): readonly KubernetesObject[];
  /** What a write would leave behind, without doing it: the answer to `dryRun=All`. */
  preview(write: StoreWrite): KubernetesObject;
  write(write: StoreWrite): KubernetesObject;
  /** Changes after `version`; undefined when they are no longer remembered. */
  changesSince(version: number): readonly StoreChange[] | undefined;
  hasNamespace(name: string): boolean;
}

export interface StoreWrite {
  readonly verb: 'create' | 'update' | 'updateStatus';
  readonly object: KubernetesObject;
  readonly manager?: string | undefined;
  /** Set when the caller has computed `managedFields` itself (server-side apply). */
  readonly keepManagedFields?: boolean;
}

/** Changes remembered for watches that continue from an older version. */
const REMEMBERED_CHANGES = 10_000;

export function createStore(options: { readonly objects: readonly KubernetesObject[]; readonly now: () => number }): ApiStore {
  const kinds = createKindRegistry();
  const shelves = new Map<string, Map<string, KubernetesObject>>();
  const history: StoreChange[] = [];
  const undelivered: StoreChange[] = [];
  const listeners = new Set<(change: StoreChange) => void>();
  let version = 0;
  let forgottenUntil = 0;

  function shelfOf(kind: ResourceKind): Map<string, KubernetesObject> {
    const shelf = shelves.get(kind.shelf) ?? new Map<string, KubernetesObject>();
    shelves.set(kind.shelf, shelf);
    return shelf;
  }

  function load(objects: readonly KubernetesObject[]): void {
    const flat = flattenLists(objects);
    for (const object of flat) if (object.kind === 'CustomResourceDefinition') kinds.learn(object);
    version = Math.max(1, ...flat.map((object) => numericVersion(object) ?? 0));
    for (const object of flat) {
      const complete = withDefaults(kinds.learn(object), object);
      shelfOf(kinds.learn(object)).set(keyOf(complete.metadata), complete);
    }
    forgottenUntil = version;
    for (const shelf of shelves.values()) for (const [key, object] of shelf) shelf.set(key, withCompleteReferences(object, referenced));
  }

  function referenced(reference: Reference, namespace: string | undefined): Reference {
    const kind = kindOf(reference.apiVersion ?? 'v1', reference.kind ?? '') ?? kinds.all().find((known) => known.kind === reference.kind);
    if (kind === undefined) return {};
    const object = shelfOf(kind).get(keyOf(placed(kind, { apiVersion: '', kind: '', name: reference.name ?? '', namespace })));
    return object === undefined ? {} : { apiVersion: object.apiVersion, ...defined({ uid: object.metadata.uid }) };
  }

  function withDefaults(kind: ResourceKind, object: KubernetesObject): KubernetesObject {
    const { namespace, ...metadata } = structuredClone(object.metadata);
    return {
      ...structuredClone(object),
      metadata: {
        ...metadata,
        ...(kind.namespaced ? { namespace: namespace ?? 'default' } : {}),
        uid: metadata.uid ?? uidOf(kind.shelf, namespace, metadata.name, version),
        resourceVersion: metadata.resourceVersion ?? String(version),
        creationTimestamp: metadata.creationTimestamp ?? toTimestamp(options.now()),
        ...(isJsonObject(object.spec) && !metadata.generation ? { generation: 1 } : {}),
      },
    };
  }

  function publish(change: Omit<StoreChange, 'version'>): void {
    const numbered = { ...change, version };
    history.push(numbered);
    if (history.length > REMEMBERED_CHANGES) forgottenUntil = history.shift()!.version;
    undelivered.push(numbered);
    if (undelivered.length === 1) deliver();
  }

  /** A listener may write: its change waits here, so that everyone sees all changes in order. One that fails stops no other. */
  function deliver(): void {
    const failures: unknown[] = [];
    for (; undelivered.length > 0; undelivered.shift()) {
      for (const listener of [...listeners]) {
        try {
          listener(undelivered[0]!);
        } catch (error) {
          failures.push(error);
        }
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  function kindOf(apiVersion: string, kind: string): ResourceKind | undefined {
    return kinds.named(apiVersion, kind);
  }

  function current(kind: ResourceKind, metadata: ObjectMetadata): KubernetesObject {
    const found = shelfOf(kind).get(keyOf(metadata));
    if (found === undefined) throw notFound(kind, metadata.name);
    return found;
  }

  function preview(write: StoreWrite): KubernetesObject {
    // Learning from the object would let a dry run of a CRD change what is served.
    const kind = kinds.named(write.object.apiVersion, write.object.kind) ?? kinds.learn(write.object);
    return write.verb === 'create' ? previewCreate(kind, write) : previewUpdate(kind, write);
  }

  function previewCreate(kind: ResourceKind, write: StoreWrite): KubernetesObject {
    const {
      uid: _uid,
      resourceVersion: _version,
      creationTimestamp: _created,
      generation: _generation,
      ...metadata
    } = write.object.metadata;
    const name = metadata.name ?? `${metadata.generateName ?? ''}${suffixOf(5, kind.shelf, metadata.namespace, version)}`;
    const fresh = withDefaults(kind, { ...write.object, metadata: { ...metadata, name, resourceVersion: String(version + 1) } });
    if (shelfOf(kind).has(keyOf(fresh.metadata))) {
      throw new StatusError('AlreadyExists', `${qualified(kind)} "${name}" already exists`, detailsOf(kind, name));
    }
    return withManagedFields(fresh, undefined, write);
  }

  function previewUpdate(kind: ResourceKind, write: StoreWrite): KubernetesObject {
    const metadata = kind.namespaced
      ? { ...write.object.metadata, namespace: write.object.metadata.namespace ?? 'default' }
      : write.object.metadata;
    const before = current(kind, metadata);
    requireCurrent(kind, write.object, before);
    const merged = write.verb === 'updateStatus' ? { ...before, status: write.object.status } : keepStatus(kind, write.object, before);
    const next = withManagedFields({ ...structuredClone(merged), metadata: nextMetadata(merged, before, write) }, before, write);
    if (isSameJson(next, before)) return before;
    return { ...next, metadata: { ...next.metadata, resourceVersion: String(version + 1) } };
  }

  function nextMetadata(merged: KubernetesObject, before: KubernetesObject, write: StoreWrite): ObjectMetadata {
    const { uid, creationTimestamp, generation, deletionTimestamp, resourceVersion, namespace, managedFields } = before.metadata;
    const specChanged = write.verb === 'update' && !isSameJson(merged.spec, before.spec);
    const { deletionTimestamp: _ignored, ...given } = structuredClone(merged.metadata);
    return {
      ...given,
      ...defined({ uid, creationTimestamp, deletionTimestamp, resourceVersion, namespace }),
      ...defined({ generation: specChanged ? (generation ?? 0) + 1 : generation }),
      ...defined({ managedFields: write.keepManagedFields ? given.managedFields : managedFields }),
    };
  }

  function withManagedFields(next: KubernetesObject, before: KubernetesObject | undefined, write: StoreWrite): KubernetesObject {
    if (write.manager === undefined || write.keepManagedFields) return next;
    const subresource = write.verb === 'updateStatus' ? 'status' : undefined;
    return recordUpdate({ before, after: next, manager: write.manager, time: toTimestamp(options.now()), subresource });
  }

  function write(request: StoreWrite): KubernetesObject {
    const next = preview(request);
    const kind = kinds.learn(next);
    const shelf = shelfOf(kind);
    const previous = shelf.get(keyOf(next.metadata));
    if (previous === next) return next;
    if (next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0) return remove(kind, next);
    version += 1;
    shelf.set(keyOf(next.metadata), next);
    publish(previous === undefined ? { type: 'ADDED', kind, object: next } : { type: 'MODIFIED', kind, object: next, previous });
    return next;
  }

  function remove(kind: ResourceKind, object: KubernetesObject): KubernetesObject {
    version += 1;
    shelfOf(kind).delete(keyOf(object.metadata));
    const gone = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    publish({ type: 'DELETED', kind, object: gone, previous: object });
    return gone;
  }

  function markDeleted(kind: ResourceKind, object: KubernetesObject): KubernetesObject {
    if (object.metadata.deletionTimestamp !== undefined) return object;
    version += 1;
    const metadata = { ...object.metadata, deletionTimestamp: toTimestamp(options.now()), resourceVersion: String(version) };
    const marked = { ...object, metadata };
    shelfOf(kind).set(keyOf(metadata), marked);
    publish({ type: 'MODIFIED', kind, object: marked, previous: object });
    return marked;
  }

  load(options.objects);
  return {
    kinds,
    get version() {
      return version;
    },
    get(reference) {
      const kind = kindOf(reference.apiVersion, reference.kind);
      return kind && shelfOf(kind).get(keyOf(placed(kind, reference)));
    },
    list(of) {
      const kind = kindOf(of.apiVersion, of.kind);
      if (kind === undefined) return [];
      const all = [...shelfOf(kind).values()];
      return of.namespace === undefined ? all : all.filter((object) => object.metadata.namespace === of.namespace);
    },
    create: (object, writeOptions) => write({ verb: 'create', object, ...writeOptions }),
    update: (object, writeOptions) => write({ verb: 'update', object, ...writeOptions }),
    updateStatus: (object, writeOptions) => write({ verb: 'updateStatus', object, ...writeOptions }),
    delete(reference) {
      const kind = kindOf(reference.apiVersion, reference.kind);
      if (kind === undefined) throw notFound({ group: '', resource: reference.kind.toLowerCase() }, reference.name);
      const object = current(kind, placed(kind, reference));
      return (object.metadata.finalizers ?? []).length > 0 ? markDeleted(kind, object) : remove(kind, object);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onShelf: (shelf) => [...(shelves.get(shelf)?.values() ?? [])],
    preview,
    write,
    changesSince: (since) => (since < forgottenUntil ? undefined : history.filter((change) => change.version > since)),
    hasNamespace(name) {
      if (name === 'default' || shelves.get('/namespaces')?.has(`/${name}`)) return true;
      return [...shelves.values()].some((shelf) => [...shelf.values()].some((object) => object.metadata.namespace === name));
    },
  };
}

interface Reference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly uid?: string;
}

/** Hand-written objects name each other without uid and version; clients such as `kubectl describe` and `kubectl events` select by them. */
function withCompleteReferences(
  object: KubernetesObject,
  referenced: (reference: Reference, namespace: string | undefined) => Reference,
): KubernetesObject {
  const { namespace, ownerReferences } = object.metadata;
  const complete = <T extends Reference>(reference: T): T => {
    if (reference.uid && reference.apiVersion) return reference;
    const { uid, apiVersion } = referenced(reference, namespace);
    return { ...reference, ...defined({ uid: reference.uid || uid, apiVersion: reference.apiVersion || apiVersion }) };
  };
  const owned = ownerReferences ? { ...object, metadata: { ...object.metadata, ownerReferences: ownerReferences.map(complete) } } : object;
  return object.kind === 'Event' && isJsonObject(object.involvedObject)
    ? { ...owned, involvedObject: complete(object.involvedObject) }
    : owned;
}

function keyOf(metadata: { readonly name: string; readonly namespace?: string | undefined }): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function placed(kind: ResourceKind, reference: ObjectReference): ObjectMetadata {
  return kind.namespaced ? { name: reference.name, namespace: reference.namespace ?? 'default' } : { name: reference.name };
}

function numericVersion(object: KubernetesObject): number | undefined {
  const version = Number(object.metadata.resourceVersion);
  return Number.isSafeInteger(version) ? version : undefined;
}

function requireCurrent(kind: ResourceKind, wanted: KubernetesObject, before: KubernetesObject): void {
  const { resourceVersion, uid, name } = wanted.metadata;
  if (uid !== undefined && uid !== '' && uid !== before.metadata.uid) {
    const text = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`;
    throw new StatusError('Conflict', `Operation cannot be fulfilled on ${qualified(kind)} "${name}": ${text}`, detailsOf(kind, name));
  }
  if (resourceVersion === undefined || resourceVersion === '' || resourceVersion === before.metadata.resourceVersion) return;
  const text = 'the object has been modified; please apply your changes to the latest version and try again';
  throw new StatusError('Conflict', `Operation cannot be fulfilled on ${qualified(kind)} "${name}": ${text}`, detailsOf(kind, name));
}

/** A write to an object that has a status subresource leaves its status alone. */
function keepStatus(kind: ResourceKind, wanted: KubernetesObject, before: KubernetesObject): KubernetesObject {
  if (!kind.subresources.includes('status')) return wanted;
  const { status: _ignored, ...rest } = wanted;
  return { ...rest, ...('status' in before ? { status: before.status } : {}) } as KubernetesObject;
}

function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

/** The same object under another version of its API (no conversion, as CRDs with strategy None do it). */
export function inVersion(kind: ResourceKind, object: KubernetesObject): KubernetesObject {
  const apiVersion = apiVersionOf(kind);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}
