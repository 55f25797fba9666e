import type { Levers } from '../../findings/lever.ts';
import { WHAT_STARTS } from '../start/levers.ts';

/** The fields that the causes of this matter depend on. */
export const ROLLOUT_LEVERS: Levers = {
  'rollout-strategy-impossible': [
    'workload:spec.strategy',
    'workload:spec.updateStrategy',
    'workload:spec.replicas',
    'workload:spec.paused',
    'workload:spec.minReadySeconds',
  ],
  'rollout-deadline-exceeded': [
    ...WHAT_STARTS,
    'workload:spec.progressDeadlineSeconds',
    'container:readinessProbe',
    'container:livenessProbe',
    'container:startupProbe',
  ],
  'controller-down': ['workload:spec.replicas', 'workload:spec.paused'],
};
