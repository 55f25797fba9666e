import type { Matter } from '../../findings/matter.ts';
import { SCALING_CODES } from './codes.ts';
import { horizontalPodAutoscalerRule } from './horizontalpodautoscaler.ts';
import { SCALING_LEVERS } from './levers.ts';
import { podDisruptionBudgetRule } from './poddisruptionbudget.ts';
import { allowDisruption, raiseMaximum, scaleByServedMetric, scaleExistingTarget, scaleUp, setScaledRequest } from './remedy.ts';
import { scaledToZeroRule } from './scaled-to-zero.ts';

/** Replicas: autoscalers, budgets, what is scaled to zero. */
export const scalingMatter: Matter = {
  name: 'scaling',
  codes: SCALING_CODES,
  rules: [scaledToZeroRule, horizontalPodAutoscalerRule, podDisruptionBudgetRule],
  levers: SCALING_LEVERS,
  remedies: {
    'scaled-to-zero': [scaleUp],
    'autoscaler-at-maximum': [raiseMaximum],
    'autoscaler-target-missing': [scaleExistingTarget],
    'autoscaler-missing-requests': [setScaledRequest],
    'autoscaler-metric-unavailable': [scaleByServedMetric],
    'disruption-budget-blocks': [allowDisruption],
  },
};
