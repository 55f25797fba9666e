import { apiServiceRule } from './apiservice.ts';
import { argocdRule } from './argocd.ts';
import { certificateRule } from './certificate.ts';
import { configurationRule } from './configuration.ts';
import { controllerReplicasRule } from './controller-replicas.ts';
import { crashRule } from './crash.ts';
import { cronjobRule } from './cronjob.ts';
import { crossplaneRule } from './crossplane.ts';
import { daemonsetRule } from './daemonset.ts';
import { deploymentRule } from './deployment.ts';
import { deprecatedApiRule } from './deprecated-api.ts';
import { endpointSliceRule } from './endpointslice.ts';
import { finalizerRule } from './finalizer.ts';
import { fluxRule } from './flux.ts';
import { gatewayRule } from './gateway.ts';
import { horizontalPodAutoscalerRule } from './horizontalpodautoscaler.ts';
import { httprouteRule } from './httproute.ts';
import { imageRule } from './image.ts';
import { ingressRule } from './ingress.ts';
import { initContainerRule } from './init-container.ts';
import { jobRule } from './job.ts';
import { limitRangeRule } from './limitrange.ts';
import { meshRule } from './mesh.ts';
import { networkPolicyRule } from './network-policy.ts';
import { nodeRule } from './node.ts';
import { persistentVolumeRule } from './persistentvolume.ts';
import { persistentVolumeClaimRule } from './persistentvolumeclaim.ts';
import { podEvictionRule } from './pod-eviction.ts';
import { podHygieneRule } from './pod-hygiene.ts';
import { podSecurityRule } from './pod-security.ts';
import { podTerminationRule } from './pod-termination.ts';
import { podWaitingRule } from './pod-waiting.ts';
import { podDisruptionBudgetRule } from './poddisruptionbudget.ts';
import { rbacRule } from './rbac.ts';
import { readinessRule } from './readiness.ts';
import { replicasetRule } from './replicaset.ts';
import { resourceQuotaRule } from './resourcequota.ts';
import type { Rule } from './rule.ts';
import { scaledToZeroRule } from './scaled-to-zero.ts';
import { schedulingRule } from './scheduling.ts';
import { serviceRule } from './service.ts';
import { startRule } from './start.ts';
import { statefulsetRule } from './statefulset.ts';
import { storageClassRule } from './storageclass.ts';
import { webhookRule } from './webhook.ts';

/** Rules about pods, what they refer to and what runs them, in the order they run. */
export const POD_RULES: readonly Rule[] = [
  imageRule,
  startRule,
  initContainerRule,
  configurationRule,
  podWaitingRule,
  crashRule,
  readinessRule,
  schedulingRule,
  podEvictionRule,
  podTerminationRule,
  podHygieneRule,
  deploymentRule,
  replicasetRule,
  statefulsetRule,
  daemonsetRule,
  controllerReplicasRule,
  scaledToZeroRule,
  jobRule,
  cronjobRule,
];

/** Rules about what stands around pods, in the order they run. */
export const PLATFORM_RULES: readonly Rule[] = [
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
export const DEFAULT_RULES: readonly Rule[] = [...POD_RULES, ...PLATFORM_RULES];
