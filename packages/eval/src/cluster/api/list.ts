import { apiVersionOf, type ResourceKind } from '../kinds.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { parseFieldSelector, parseLabelSelector, type Selector } from '../selectors.ts';
import { StatusError } from '../status-error.ts';
import { type ApiStore, inVersion } from '../store.ts';
import { toNewEvent } from './new-event.ts';
import type { RequestTarget } from './request-target.ts';

/** An object as the URL's version of its kind shows it. */
export function asServed(kind: ResourceKind, object: KubernetesObject): KubernetesObject {
  return apiVersionOf(kind) === 'events.k8s.io/v1' ? toNewEvent(object) : inVersion(kind, object);
}

/** Selector for namespace, name, labels and fields of a request. Label and field selectors see the served form. */
export function selectorOf(target: RequestTarget, query: URLSearchParams): Selector {
  const byLabel = parseLabelSelector(query.get('labelSelector') ?? '');
  const byField = parseFieldSelector(query.get('fieldSelector') ?? '');
  return (object) =>
    (target.namespace === undefined || object.metadata.namespace === target.namespace) &&
    (target.name === undefined || object.metadata.name === target.name) &&
    byLabel(object) &&
    byField(object);
}

export interface ListPage {
  readonly objects: readonly KubernetesObject[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
}

/** One page of a list, sorted by namespace and name as etcd keeps them. */
export function listPage(store: ApiStore, target: RequestTarget, query: URLSearchParams): ListPage {
  const after = decodeContinue(query.get('continue'), store);
  const selected = store
    .onShelf(target.kind.shelf)
    .map((object) => asServed(target.kind, object))
    .filter(selectorOf(target, query))
    .sort((left, right) => compareText(sortKey(left), sortKey(right)));
  const remaining = after === undefined ? selected : selected.filter((object) => sortKey(object) > after.key);
  const limit = limitOf(query);
  const objects = remaining.slice(0, limit);
  const resourceVersion = String(after?.version ?? store.version);
  if (objects.length === remaining.length) return { objects, metadata: { resourceVersion } };
  const token = Buffer.from(JSON.stringify({ version: Number(resourceVersion), key: sortKey(objects.at(-1)!) })).toString('base64url');
  return { objects, metadata: { resourceVersion, continue: token, remainingItemCount: remaining.length - objects.length } };
}

function limitOf(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? 0);
  if (!Number.isInteger(limit) || limit < 0) throw new StatusError('BadRequest', `invalid limit: ${query.get('limit')}`);
  return limit === 0 ? Number.POSITIVE_INFINITY : limit;
}

function decodeContinue(token: string | null, store: ApiStore): { readonly version: number; readonly key: string } | undefined {
  if (token === null || token === '') return undefined;
  const decoded = parseToken(token);
  if (decoded === undefined) throw new StatusError('BadRequest', 'continue key is not valid');
  if (store.changesSince(decoded.version) === undefined) {
    throw new StatusError(
      'Expired',
      'The provided continue parameter is too old to display a consistent list result. Start a new list without it.',
    );
  }
  return decoded;
}

function parseToken(token: string): { readonly version: number; readonly key: string } | undefined {
  try {
    const { version, key } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    return typeof version === 'number' && typeof key === 'string' ? { version, key } : undefined;
  } catch {
    return undefined;
  }
}

function sortKey(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
