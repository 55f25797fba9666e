import type { Levers } from '../../findings/lever.ts';

/** The fields that the causes of this matter depend on. */
export const SCALING_LEVERS: Levers = {
  'scaled-to-zero': [
    'workload:spec.replicas',
    'Job|CronJob:spec.suspend',
    'ScaledObject:metadata.annotations',
    'Job:spec.parallelism',
    'HorizontalPodAutoscaler:spec.minReplicas',
  ],
  'autoscaler-at-maximum': [
    'HorizontalPodAutoscaler:spec.maxReplicas',
    'HorizontalPodAutoscaler:spec.metrics',
    'container:resources.requests',
  ],
  'autoscaler-target-missing': ['HorizontalPodAutoscaler:spec.scaleTargetRef'],
  'autoscaler-missing-requests': ['container:resources.requests', 'HorizontalPodAutoscaler:spec.metrics'],
  'autoscaler-metric-unavailable': ['HorizontalPodAutoscaler:spec.metrics', 'APIService:spec'],
  'disruption-budget-blocks': ['PodDisruptionBudget:spec', 'workload:spec.replicas'],
};
