import { type CallContext, type Inventory, type InventorySource, pause, Tier0Error, toTimestamp } from '@tier0/core';
import { addOnGap, type FurtherKinds, furtherKinds } from '../../kinds/further-kinds.ts';
import { KUBERNETES_KINDS, type KubernetesKind } from '../../kinds/kubernetes-kinds.ts';
import type { KubernetesObject } from '../../kinds/kubernetes-object.ts';
import { type ApiConnection, connect } from './connection.ts';
import { discoverKinds } from './discovery.ts';
import { kubernetesInventory } from './inventory.ts';
import { createNews } from './news.ts';
import type { WatchPacing } from './pacing.ts';
import { type KubernetesSourceOptions, refuseUnread } from './source.ts';
import { createTurns } from './turns.ts';
import { type FollowedKind, followObjects } from './watch-objects.ts';

/** Which API server is followed, as whom, and within which bounds. */
export interface KubernetesWatchOptions extends KubernetesSourceOptions {
  /** Kinds that are followed. Default: `KUBERNETES_KINDS`, and those of add-ons as they are installed. Secrets are refused. */
  readonly kinds?: readonly KubernetesKind[] | undefined;
  /** Bytes of one event at most: one object as JSON. Default 16 MiB. */
  readonly maxEventBytes?: number | undefined;
  readonly pacing?: WatchPacing | undefined;
}

/**
 * A cluster that is followed. As a source it answers at once with what it holds, each kind with whether it is current, and may stand in
 * for `createKubernetesSource`: both speak for the same scope.
 */
export interface KubernetesWatch extends InventorySource {
  /** Follows the cluster until the signal is aborted. Throws INVALID_INPUT for a kubeconfig that cannot be used, CONFLICT when it runs already. */
  run(context: CallContext): Promise<void>;
  /** What is held now; waits until each kind was asked once. Throws CONFLICT before `run`, UNAVAILABLE or PERMISSION_DENIED while nothing is known. */
  discover(context: CallContext): Promise<Inventory>;
  /** Resolves when something is different since the last `discover`, at once when it is; also when the signal is aborted. */
  changed(signal: AbortSignal): Promise<void>;
}

/** Lists in flight at once: polite to the API server, still quick. */
const CONCURRENT_LISTS = 4;

/**
 * Follows each installed kind: one paged list, then a watch. Held is one copy of every object; an event replaces its object and costs
 * nothing more. Never reads Secrets.
 */
export function createKubernetesWatch(options: KubernetesWatchOptions): KubernetesWatch {
  const kinds = options.kinds ?? KUBERNETES_KINDS;
  refuseSecrets(kinds);
  const followed: FollowedKind[][] = kinds.map(() => []);
  const addOns: FollowedKind[][] = [];
  let leftOut = 0;
  const news = createNews();
  const digests = new WeakMap<KubernetesObject, string>();
  let running: { readonly server: string; readonly lagMs: number } | 'starting' | undefined;

  /** All namespaces at once; where that is forbidden, the ones that were named. */
  const followKind = async (
    place: { readonly among: FollowedKind[][]; readonly index: number; readonly kind: KubernetesKind },
    follow: (namespace?: string) => FollowedKind,
    signal: AbortSignal,
  ) => {
    const namespaces = place.kind.namespaced ? (options.namespaces ?? []) : [];
    const whole = follow();
    place.among[place.index] = [whole];
    await whole.run(signal, namespaces.length > 0);
    if (signal.aborted) return;
    const each = namespaces.map(follow);
    place.among[place.index] = each;
    await Promise.all(each.map((one) => one.run(signal)));
  };
  return {
    name: 'kubernetes',
    async run(context) {
      if (running) throw conflict('runs already', 'Create one watch for each cluster and run it once.');
      running = 'starting';
      try {
        const connection = await connectTo(options);
        const { kinds: served, further, lagMs } = await askServer(connection, kinds, context);
        const takeTurn = createTurns(CONCURRENT_LISTS);
        const { pacing = {}, maxEventBytes = 16 * 1024 * 1024 } = options;
        const input = { connection, pacing, maxEventBytes, takeTurn, onChange: news.tell };
        const begin = (among: FollowedKind[][], index: number, kind: KubernetesKind) =>
          followKind({ among, index, kind }, (namespace) => followObjects({ ...input, kind, namespace }), context.signal);
        const all = served.map((kind, index) => begin(followed, index, kind));
        const known = new Set<string>();
        /** Kinds of add-ons that were not followed yet: new ones come with new definitions. */
        const beginFurther = (found: FurtherKinds) => {
          leftOut = found.leftOut;
          const fresh = found.kinds.filter((kind) => !known.has(`${kind.apiVersion} ${kind.kind}`));
          for (const kind of fresh) known.add(`${kind.apiVersion} ${kind.kind}`);
          return fresh.map((kind) => begin(addOns, addOns.length, kind));
        };
        const others = options.kinds === undefined ? beginFurther(further) : [];
        running = { server: connection.server, lagMs };
        news.tell();
        const looking = options.kinds === undefined ? lookForKinds(connection, beginFurther, context.signal) : undefined;
        await Promise.all([...all, ...others, looking]);
      } finally {
        running = undefined;
        news.tell();
      }
    },
    async discover({ signal, now }) {
      const isAsked = () => [...followed, ...addOns].every((some) => some.length > 0 && some.every((one) => one.coverage() !== undefined));
      while (running === 'starting' || (running && !isAsked())) {
        if (signal.aborted) throw notYet();
        await news.next(signal);
      }
      if (!running) throw conflict('does not run', 'Call run(context) first, or use keepCurrent.');
      news.forget();
      const ofAddOns = addOns.flat().flatMap((one) => one.coverage() ?? []);
      const coverage = [
        ...followed.flat().flatMap((one) => one.coverage() ?? []),
        ...ofAddOns.filter(({ state }) => state !== 'forbidden'),
        ...addOnGap(ofAddOns, leftOut),
      ];
      const objects = [...followed, ...addOns].flat().flatMap((one) => [...one.objects()]);
      if (objects.length === 0) refuseUnread(running.server, coverage);
      const observedAt = toTimestamp(now() - running.lagMs);
      const scope = `kubernetes:${options.cluster}`;
      return kubernetesInventory({ objects, coverage, cluster: options.cluster, observedAt, source: 'kubernetes', scope, digests });
    },
    changed: (signal) => news.wait(signal),
  };
}

function connectTo({ kubeconfig, context, requestTimeoutMs = 30_000, maxBytes = 64 * 1024 * 1024 }: KubernetesWatchOptions) {
  return connect({ kubeconfig, context, requestTimeoutMs, maxBytes });
}

/** How far the server's clock is behind, and each kind in the version it is served in. An unreachable server is asked again by whoever follows a kind. */
async function askServer(
  connection: ApiConnection,
  kinds: readonly KubernetesKind[],
  { signal, now }: CallContext,
): Promise<{ readonly kinds: readonly KubernetesKind[]; readonly further: FurtherKinds; readonly lagMs: number }> {
  try {
    const { dateMs = now() } = await connection.get('/version', signal);
    const discovery = await discoverKinds(connection, signal);
    const further = furtherKinds(discovery?.listable ?? []);
    return { kinds: kinds.map((kind) => discovery?.find(kind) ?? kind), further, lagMs: Math.max(0, now() - dateMs) };
  } catch {
    return { kinds, further: { kinds: [], leftOut: 0 }, lagMs: 0 };
  }
}

/** Milliseconds between two looks for kinds that were installed since; each is two requests. */
const LOOK_FOR_KINDS_MS = 60_000;

/** Begins to follow kinds of add-ons that are installed while the cluster is followed. Ends with the signal, and never throws. */
async function lookForKinds(
  connection: ApiConnection,
  begin: (found: FurtherKinds) => readonly Promise<void>[],
  signal: AbortSignal,
): Promise<void> {
  const begun: Promise<void>[] = [];
  while (!signal.aborted) {
    await pause(LOOK_FOR_KINDS_MS, signal).catch(() => undefined);
    if (signal.aborted) break;
    const discovery = await discoverKinds(connection, signal).catch(() => undefined);
    if (discovery !== undefined) begun.push(...begin(furtherKinds(discovery.listable)));
  }
  await Promise.all(begun);
}

function refuseSecrets(kinds: readonly KubernetesKind[]): void {
  if (!kinds.some(({ kind, resource }) => kind === 'Secret' || resource === 'secrets')) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: 'Secrets cannot be watched: their values would pass through this process.',
    hint: 'Leave the kind "Secret" out of "kinds".',
  });
}

function conflict(what: string, hint: string): Tier0Error {
  return new Tier0Error({ code: 'CONFLICT', message: `The watch ${what}.`, hint });
}

function notYet(): Tier0Error {
  return new Tier0Error({
    code: 'TIMEOUT',
    message: 'The first lists of the cluster were not answered in time.',
    hint: 'Give the call more time, or follow fewer kinds.',
  });
}
