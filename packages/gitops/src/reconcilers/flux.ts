import { type CallContext, type Reconciler, readField, toTier0Error, type WatchRequest } from '@tier0/core';
import { type Contains, lookThrough } from './argocd.ts';
import { type ObjectReader, referenceOf } from './object-reference.ts';
import { type Look, lookAtRollouts, watchUntilLive } from './watch.ts';

/** Which Flux objects make the change live, and how they are read. */
export interface FluxReconcilerOptions {
  /** The Kustomization that applies the repository. */
  readonly kustomization: { readonly namespace: string; readonly name: string };
  /** HelmReleases that the change is about: they must have taken up their new values as well. */
  readonly helmReleases?: readonly { readonly namespace: string; readonly name: string }[] | undefined;
  /** Reads these, and the changed items, whose own rollout counts besides Flux's word. */
  readonly cluster: ObjectReader;
  readonly contains: Contains;
  /** Asks Flux to look at Git now, e.g. by the annotation `reconcile.fluxcd.io/requestedAt`. Default: it looks when it likes. */
  readonly refresh?: ((context: CallContext) => Promise<void>) | undefined;
  /** Real milliseconds between two looks. Default 5,000. */
  readonly pollMs?: number | undefined;
  /** Milliseconds a failing condition must last before the change has failed. Default 60,000. */
  readonly graceMs?: number | undefined;
}

/**
 * Watches Flux. Live: the Kustomization's applied revision contains the commit, Ready holds for its newest generation, HelmReleases have
 * released theirs, the items' own rollouts are complete, and all that lasts. Source: kustomize-controller and helm-controller API v1, v2.
 */
export function createFluxReconciler(options: FluxReconcilerOptions): Reconciler {
  const { cluster, kustomization } = options;
  const reference = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', ...kustomization };
  const look = async (request: WatchRequest, context: CallContext): Promise<Look> => {
    const holds = (revision: string) => options.contains(request.commit, revision, context);
    const judged = await judgeKustomization(await cluster.get(reference, context), request.commit, holds);
    if (judged.status !== 'healthy') return judged;
    for (const release of options.helmReleases ?? []) {
      const object = await cluster.get({ apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', ...release }, context);
      const flaw = judgeHelmRelease(object, `HelmRelease ${release.namespace}/${release.name}`);
      if (flaw) return flaw;
    }
    const unfinished = await lookAtRollouts(request, async (item) => {
      const found = referenceOf(item);
      return found && cluster.get(found, context);
    });
    return unfinished ?? judged;
  };
  return {
    name: 'flux',
    async check(context) {
      const object = await cluster.get(reference, context).catch((error: unknown) => toTier0Error(error));
      if (object instanceof Error) return [object.message];
      return object ? [] : [`there is no Kustomization ${kustomization.namespace}/${kustomization.name}`];
    },
    async *watch(request, context) {
      await options.refresh?.(context);
      const rhythm = { pollMs: options.pollMs ?? 5_000, graceMs: options.graceMs };
      yield* watchUntilLive((again) => lookThrough(() => look(request, again), again), rhythm, request, context);
    },
  };
}

/** What a Kustomization says about a commit. */
export async function judgeKustomization(object: unknown, commit: string, holds: (revision: string) => Promise<boolean>): Promise<Look> {
  if (object === undefined) return { status: 'syncing', message: 'the Kustomization does not exist yet' };
  if (readField(object, ['spec', 'suspend']) === true) return { status: 'syncing', message: 'the Kustomization is suspended' };
  const attempted = revisionOf(readField(object, ['status', 'lastAttemptedRevision']));
  const applied = revisionOf(readField(object, ['status', 'lastAppliedRevision']));
  const isOurs = attempted !== undefined && (await holds(attempted));
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status === 'True') return { status: 'failed', message: `Flux has given up: ${stalled.message}` };
  const ready = conditionOf(object, 'Ready');
  if (isOurs && ready?.status === 'False' && !isReconciling(object)) {
    return { status: 'ailing', message: `Flux could not make ${attempted?.slice(0, 12)} ready (${ready.reason}): ${ready.message}` };
  }
  if (applied === undefined || !(await holds(applied))) {
    return {
      status: 'syncing',
      message: `Flux has applied ${applied?.slice(0, 12) ?? 'nothing'}, which does not contain ${commit.slice(0, 12)} yet`,
    };
  }
  if (!isCurrent(object)) return { status: 'syncing', message: 'Flux has not seen the newest Kustomization yet' };
  if (ready?.status !== 'True' || isReconciling(object))
    return { status: 'rolling-out', message: `Flux is not ready yet: ${ready?.message ?? 'no condition'}` };
  const healthy = conditionOf(object, 'Healthy');
  if (healthy?.status === 'False') return { status: 'ailing', message: `Flux says it is not healthy: ${healthy.message}` };
  return { status: 'healthy', revision: applied };
}

/** Why a HelmRelease has not taken up its newest values; undefined when it has. */
export function judgeHelmRelease(object: unknown, name: string): Look | undefined {
  if (object === undefined) return { status: 'syncing', message: `${name} does not exist yet` };
  if (readField(object, ['spec', 'suspend']) === true) return { status: 'syncing', message: `${name} is suspended` };
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status === 'True') return { status: 'failed', message: `${name} has given up: ${stalled.message}` };
  const generation = readField(object, ['metadata', 'generation']);
  const attempted = readField(object, ['status', 'lastAttemptedGeneration']) ?? readField(object, ['status', 'observedGeneration']);
  if (!isCurrent(object) || attempted !== generation)
    return { status: 'syncing', message: `${name} has not taken up its newest values yet` };
  const ready = conditionOf(object, 'Ready');
  if (ready?.status === 'True' && !isReconciling(object)) return undefined;
  const failed = ready?.status === 'False' && !isReconciling(object);
  return {
    status: failed ? 'ailing' : 'rolling-out',
    message: `${name} is not ready (${ready?.reason ?? 'no condition'}): ${ready?.message ?? ''}`,
  };
}

/** The commit in `main@sha1:<sha>`, `sha1:<sha>` or the older `main/<sha>`. */
export function revisionOf(value: unknown): string | undefined {
  return typeof value === 'string' ? /(?:^|[@:/])([0-9a-f]{40}(?:[0-9a-f]{24})?)$/.exec(value)?.[1] : undefined;
}

interface Condition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

function conditionOf(object: unknown, type: string): Condition | undefined {
  const conditions = readField(object, ['status', 'conditions']);
  const found = Array.isArray(conditions) ? conditions.find((condition) => readField(condition, ['type']) === type) : undefined;
  const text = (field: string) => String(readField(found, [field]) ?? '');
  return found ? { status: text('status'), reason: text('reason'), message: text('message') } : undefined;
}

function isReconciling(object: unknown): boolean {
  return conditionOf(object, 'Reconciling')?.status === 'True';
}

/** Conditions and revisions speak about the generation they observed, not about a newer one. */
function isCurrent(object: unknown): boolean {
  return readField(object, ['status', 'observedGeneration']) === readField(object, ['metadata', 'generation']);
}
