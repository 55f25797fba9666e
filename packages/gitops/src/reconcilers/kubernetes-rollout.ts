import { type CallContext, type Reconciler, toTier0Error, type WatchRequest } from '@tier0/core';
import type { Mirror } from '../git/mirror.ts';
import { groupKindOf } from '../kubernetes/group-kind.ts';
import { type ManifestReading, readManifests, readManifestTexts } from '../kubernetes/manifests.ts';
import { lookThrough } from './argocd.ts';
import { driftedFields } from './drift.ts';
import { type ObjectReader, referenceOf } from './object-reference.ts';
import { type Look, lookAtRollouts, watchUntilLive } from './watch.ts';

/** Which manifests are expected in which cluster. */
export interface RolloutReconcilerOptions {
  readonly mirror: Mirror;
  /** Branch that somebody (a pipeline, a person) applies. */
  readonly branch: string;
  /** Folder of plain manifests. */
  readonly path: string;
  readonly cluster: ObjectReader;
  /** Real milliseconds between two looks. Default 5,000. */
  readonly pollMs?: number | undefined;
}

/**
 * Watches plain rollouts, where no GitOps controller says what is live: a change is live when each changed item holds every field that the
 * branch declares for it, the branch contains the commit, the rollouts are complete, and all that lasts.
 */
export function createRolloutReconciler(options: RolloutReconcilerOptions): Reconciler {
  const { mirror, cluster } = options;
  let known: { readonly commit: string; readonly reading: ManifestReading } | undefined;
  const manifestsAt = async (commit: string, context: CallContext): Promise<ManifestReading> => {
    if (known?.commit !== commit) {
      known = { commit, reading: readManifests(await readManifestTexts(mirror, { commit, folder: options.path }, context)) };
    }
    return known.reading;
  };
  const look = async (request: WatchRequest, context: CallContext): Promise<Look> => {
    await mirror.fetch(context);
    const tip = await mirror.resolve(options.branch, context);
    if (!tip || !(await mirror.isAncestor(request.commit, tip, context))) {
      return { status: 'syncing', message: `${options.branch} does not contain ${request.commit.slice(0, 12)} yet` };
    }
    const reading = await manifestsAt(tip, context);
    const objects = reading.manifests.map((manifest) => manifest.object);
    for (const item of request.items) {
      const late = await lookAtItem(item, objects, context);
      if (late) return late;
    }
    const unfinished = await lookAtRollouts(request, async (item) => {
      const reference = referenceOf(item, objects);
      return reference && cluster.get(reference, context);
    });
    return unfinished ?? { status: 'healthy', revision: tip };
  };
  const lookAtItem = async (item: string, objects: Parameters<typeof referenceOf>[1], context: CallContext): Promise<Look | undefined> => {
    const reference = referenceOf(item, objects);
    const declared = objects?.find(
      (object) => reference && groupKindOf(object) === groupKindOf(reference) && object.metadata.name === reference.name,
    );
    if (!reference || !declared) return { status: 'failed', message: `${item} is not declared in ${options.path || 'the repository'}` };
    const live = await cluster.get(reference, context);
    if (!live) return { status: 'syncing', message: `${reference.kind} ${reference.name} does not exist yet` };
    const [field] = driftedFields(declared, live);
    if (!field) return undefined;
    const said = (value: unknown) => JSON.stringify(value) ?? 'nothing';
    return {
      status: 'syncing',
      message: `${field.path} of ${reference.kind} ${reference.name} is ${said(field.live)}, not ${said(field.declared)} yet`,
    };
  };
  return {
    name: 'rollout',
    async check(context) {
      try {
        await mirror.fetch(context);
        return (await mirror.resolve(options.branch, context)) ? [] : [`there is no branch ${options.branch}`];
      } catch (error) {
        return [toTier0Error(error).message];
      }
    },
    watch: (request, context) =>
      watchUntilLive((again) => lookThrough(() => look(request, again), again), { pollMs: options.pollMs ?? 5_000 }, request, context),
  };
}
