import type { CallContext, Reconciler } from '@tier0/core';
import { createArgoCdReconciler, createFluxReconciler, createRolloutReconciler, type Mirror, type ObjectReader } from '@tier0/gitops';
import type { ClusterConfig } from './config/schema.ts';

/** What says whether a merged commit has become live. */
export function deliveryOf(
  config: ClusterConfig,
  { mirror, cluster }: { readonly mirror: Mirror; readonly cluster: ObjectReader },
): Reconciler {
  const { delivery, repository } = config;
  const contains = async (commit: string, revision: string, context: CallContext): Promise<boolean> => {
    if (commit === revision) return true;
    await mirror.fetch(context);
    // A revision that the mirror does not hold is another repository's, or one that was pushed away.
    return mirror.isAncestor(commit, revision, context).catch(() => false);
  };
  if (delivery.kind === 'flux') return createFluxReconciler({ kustomization: delivery.kustomization, cluster, contains, pollMs: 2_000 });
  if (delivery.kind === 'argocd')
    return createArgoCdReconciler({ application: delivery.application, repository: repository.url, cluster, contains, pollMs: 2_000 });
  return createRolloutReconciler({ mirror, branch: repository.branch, path: repository.path ?? '.', cluster, pollMs: 2_000 });
}
