import { z } from 'zod';
import { type CodeTable, telling } from '../../findings/code-entry.ts';

/** Codes of the matter "scaling". A code is never given another meaning. */
export const SCALING_CODES = {
  'T0-DEPLOYMENT-004': {
    title: 'Scaled to zero while needed',
    severity: 'fault',
    cause: 'scaled-to-zero',
    depth: 0,
    meaning: 'A workload has no replicas, and something else depends on it.',
    fix: 'Scale it up again.',
  },
  'T0-HORIZONTALPODAUTOSCALER-007': {
    title: 'Measures a container that is not there',
    severity: 'fault',
    cause: 'autoscaler-metric-unavailable',
    depth: 0,
    meaning: 'A metric of the autoscaler names a container that no pod of its target has, so there is nothing to measure.',
    fix: 'Name the container as the template does.',
    telling: telling(
      z.strictObject({
        autoscaler: z.string(),
        container: z.string().optional(),
        kind: z.string(),
        name: z.string(),
        containers: z.array(z.string()),
      }),
      ({ autoscaler, container, kind, name, containers }) =>
        `autoscaler ${autoscaler} measures container ${container} of ${kind} ${name}, which has ${containers.join(', ')}`,
    ),
  },
  'T0-HORIZONTALPODAUTOSCALER-001': {
    title: 'Target of the autoscaler missing',
    severity: 'fault',
    cause: 'autoscaler-target-missing',
    depth: 0,
    meaning: 'The autoscaler names a workload that does not exist or cannot be scaled.',
    fix: 'Correct scaleTargetRef.',
  },
  'T0-HORIZONTALPODAUTOSCALER-002': {
    title: 'Requests missing for the autoscaler',
    severity: 'fault',
    cause: 'autoscaler-missing-requests',
    depth: 0,
    meaning: 'The autoscaler compares use with requests, and a container of its target requests nothing.',
    fix: 'Set requests for the resource in every container of the target.',
    telling: telling(
      z.strictObject({ autoscaler: z.string(), kind: z.string(), name: z.string(), resource: z.string(), where: z.string() }),
      ({ autoscaler, kind, name, resource, where }) =>
        `autoscaler ${autoscaler} scales ${kind} ${name} by its share of requested ${resource}, and ${where} requests none`,
    ),
  },
  'T0-HORIZONTALPODAUTOSCALER-003': {
    title: 'Metric not available',
    severity: 'fault',
    cause: 'autoscaler-metric-unavailable',
    depth: 1,
    meaning: 'The autoscaler cannot read a metric it scales by, so it does nothing.',
    fix: 'Look at the metrics API the metric comes from.',
  },
  'T0-HORIZONTALPODAUTOSCALER-004': {
    title: 'Autoscaler at its maximum',
    severity: 'fault',
    cause: 'autoscaler-at-maximum',
    depth: 0,
    meaning: 'The target runs the most replicas that are allowed and is still above the value aimed at.',
    fix: 'Raise maxReplicas, or find out where the load comes from.',
    telling: telling(
      z.strictObject({ autoscaler: z.string(), maximum: z.number(), ratio: z.number().optional() }),
      ({ autoscaler, maximum, ratio }) =>
        `autoscaler ${autoscaler} is at its maximum of ${maximum} ${maximum === 1 ? 'replica' : 'replicas'} and still above its target${ratio === undefined ? '' : `, at ${ratio} times the load aimed at`}`,
    ),
  },
  'T0-HORIZONTALPODAUTOSCALER-008': {
    title: 'Several autoscalers for the same pods',
    severity: 'fault',
    cause: 'rollout-strategy-impossible',
    depth: 0,
    meaning: 'More than one autoscaler has the pods of one target, so none of them acts.',
    fix: 'Keep one autoscaler for each target.',
  },
  'T0-HORIZONTALPODAUTOSCALER-005': {
    title: 'Autoscaler without room',
    severity: 'hygiene',
    cause: 'autoscaler-at-maximum',
    depth: 0,
    meaning: 'minReplicas equals maxReplicas.',
    fix: 'Give it a range, or remove it.',
  },
  'T0-HORIZONTALPODAUTOSCALER-006': {
    title: 'Autoscaler cannot scale',
    severity: 'degraded',
    cause: 'needs-investigation',
    depth: 1,
    meaning: 'The autoscaler reports that it cannot scale its target.',
    fix: 'Read the message of the condition.',
    telling: telling(
      z.strictObject({ autoscaler: z.string(), said: z.string() }),
      ({ autoscaler, said }) => `autoscaler ${autoscaler} cannot scale: ${said}`,
    ),
  },
  'T0-PODDISRUPTIONBUDGET-001': {
    title: 'Budget guards no pods',
    severity: 'hygiene',
    cause: 'disruption-budget-blocks',
    depth: 0,
    meaning: 'The selector of the budget matches no pod.',
    fix: 'Correct the selector or remove the budget.',
  },
  'T0-PODDISRUPTIONBUDGET-002': {
    title: 'Budget blocks a drain',
    severity: 'fault',
    cause: 'disruption-budget-blocks',
    depth: 0,
    meaning: 'A node is being drained, and the budget lets none of the pods on it go.',
    fix: 'Allow one disruption, or run one replica more than the budget needs.',
  },
  'T0-PODDISRUPTIONBUDGET-003': {
    title: 'Budget never allows a disruption',
    severity: 'hygiene',
    cause: 'disruption-budget-blocks',
    depth: 0,
    meaning: 'The budget needs every replica that the workload wants, so no node with one of them can be drained.',
    fix: 'Lower minAvailable or raise maxUnavailable.',
  },
  'T0-PODDISRUPTIONBUDGET-004': {
    title: 'Several budgets for one pod',
    severity: 'hygiene',
    cause: 'disruption-budget-blocks',
    depth: 0,
    meaning: 'A pod that two budgets select cannot be evicted at all.',
    fix: 'Make the selectors distinct.',
  },
  'T0-APISERVICE-003': {
    title: 'Metrics API served by another adapter',
    severity: 'fault',
    cause: 'api-service-unavailable',
    depth: 0,
    meaning: 'The API of external metrics is registered to one server, and the metric that an autoscaler needs is served by another.',
    fix: 'Let one adapter serve the API: remove the other, or its registration.',
  },
} as const satisfies CodeTable;

export type ScalingCode = keyof typeof SCALING_CODES;
