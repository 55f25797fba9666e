import type { ServerResponse } from 'node:http';
import { apiVersionOf } from '../kinds.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import type { Selector } from '../selectors.ts';
import { StatusError } from '../status-error.ts';
import type { ApiStore, StoreChange } from '../store.ts';
import { asServed, selectorOf } from './list.ts';
import { type RepresentationContext, represent } from './representation.ts';
import type { RequestTarget } from './request-target.ts';

export interface WatchRequest {
  readonly store: ApiStore;
  readonly target: RequestTarget;
  readonly query: URLSearchParams;
  readonly representation: RepresentationContext;
}

/** How long a watch lasts when the client does not say. */
const DEFAULT_TIMEOUT_SECONDS = 1800;
const BOOKMARK_EVERY_MS = 30_000;
/** A client that does not read is dropped before its events fill our memory. */
const BUFFER_LIMIT_BYTES = 16 * 1024 * 1024;

/** Answers a watch with newline-delimited JSON; returns the function that ends it. */
export function serveWatch(watch: WatchRequest, response: ServerResponse, onBytes: (bytes: number) => void): () => void {
  const { store, query } = watch;
  const selected = selectorOf(watch.target, query);
  const past = pastChanges(watch);
  const send = (type: string, object: unknown) => {
    const line = `${JSON.stringify({ type, object })}\n`;
    onBytes(Buffer.byteLength(line));
    response.write(line);
    if (response.writableLength > BUFFER_LIMIT_BYTES) response.destroy();
  };
  const deliver = (change: StoreChange) => {
    if (change.kind.shelf !== watch.target.kind.shelf) return;
    const seen = toSeenChange(change, { selected, watch });
    if (seen !== undefined) send(seen.type, represent(seen.object, watch.representation));
  };
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  for (const change of past) deliver(change);
  if (wantsInitialEvents(query)) sendInitialEvents(watch, { selected, send });
  const unsubscribe = store.subscribe(deliver);
  const bookmark =
    query.get('allowWatchBookmarks') === 'true' ? setInterval(() => send('BOOKMARK', bookmarkOf(watch)), BOOKMARK_EVERY_MS) : undefined;
  const timeout = setTimeout(() => end(), timeoutMs(query));
  const end = () => {
    unsubscribe();
    clearInterval(bookmark);
    clearTimeout(timeout);
    response.end();
  };
  response.once('close', end);
  return end;
}

function timeoutMs(query: URLSearchParams): number {
  const seconds = Number(query.get('timeoutSeconds') || DEFAULT_TIMEOUT_SECONDS);
  return Math.min(Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_TIMEOUT_SECONDS, 86_400) * 1000;
}

/** Watches "from the beginning" first show what is there; so does a WatchList. */
function wantsInitialEvents(query: URLSearchParams): boolean {
  if (query.get('sendInitialEvents') === 'true') return true;
  return query.get('sendInitialEvents') !== 'false' && isFromBeginning(query);
}

function isFromBeginning(query: URLSearchParams): boolean {
  return ['', '0'].includes(query.get('resourceVersion') ?? '');
}

function pastChanges({ store, query }: WatchRequest): readonly StoreChange[] {
  if (isFromBeginning(query) || query.get('sendInitialEvents') === 'true') return [];
  const since = Number(query.get('resourceVersion'));
  if (!Number.isSafeInteger(since)) throw new StatusError('BadRequest', `invalid resourceVersion: ${query.get('resourceVersion')}`);
  const changes = store.changesSince(since);
  if (changes === undefined) throw new StatusError('Expired', `too old resource version: ${since} (${store.version})`);
  return changes;
}

function sendInitialEvents(
  watch: WatchRequest,
  { selected, send }: { readonly selected: Selector; readonly send: (type: string, object: unknown) => void },
): void {
  const { kind } = watch.target;
  const present = watch.store.onShelf(kind.shelf).map((object) => asServed(kind, object));
  for (const object of present.filter(selected)) send('ADDED', represent(object, watch.representation));
  if (watch.query.get('sendInitialEvents') === 'true') send('BOOKMARK', bookmarkOf(watch, { 'k8s.io/initial-events-end': 'true' }));
}

function bookmarkOf(watch: WatchRequest, annotations?: Readonly<Record<string, string>>): unknown {
  const { kind } = watch.target;
  const metadata = { resourceVersion: String(watch.store.version), creationTimestamp: null, ...(annotations && { annotations }) };
  const bookmark = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata } as unknown as KubernetesObject;
  if (watch.representation.as === 'table') {
    return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: {}, columnDefinitions: null, rows: [{ cells: [], object: bookmark }] };
  }
  return represent(bookmark, watch.representation);
}

/** An object that starts or stops matching a selector is added or deleted in the eyes of this watcher. */
function toSeenChange(
  change: StoreChange,
  { selected, watch }: { readonly selected: Selector; readonly watch: WatchRequest },
): { readonly type: string; readonly object: KubernetesObject } | undefined {
  const object = asServed(watch.target.kind, change.object);
  const matches = selected(object);
  const matched = change.previous !== undefined && selected(asServed(watch.target.kind, change.previous));
  if (change.type === 'DELETED') return matches || matched ? { type: 'DELETED', object } : undefined;
  if (matches) return { type: matched ? 'MODIFIED' : 'ADDED', object };
  return matched ? { type: 'DELETED', object } : undefined;
}
