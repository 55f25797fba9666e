import type { Matter } from '../../findings/matter.ts';
import { argocdRule } from './argocd.ts';
import { DELIVERY_CODES } from './codes.ts';
import { crossplaneRule } from './crossplane.ts';
import { fluxRule } from './flux.ts';
import { DELIVERY_LEVERS } from './levers.ts';
import { returnToDeployedChart, returnToSyncedRevision } from './remedy.ts';

/** What brings configuration to the cluster: Argo CD, Flux, Crossplane. */
export const deliveryMatter: Matter = {
  name: 'delivery',
  codes: DELIVERY_CODES,
  rules: [argocdRule, fluxRule, crossplaneRule],
  levers: DELIVERY_LEVERS,
  remedies: {
    'helm-upgrade-failed': [returnToDeployedChart],
    'gitops-render-failed': [returnToSyncedRevision],
    'gitops-apply-rejected': [returnToSyncedRevision],
  },
};
