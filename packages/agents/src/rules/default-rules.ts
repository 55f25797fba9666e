import { configurationRule } from './configuration.ts';
import { controllerReplicasRule } from './controller-replicas.ts';
import { crashRule } from './crash.ts';
import { cronjobRule } from './cronjob.ts';
import { daemonsetRule } from './daemonset.ts';
import { deploymentRule } from './deployment.ts';
import { imageRule } from './image.ts';
import { initContainerRule } from './init-container.ts';
import { jobRule } from './job.ts';
import { podEvictionRule } from './pod-eviction.ts';
import { podHygieneRule } from './pod-hygiene.ts';
import { podTerminationRule } from './pod-termination.ts';
import { podWaitingRule } from './pod-waiting.ts';
import { readinessRule } from './readiness.ts';
import { replicasetRule } from './replicaset.ts';
import type { Rule } from './rule.ts';
import { scaledToZeroRule } from './scaled-to-zero.ts';
import { schedulingRule } from './scheduling.ts';
import { serviceRule } from './service.ts';
import { startRule } from './start.ts';
import { statefulsetRule } from './statefulset.ts';

/** Every rule, in the order they run. */
export const DEFAULT_RULES: readonly Rule[] = [
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
  serviceRule,
];
