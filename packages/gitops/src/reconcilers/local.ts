import {
  type CallContext,
  formatDuration,
  formatItemId,
  isTier0Error,
  parseKubernetesItemId,
  type ReconcileProgress,
  type Reconciler,
  Tier0Error,
  toTier0Error,
  type WatchRequest,
} from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import { type Manifest, type ManifestObject, type ManifestReading, readManifests, readManifestTexts } from '../kubernetes/manifests.ts';
import { createMutex } from '../mutex.ts';
import { pause } from '../pause.ts';
import { rolloutOf } from './rollout.ts';

/** Names one object of the Kubernetes API. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

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
    watch: (request, context) => watchCommit({ mirror, cluster: options.cluster, pollMs, sync, applied: () => applied }, request, context),
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
  readonly pollMs: number;
  readonly sync: (context: CallContext) => Promise<SyncState>;
  readonly applied: () => readonly ManifestObject[];
}

async function* watchCommit(watched: Watched, request: WatchRequest, context: CallContext): AsyncIterable<ReconcileProgress> {
  const startedAt = context.now();
  let healthySince: number | undefined;
  let last = '';
  for (;;) {
    context.signal.throwIfAborted();
    const step = await lookOnce(watched, request, context);
    healthySince = step.status === 'healthy' ? (healthySince ?? context.now()) : undefined;
    const progress = toProgress(step, healthySince, request, context.now());
    const key = progress.status === 'holding' ? 'holding' : `${progress.status}: ${progress.message}`;
    const isLast = progress.status === 'live' || progress.status === 'failed';
    if (!isLast && context.now() - startedAt >= request.timeoutMs) {
      if ('unreachable' in step) throw unreachable(request, step.message);
      yield { status: 'timed-out', message: `not live after ${formatDuration(request.timeoutMs)}: ${progress.message}` };
      return;
    }
    if (key !== last) yield progress;
    if (isLast) return;
    last = key;
    await pause(watched.pollMs, context.signal);
  }
}

/** Whether the change is live cannot be known: that is no verdict about the change, and nobody must take it back for that. */
function unreachable(request: WatchRequest, message: string): Tier0Error {
  return new Tier0Error({
    code: 'UNAVAILABLE',
    message: `Nobody knows whether ${request.commit.slice(0, 12)} is live after ${formatDuration(request.timeoutMs)}: ${message}`,
    hint: 'Bring the API server back, then resume the incident: the change is merged and will be applied.',
    retryable: false,
  });
}

type Look =
  | { readonly status: 'syncing'; readonly message: string; readonly unreachable: true }
  | { readonly status: 'syncing' | 'rolling-out' | 'failed'; readonly message: string }
  | { readonly status: 'healthy'; readonly revision: string };

async function lookOnce(watched: Watched, request: WatchRequest, context: CallContext): Promise<Look> {
  const state = await watched.sync(context);
  if (state.phase === 'never') return { status: 'syncing', message: 'nothing was synchronised yet' };
  if (!(await watched.mirror.isAncestor(request.commit, state.revision, context))) {
    return { status: 'syncing', message: `revision ${state.revision.slice(0, 12)} does not contain ${request.commit.slice(0, 12)} yet` };
  }
  if (state.phase === 'failed') return { status: 'failed', message: `revision ${state.revision.slice(0, 12)}: ${state.message}` };
  if (state.phase === 'retrying') return { status: 'syncing', message: `trying again: ${state.message}`, unreachable: true };
  for (const item of request.items) {
    const rollout = rolloutOf(await readItem(watched, item, context), formatItemId(item));
    if (rollout.state === 'failed') return { status: 'failed', message: rollout.message };
    if (rollout.state === 'going') return { status: 'rolling-out', message: rollout.message };
  }
  return { status: 'healthy', revision: state.revision };
}

function toProgress(look: Look, healthySince: number | undefined, request: WatchRequest, now: number): ReconcileProgress {
  if (look.status !== 'healthy') return { status: look.status, message: look.message };
  const heldMs = now - (healthySince ?? now);
  if (heldMs < request.holdMs) return { status: 'holding', message: `healthy, holding for ${formatDuration(request.holdMs)}` };
  return {
    status: 'live',
    commit: look.revision,
    message: `revision ${look.revision.slice(0, 12)} is live and was healthy for ${formatDuration(heldMs)}`,
  };
}

const API_VERSIONS: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  Ingress: 'networking.k8s.io/v1',
};

async function readItem(watched: Watched, item: string, context: CallContext): Promise<object | undefined> {
  const identity = parseKubernetesItemId(item);
  if (!identity) return undefined;
  const { kind, name, namespace } = identity;
  const declared = watched
    .applied()
    .find((object) => object.kind === kind && object.metadata.name === name && (object.metadata.namespace ?? namespace) === namespace);
  return watched.cluster.get({ apiVersion: declared?.apiVersion ?? API_VERSIONS[kind] ?? 'v1', kind, namespace, name }, context);
}
