import { type CallContext, type Coverage, type Inventory, type InventorySource, Tier0Error, toTimestamp } from '@tier0/core';
import { addOnGap, furtherKinds } from '../../kinds/further-kinds.ts';
import { KUBERNETES_KINDS, type KubernetesKind } from '../../kinds/kubernetes-kinds.ts';
import { flawOf } from './api-flaw.ts';
import { type ApiConnection, connect } from './connection.ts';
import { discoverKinds } from './discovery.ts';
import { kubernetesInventory } from './inventory.ts';
import { type KindListing, listObjects } from './list-objects.ts';

/** Which API server is read, as whom, and within which bounds. */
export interface KubernetesSourceOptions {
  /** Kubeconfig as YAML text. */
  readonly kubeconfig: string;
  /** Context of the kubeconfig. Default: its current one. */
  readonly context?: string | undefined;
  /** Name of the cluster in item ids. */
  readonly cluster: string;
  /** Milliseconds one request may take. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Bytes of one page of a list at most. Default 64 MiB. */
  readonly maxBytes?: number | undefined;
  /** Namespaces that are read one by one where a list over all of them is forbidden. Default: none. */
  readonly namespaces?: readonly string[] | undefined;
  /** Told how many kinds are read of all that are looked for. */
  readonly onProgress?: ((count: { readonly done: number; readonly all: number }) => void) | undefined;
}

/** Lists in flight at once: polite to the API server, still quick. */
const CONCURRENCY = 4;

/** Inventory of a live cluster: discovery, then one paged list for each installed kind. Never reads Secrets. */
export function createKubernetesSource(options: KubernetesSourceOptions): InventorySource {
  let connection: Promise<ApiConnection> | undefined;
  const open = () => {
    connection ??= connect({
      kubeconfig: options.kubeconfig,
      context: options.context,
      requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
      maxBytes: options.maxBytes ?? 64 * 1024 * 1024,
    });
    return connection;
  };
  return {
    name: 'kubernetes',
    async discover({ signal, now }) {
      const api = await open();
      const readAt = await clockOf(api, { signal, now });
      const listings = await listEveryKind(api, options, signal);
      refuseUnread(
        api.server,
        listings.map(({ coverage }) => coverage),
      );
      return toInventory(listings, options.cluster, readAt);
    },
  };
}

/**
 * The cluster's own moment: ages and windows are counted by the clock that wrote the timestamps, not by this machine's. A server ahead of
 * this machine is not followed into the future.
 */
async function clockOf(api: ApiConnection, { signal, now }: CallContext): Promise<string> {
  const answer = await api.get('/version', signal);
  const flaw = flawOf(api.server, answer);
  if (flaw !== undefined) throw flaw;
  const { dateMs } = answer;
  return toTimestamp(Math.min(dateMs ?? now(), now()));
}

/** Results stand in the order of the kinds, whatever order the answers came in. */
async function listEveryKind(
  api: ApiConnection,
  { namespaces = [], onProgress }: Pick<KubernetesSourceOptions, 'namespaces' | 'onProgress'>,
  signal: AbortSignal,
): Promise<readonly KindListing[]> {
  const discovery = await discoverKinds(api, signal);
  const listings: (readonly KindListing[])[] = [];
  const further = furtherKinds(discovery?.listable ?? []);
  const waiting = [...[...KUBERNETES_KINDS, ...further.kinds].entries()];
  const all = waiting.length;
  let done = 0;
  onProgress?.({ done, all });
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, kind] = next;
      const served = discovery === undefined ? kind : discovery.find(kind);
      listings[index] = served === undefined ? [notServed(kind)] : await listKind(api, served, { namespaces, signal });
      done += 1;
      onProgress?.({ done, all });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const known = listings.slice(0, KUBERNETES_KINDS.length).flat();
  return [...known, ...withOneGap(listings.slice(KUBERNETES_KINDS.length).flat(), further.leftOut)];
}

/** Kinds of add-ons that may not be read are one gap together: a role that names its kinds refuses dozens of them. */
function withOneGap(listings: readonly KindListing[], leftOut: number): readonly KindListing[] {
  const coverage = addOnGap(
    listings.map((listing) => listing.coverage),
    leftOut,
  );
  const read = listings.filter((listing) => listing.coverage.state !== 'forbidden' || listing.objects.length > 0);
  return [...read, ...coverage.map((row): KindListing => ({ objects: [], coverage: row }))];
}

function notServed(kind: KubernetesKind): KindListing {
  return { objects: [], coverage: { kind: kind.kind, state: 'notInstalled', reason: `the server does not serve ${kind.resource}` } };
}

/** All namespaces at once; where that is forbidden, the ones that were named. */
async function listKind(
  api: ApiConnection,
  kind: KubernetesKind,
  { namespaces, signal }: { readonly namespaces: readonly string[]; readonly signal: AbortSignal },
): Promise<readonly KindListing[]> {
  const whole = await listObjects(api, kind, signal);
  if (whole.coverage.state !== 'forbidden' || !kind.namespaced || namespaces.length === 0) return [whole];
  return Promise.all(namespaces.map((namespace) => listObjects(api, kind, signal, { namespace })));
}

/** Nothing readable at all is a failure of the source, not an empty cluster. Throws PERMISSION_DENIED or UNAVAILABLE. */
export function refuseUnread(server: string, coverage: readonly Coverage[]): void {
  if (coverage.some(({ state }) => state === 'complete')) return;
  const first = coverage.find(({ state }) => state === 'forbidden') ?? coverage[0];
  throw new Tier0Error({
    code: first?.state === 'forbidden' ? 'PERMISSION_DENIED' : 'UNAVAILABLE',
    message: `Nothing could be read from ${server}: ${first?.reason ?? 'no kind answered'}.`,
    hint: 'Let the credentials "list" what docs/guides/read-only-access.yaml names ("kubectl apply -f" makes the role), or look with "kubectl auth can-i --list".',
  });
}

function toInventory(listings: readonly KindListing[], cluster: string, observedAt: string): Inventory {
  const coverage: readonly Coverage[] = listings.map((listing) => listing.coverage);
  const objects = listings.flatMap((listing) => listing.objects);
  return kubernetesInventory({ objects, coverage, cluster, observedAt, source: 'kubernetes', scope: `kubernetes:${cluster}` });
}
