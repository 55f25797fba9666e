import { type CallContext, isTier0Error, pause, type Reconciler, Tier0Error, toTier0Error, type WatchRequest } from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import { createMutex } from '../git/mutex.ts';
import { type Manifest, type ManifestObject, type ManifestReading, readManifests, readManifestTexts } from '../kubernetes/manifests.ts';
import { type ObjectReference, referenceOf } from './object-reference.ts';
import { type Look, lookAtRollouts, watchUntilLive } from './watch.ts';

/** The cluster as the reconciler needs it: something manifests are applied to. */
export interface ManifestTarget {
  /** Creates or updates the object. */
  apply(object: ManifestObject, context: CallContext): Promise<void>;
  /** The live object; undefined when it does not exist. */
  get(reference: ObjectReference, context: CallContext): Promise<object | undefined>;
}

/** Which branch is applied to which cluster, and how often is looked. */
export interface LocalReconcilerOptions {
  readonly mirror: Mirror;
  /** Branch that is live. */
  readonly branch: string;
  /** Folder of plain manifests; a kustomization in it may set `resources` and `namespace` only. */
  readonly path: string;
  readonly cluster: ManifestTarget;
  /** Real milliseconds between two looks at the branch and the cluster. Default 2,000. */
  readonly pollMs?: number | undefined;
}

/** What the newest synchronisation did. */
export type SyncState =
  | { readonly phase: 'never' }
  | { readonly phase: 'succeeded'; readonly revision: string; readonly message: string }
  /** Will be tried again. */
  | { readonly phase: 'retrying'; readonly revision: string; readonly message: string }
  /** Will not be tried again before there is another commit. */
  | { readonly phase: 'failed'; readonly revision: string; readonly message: string };

/** A reconciler in this process, which can be started, stopped and asked to look once. */
export interface LocalReconciler extends Reconciler {
  /** Applies every new commit until `stop`, or until the context's signal aborts. */
  start(context: CallContext): void;
  /** Ends when what it is doing is done. */
  stop(): Promise<void>;
  /** Looks once, applies what is new, and says how that went. */
  sync(context: CallContext): Promise<SyncState>;
}

/**
 * Stands in for Argo CD or Flux where there is none: applies the manifests of a branch to a cluster, one attempt per commit. When one
 * of them cannot be read, nothing is applied. When the cluster refuses an object, those before it stay applied, those after it are not
 * tried, and the synchronisation has failed. It does not delete what left Git and renders no Helm chart and no kustomize overlay.
 */
export function createLocalReconciler(options: LocalReconcilerOptions): LocalReconciler {
  const { mirror, branch } = options;
  const pollMs = options.pollMs ?? 2_000;
  const syncing = createMutex();
  let state: SyncState = { phase: 'never' };
  let flaw: string | undefined;
  let applied: readonly ManifestObject[] = [];
  let running: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;

  const syncOnce = async (context: CallContext): Promise<SyncState> => {
    await mirror.fetch(context);
    const tip = await mirror.resolve(branch, context);
    if (!tip || (state.phase !== 'never' && state.phase !== 'retrying' && state.revision === tip)) return state;
    try {
      const objects = await desiredObjects(options, tip, context);
      flaw = 'flaw' in objects ? objects.flaw : undefined;
      if ('flaw' in objects) {
        state = { phase: 'failed', revision: tip, message: objects.flaw };
      } else {
        for (const object of objects.objects) await applyOne(options.cluster, object, context);
        applied = objects.objects;
        state = { phase: 'succeeded', revision: tip, message: `${applied.length} objects applied` };
      }
    } catch (error) {
      if (context.signal.aborted) throw error;
      const known = toTier0Error(error);
      state = { phase: known.retryable ? 'retrying' : 'failed', revision: tip, message: known.message };
    }
    return state;
  };
  const sync = (context: CallContext) => syncing.run(() => syncOnce(context));

  return {
    name: 'local',
    check: async () => (flaw === undefined ? [] : [flaw]),
    sync,
    start(context) {
      if (running) return;
      const stop = new AbortController();
      const signal = AbortSignal.any([context.signal, stop.signal]);
      running = { stop, done: keepSyncing(sync, { ...context, signal }, pollMs) };
    },
    async stop() {
      running?.stop.abort();
      await running?.done;
      running = undefined;
    },
    async close() {
      await this.stop();
    },
    watch: (request, context) => {
      const watched = { mirror, cluster: options.cluster, sync, applied: () => applied };
      return watchUntilLive((again) => lookOnce(watched, request, again), { pollMs }, request, context);
    },
  };
}

async function keepSyncing(sync: (context: CallContext) => Promise<SyncState>, context: CallContext, pollMs: number): Promise<void> {
  while (!context.signal.aborted) {
    // A forge that cannot be reached is asked again at the next turn; `sync` keeps what it found out before.
    await sync(context).catch(() => undefined);
    await pause(pollMs, context.signal).catch(() => undefined);
  }
}

/** Namespaces and what workloads refer to come first. */
const APPLY_ORDER = [
  'Namespace',
  'CustomResourceDefinition',
  'StorageClass',
  'ResourceQuota',
  'LimitRange',
  'ServiceAccount',
  'Secret',
  'ConfigMap',
  'PersistentVolumeClaim',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'Service',
];

async function desiredObjects(
  options: LocalReconcilerOptions,
  commit: string,
  context: CallContext,
): Promise<{ readonly objects: readonly ManifestObject[] } | { readonly flaw: string }> {
  const reading = readManifests(await readManifestTexts(options.mirror, { commit, folder: options.path }, context));
  const flaw = reading.unreadable[0] ?? unsupported(reading);
  if (flaw) return { flaw: `nothing was applied: ${flaw}` };
  const rank = (manifest: Manifest) => {
    const found = APPLY_ORDER.indexOf(manifest.object.kind);
    return found === -1 ? APPLY_ORDER.length : found;
  };
  const objects = [...reading.manifests].sort((a, b) => rank(a) - rank(b)).map((manifest) => withNamespace(manifest, reading));
  return { objects };
}

function unsupported(reading: ManifestReading): string | undefined {
  for (const { file, value } of reading.kustomizations) {
    const unknown = Object.keys(value).find((key) => !['apiVersion', 'kind', 'metadata', 'resources', 'namespace'].includes(key));
    if (unknown) return `${file} uses "${unknown}", which this reconciler does not render; use Argo CD or Flux`;
  }
  return undefined;
}

function withNamespace(manifest: Manifest, reading: ManifestReading): ManifestObject {
  const folder = manifest.file.slice(0, manifest.file.lastIndexOf('/') + 1);
  const governing = reading.kustomizations.find(({ file }) => file.slice(0, file.lastIndexOf('/') + 1) === folder);
  const namespace = governing?.value.namespace;
  if (
    typeof namespace !== 'string' ||
    /^(?:Namespace|Cluster.*|CustomResourceDefinition|StorageClass|PersistentVolume)$/.test(manifest.object.kind)
  )
    return manifest.object;
  return { ...manifest.object, metadata: { ...manifest.object.metadata, namespace } };
}

async function applyOne(cluster: ManifestTarget, object: ManifestObject, context: CallContext): Promise<void> {
  const name = `${object.kind} ${object.metadata.namespace ?? '-'}/${object.metadata.name}`;
  try {
    await cluster.apply(object, context);
  } catch (error) {
    const { code, hint, retryable, message } = toTier0Error(error);
    const said = isTier0Error(error) || !(error instanceof Error) ? message : error.message;
    throw new Tier0Error({ code, hint, retryable, message: `${name} could not be applied: ${said}`, cause: error });
  }
}

interface Watched {
  readonly mirror: Mirror;
  readonly cluster: ManifestTarget;
  readonly sync: (context: CallContext) => Promise<SyncState>;
  readonly applied: () => readonly ManifestObject[];
}

async function lookOnce(watched: Watched, request: WatchRequest, context: CallContext): Promise<Look> {
  const state = await watched.sync(context);
  if (state.phase === 'never') return { status: 'syncing', message: 'nothing was synchronised yet' };
  if (!(await watched.mirror.isAncestor(request.commit, state.revision, context))) {
    return { status: 'syncing', message: `revision ${state.revision.slice(0, 12)} does not contain ${request.commit.slice(0, 12)} yet` };
  }
  if (state.phase === 'failed') return { status: 'failed', message: `revision ${state.revision.slice(0, 12)}: ${state.message}` };
  if (state.phase === 'retrying') return { status: 'syncing', message: `trying again: ${state.message}`, unreachable: true };
  const unfinished = await lookAtRollouts(request, (item) => readItem(watched, item, context));
  return unfinished ?? { status: 'healthy', revision: state.revision };
}

async function readItem(watched: Watched, item: string, context: CallContext): Promise<object | undefined> {
  const reference = referenceOf(item, watched.applied());
  return reference && watched.cluster.get(reference, context);
}
