import { apiServiceRule } from './apiservice.ts';
import { argocdRule } from './argocd.ts';
import { certificateRule } from './certificate.ts';
import { configurationRule } from './configuration.ts';
import { crossplaneRule } from './crossplane.ts';
import { deploymentRule } from './deployment.ts';
import { deprecatedApiRule } from './deprecated-api.ts';
import { endpointSliceRule } from './endpointslice.ts';
import { finalizerRule } from './finalizer.ts';
import { fluxRule } from './flux.ts';
import { gatewayRule } from './gateway.ts';
import { horizontalPodAutoscalerRule } from './horizontalpodautoscaler.ts';
import { httprouteRule } from './httproute.ts';
import { ingressRule } from './ingress.ts';
import { limitRangeRule } from './limitrange.ts';
import { meshRule } from './mesh.ts';
import { networkPolicyRule } from './network-policy.ts';
import { nodeRule } from './node.ts';
import { persistentVolumeRule } from './persistentvolume.ts';
import { persistentVolumeClaimRule } from './persistentvolumeclaim.ts';
import { podRule } from './pod.ts';
import { podSecurityRule } from './pod-security.ts';
import { podDisruptionBudgetRule } from './poddisruptionbudget.ts';
import { rbacRule } from './rbac.ts';
import { replicasetRule } from './replicaset.ts';
import { resourceQuotaRule } from './resourcequota.ts';
import type { Rule } from './rule.ts';
import { serviceRule } from './service.ts';
import { storageClassRule } from './storageclass.ts';
import { webhookRule } from './webhook.ts';

/** Rules about what stands around pods, in the order they run. */
const PLATFORM_RULES: readonly Rule[] = [
  serviceRule,
  endpointSliceRule,
  ingressRule,
  gatewayRule,
  httprouteRule,
  networkPolicyRule,
  meshRule,
  persistentVolumeClaimRule,
  persistentVolumeRule,
  storageClassRule,
  nodeRule,
  horizontalPodAutoscalerRule,
  podDisruptionBudgetRule,
  resourceQuotaRule,
  limitRangeRule,
  podSecurityRule,
  webhookRule,
  apiServiceRule,
  rbacRule,
  certificateRule,
  finalizerRule,
  deprecatedApiRule,
  argocdRule,
  fluxRule,
  crossplaneRule,
];

/** Every rule, in the order they run. */
export const DEFAULT_RULES: readonly Rule[] = [podRule, deploymentRule, replicasetRule, configurationRule, ...PLATFORM_RULES];
