import type { Levers } from '../../findings/lever.ts';

/** The fields that the causes of this matter depend on. */
export const DELIVERY_LEVERS: Levers = {
  'gitops-source-unreachable': [
    'Application:spec.source',
    'Application:spec.sources',
    'GitRepository|HelmRepository|OCIRepository|Bucket:spec',
  ],
  'gitops-render-failed': ['Application:spec', 'Kustomization:spec', 'HelmRelease:spec'],
  'gitops-apply-rejected': ['Application:spec', 'Kustomization:spec', 'HelmRelease:spec'],
  'gitops-destination-wrong': ['Application:spec.destination'],
  'helm-upgrade-failed': ['HelmRelease:spec'],
  'crossplane-claim-unready': ['*:spec'],
};
