import { apiVersionOf, type ResourceKind } from '../kinds.ts';
import { isJsonObject, type KubernetesObject, toTimestamp, valueAt } from '../kubernetes-object.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { serverSideApply } from '../patch/server-side-apply.ts';
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.ts';
import { detailsOf, notFound, StatusError } from '../status-error.ts';
import { type ApiStore, inVersion, type StoreWrite } from '../store.ts';
import { listPage } from './list.ts';
import { toCoreEvent } from './new-event.ts';
import type { RequestTarget } from './request-target.ts';
import { toScale, withScale } from './scale.ts';
import { requireValid } from './validation.ts';

export interface WriteRequest {
  readonly store: ApiStore;
  readonly target: RequestTarget;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: unknown;
  readonly userAgent: string;
  readonly now: number;
  /** Nothing is to be changed. */
  readonly dryRun: boolean;
}

/** The object a write left behind (or would leave behind), and the HTTP code to say so. */
export interface WriteAnswer {
  readonly code: 200 | 201;
  readonly object: KubernetesObject;
}

/** POST on a collection. */
export function createObject(request: WriteRequest): WriteAnswer {
  if (request.target.name !== undefined)
    throw new StatusError('MethodNotAllowed', 'the server does not allow this method on the requested resource');
  const object = completeObject(request, undefined);
  const { status: _dropped, ...withoutStatus } = object;
  const wanted = request.target.kind.subresources.includes('status') ? (withoutStatus as KubernetesObject) : object;
  return { code: 201, object: commit(request, { verb: 'create', object: wanted, manager: managerOf(request) }) };
}

/** PUT on an object, its status or its scale. */
export function replaceObject(request: WriteRequest): WriteAnswer {
  const live = find(request);
  if (request.target.subresource === 'scale') return scaled(request, live, request.body);
  if (live === undefined) throw missing(request);
  return {
    code: 200,
    object: commit(request, { verb: verbOf(request), object: completeObject(request, live), manager: managerOf(request) }),
  };
}

/** PATCH in one of the four dialects, the content type says which. */
export function patchObject(request: WriteRequest): WriteAnswer {
  if (request.contentType.startsWith('application/apply-patch')) return applyObject(request);
  const live = find(request);
  if (live === undefined) throw missing(request);
  if (request.target.subresource === 'scale') return scaled(request, live, patched(toScale(live), request));
  const object = completeObject({ ...request, body: patched(live, request) }, live);
  return { code: 200, object: commit(request, { verb: verbOf(request), object, manager: managerOf(request) }) };
}

/** Finds the live object in the version of the URL. */
function find({ store, target }: WriteRequest): KubernetesObject | undefined {
  const found = store
    .onShelf(target.kind.shelf)
    .find((object) => object.metadata.name === target.name && object.metadata.namespace === target.namespace);
  return found && target.kind.group !== 'events.k8s.io' ? inVersion(target.kind, found) : found;
}

function missing({ target }: WriteRequest): StatusError {
  return notFound(target.kind, target.name ?? '');
}

function patched(live: KubernetesObject, { contentType, body, target }: WriteRequest): unknown {
  switch (contentType) {
    case 'application/json-patch+json':
      return applyJsonPatch(live, body);
    case 'application/merge-patch+json':
      return applyMergePatch(live, body);
    case 'application/strategic-merge-patch+json':
      if (!target.kind.custom) return applyStrategicMergePatch(live, body);
      break;
  }
  const known = 'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';
  throw new StatusError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${known}`,
  );
}

function applyObject(request: WriteRequest): WriteAnswer {
  const manager = request.query.get('fieldManager');
  if (manager === null || manager === '')
    throw new StatusError(
      'BadRequest',
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  const live = find(request);
  const applied = placedObject({ ...request, body: withName(request.body, request.target) }, live);
  const { subresource, kind } = request.target;
  const force = request.query.get('force') === 'true';
  const object = serverSideApply({ live, applied, manager, time: toTimestamp(request.now), force, subresource, atomicLists: kind.custom });
  const verb = live === undefined ? 'create' : verbOf(request);
  requireValid(kind, object, live);
  return { code: live === undefined ? 201 : 200, object: commit(request, { verb, object, manager, keepManagedFields: true }) };
}

function withName(body: unknown, target: RequestTarget): unknown {
  if (!isJsonObject(body) || !isJsonObject(body.metadata ?? {})) return body;
  return { ...body, metadata: { name: target.name, ...(body.metadata as object | undefined) } };
}

function scaled(request: WriteRequest, live: KubernetesObject | undefined, scale: unknown): WriteAnswer {
  if (live === undefined) throw missing(request);
  const object = commit(request, { verb: 'update', object: withScale(live, scale), manager: managerOf(request) });
  return { code: 200, object: toScale(object) };
}

function verbOf({ target }: WriteRequest): StoreWrite['verb'] {
  return target.subresource === 'status' ? 'updateStatus' : 'update';
}

/** A dry run is asked for in the query; a DELETE may ask for it in its DeleteOptions. */
export function isDryRun(query: URLSearchParams, deleteOptions: unknown): boolean {
  const asked = valueAt(deleteOptions, ['dryRun']);
  return query.getAll('dryRun').includes('All') || (Array.isArray(asked) && asked.includes('All'));
}

function commit({ store, target, dryRun }: WriteRequest, write: StoreWrite): KubernetesObject {
  const stored = { ...write, object: target.kind.group === 'events.k8s.io' ? toCoreEvent(write.object) : write.object };
  return dryRun ? store.preview(stored) : store.write(stored);
}

/** Who writes: `fieldManager`, else the first word of the user agent, as the API server does. */
function managerOf({ query, userAgent }: WriteRequest): string {
  return query.get('fieldManager') || userAgent.split('/')[0]!.split(' ')[0]! || 'unknown';
}

/** The body as an object of the URL's kind, namespace and name; refused when it says something else. */
function placedObject(request: WriteRequest, live: KubernetesObject | undefined): KubernetesObject {
  const { body, target, store } = request;
  if (!isJsonObject(body) || !isJsonObject(body.metadata ?? {}))
    throw new StatusError('BadRequest', 'the object provided is not an object with metadata');
  const apiVersion = apiVersionOf(target.kind);
  requireSame(body, { kind: target.kind.kind, apiVersion });
  const given = (body.metadata ?? {}) as KubernetesObject['metadata'];
  requirePlace(given, target);
  const namespace = target.kind.namespaced ? { namespace: target.namespace ?? given.namespace ?? 'default' } : {};
  if (target.kind.namespaced && live === undefined) requireNamespace(store, namespace.namespace!);
  const name = target.name ?? given.name;
  const metadata = { ...given, ...(name === undefined ? {} : { name }), ...namespace } as KubernetesObject['metadata'];
  return { ...body, apiVersion, kind: target.kind.kind, metadata } as KubernetesObject;
}

/** As `placedObject`, and complete enough to be stored: what apply sends is only part of an object. */
function completeObject(request: WriteRequest, live: KubernetesObject | undefined): KubernetesObject {
  const object = placedObject(request, live);
  requireValid(request.target.kind, object, live);
  return object;
}

function requireSame(body: Readonly<Record<string, unknown>>, expected: { readonly kind: string; readonly apiVersion: string }): void {
  const kind = body.kind ?? expected.kind;
  const apiVersion = body.apiVersion ?? expected.apiVersion;
  if (kind === expected.kind && apiVersion === expected.apiVersion) return;
  const message = `${String(apiVersion)}, Kind=${String(kind)} does not match the expected ${expected.apiVersion}, Kind=${expected.kind}`;
  throw new StatusError('BadRequest', message);
}

function requirePlace(given: KubernetesObject['metadata'], target: RequestTarget): void {
  if (target.namespace !== undefined && given.namespace && given.namespace !== target.namespace) {
    throw new StatusError('BadRequest', 'the namespace of the provided object does not match the namespace sent on the request');
  }
  if (target.name !== undefined && given.name && given.name !== target.name) {
    throw new StatusError('BadRequest', `the name of the object (${given.name}) does not match the name on the URL (${target.name})`);
  }
}

function requireNamespace(store: ApiStore, namespace: string): void {
  if (!store.hasNamespace(namespace)) throw notFound({ group: '', resource: 'namespaces' }, namespace);
}

/** DELETE of one object. Without a running simulator its dependents stay: nothing collects garbage. */
export function deleteObject(request: Omit<WriteRequest, 'contentType'>): unknown {
  const { target, store, dryRun } = request;
  const live = find(request as WriteRequest);
  if (live === undefined) throw missing(request as WriteRequest);
  requirePreconditions(request.body, live, target.kind);
  if (dryRun) return successStatus(target.kind, live);
  const { name, namespace } = live.metadata;
  const gone = store.delete({ apiVersion: live.apiVersion, kind: live.kind, name, namespace });
  return (gone.metadata.finalizers ?? []).length > 0 ? gone : successStatus(target.kind, live);
}

/** DELETE on a collection: everything the selectors choose, in one namespace. Answers with the list of what was chosen. */
export function deleteCollection(request: WriteRequest): unknown {
  const { target, store, query } = request;
  if (target.kind.namespaced && target.namespace === undefined) {
    throw new StatusError('MethodNotAllowed', 'the server does not allow this method on the requested resource');
  }
  const chosen = listPage(store, target, query).objects;
  for (const { metadata } of chosen) deleteObject({ ...request, target: { ...target, name: metadata.name } });
  const { kind } = target;
  return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata: { resourceVersion: String(store.version) }, items: chosen };
}

function requirePreconditions(body: unknown, live: KubernetesObject, kind: ResourceKind): void {
  for (const field of ['uid', 'resourceVersion'] as const) {
    const wanted = valueAt(body, ['preconditions', field]);
    if (wanted === undefined || wanted === null || wanted === live.metadata[field]) continue;
    const why = `Precondition failed: ${field} in precondition: ${String(wanted)}, in object meta: ${live.metadata[field]}`;
    throw new StatusError(
      'Conflict',
      `Operation cannot be fulfilled on ${kind.resource} "${live.metadata.name}": ${why}`,
      detailsOf(kind, live.metadata.name),
    );
  }
}

function successStatus(kind: ResourceKind, object: KubernetesObject): unknown {
  const details = { ...detailsOf(kind, object.metadata.name), uid: object.metadata.uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
