import { expect, test } from 'vitest';
import type { Rule } from '../../findings/rule.ts';
import { clusterWide, LONG_AGO, made, told, warning, workload } from '../../fixtures/cluster-objects.ts';
import { horizontalPodAutoscalerRule } from './horizontalpodautoscaler.ts';
import { podDisruptionBudgetRule } from './poddisruptionbudget.ts';

const condition = (type: string, status: string, reason: string, message = '', lastTransitionTime = LONG_AGO) => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime,
});
const cpu = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }];
const at = (averageUtilization: number) => [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization } } }];
const hpa = (status: object = {}, spec: object = {}) =>
  made('HorizontalPodAutoscaler', 'web', {
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 3,
      metrics: cpu,
      ...spec,
    },
    status: { currentReplicas: 3, ...status },
  });
const sized = workload('web', { replicas: 3, container: { resources: { requests: { cpu: '1' } } } });
const limited = (reason: string, since = LONG_AGO) => [condition('ScalingLimited', 'True', reason, '', since)];
const named = 'HorizontalPodAutoscaler shop/web';

const pdb = (spec: object, status: object = {}, name = 'web') =>
  made('PodDisruptionBudget', name, { spec: { selector: { matchLabels: { app: 'web' } }, ...spec }, status });
const drained = clusterWide('Node', 'node-a', { spec: { unschedulable: true } });
const budget = 'PodDisruptionBudget shop/web';
const none = { disruptionsAllowed: 0, currentHealthy: 2, expectedPods: 2 };

const cases: readonly (readonly [string, Rule, readonly unknown[], readonly string[]])[] = [
  ['an autoscaler of nothing', horizontalPodAutoscalerRule, [workload('other'), hpa()], [`T0-HORIZONTALPODAUTOSCALER-001 ${named}`]],
  [
    'a target of a version that the cluster does not serve',
    horizontalPodAutoscalerRule,
    [
      sized,
      hpa(
        { conditions: [condition('AbleToScale', 'False', 'FailedGetScale', 'no matches for kind "Deployment" in group "extensions"')] },
        { scaleTargetRef: { apiVersion: 'extensions/v1beta1', kind: 'Deployment', name: 'web' } },
      ),
    ],
    [`T0-HORIZONTALPODAUTOSCALER-001 ${named}`],
  ],
  [
    'a target without requests',
    horizontalPodAutoscalerRule,
    [workload('web'), hpa()],
    ['T0-HORIZONTALPODAUTOSCALER-002 Deployment shop/web'],
  ],
  [
    'a target whose sidecar requests nothing, as the controller says',
    horizontalPodAutoscalerRule,
    [
      sized,
      hpa({
        conditions: [
          condition('ScalingActive', 'False', 'FailedGetResourceMetric', 'failed: missing request for cpu in container proxy of Pod web-1'),
        ],
      }),
    ],
    ['T0-HORIZONTALPODAUTOSCALER-002 Deployment shop/web'],
  ],
  [
    'a metrics API that does not answer',
    horizontalPodAutoscalerRule,
    [
      sized,
      hpa({
        conditions: [condition('ScalingActive', 'False', 'FailedGetResourceMetric', 'unable to fetch metrics from resource metrics API')],
      }),
    ],
    [`T0-HORIZONTALPODAUTOSCALER-003 ${named}`],
  ],
  [
    'at the maximum and far above',
    horizontalPodAutoscalerRule,
    [sized, hpa({ conditions: limited('TooManyReplicas'), currentMetrics: at(120) })],
    [`T0-HORIZONTALPODAUTOSCALER-004 ${named}`],
  ],
  [
    'at the maximum for a minute',
    horizontalPodAutoscalerRule,
    [sized, hpa({ conditions: limited('TooManyReplicas', '2026-05-04T11:59:00Z'), currentMetrics: at(120) })],
    [`T0-HORIZONTALPODAUTOSCALER-004 ${named} degraded`],
  ],
  [
    'at the maximum and content',
    horizontalPodAutoscalerRule,
    [sized, hpa({ conditions: limited('TooManyReplicas'), currentMetrics: at(60) })],
    [],
  ],
  ['at the minimum', horizontalPodAutoscalerRule, [sized, hpa({ conditions: limited('TooFewReplicas') })], []],
  [
    'a target that is off',
    horizontalPodAutoscalerRule,
    [workload('web', { replicas: 0 }), hpa({ conditions: [condition('ScalingActive', 'False', 'ScalingDisabled')] })],
    [],
  ],
  ['no range', horizontalPodAutoscalerRule, [sized, hpa({}, { minReplicas: 3 })], [`T0-HORIZONTALPODAUTOSCALER-005 ${named} hygiene`]],
  [
    'a scale that is refused',
    horizontalPodAutoscalerRule,
    [sized, hpa({ conditions: [condition('AbleToScale', 'False', 'FailedUpdateScale')] })],
    [`T0-HORIZONTALPODAUTOSCALER-006 ${named} degraded`],
  ],
  [
    'a budget for nobody',
    podDisruptionBudgetRule,
    [workload('other'), pdb({ minAvailable: 1 })],
    [`T0-PODDISRUPTIONBUDGET-001 ${budget} hygiene`],
  ],
  [
    'a drain that hangs',
    podDisruptionBudgetRule,
    [drained, workload('web', { replicas: 2 }), pdb({ minAvailable: 2 }, none)],
    [`T0-PODDISRUPTIONBUDGET-002 ${budget}`],
  ],
  [
    'a closed node with other pods on it',
    podDisruptionBudgetRule,
    [drained, workload('web', { replicas: 2 }), workload('other'), pdb({ minAvailable: 2 }, none)],
    [`T0-PODDISRUPTIONBUDGET-003 ${budget} hygiene`],
  ],
  [
    'a node with other pods on it, whose drain says that it may not evict one',
    podDisruptionBudgetRule,
    [
      drained,
      workload('web', { replicas: 2 }),
      workload('other'),
      pdb({ minAvailable: 2 }, none),
      warning('Node', 'node-a', 'Drain', 'eviction blocked by a budget: web-0', {
        involvedObject: { kind: 'Node', name: 'node-a', uid: 'node-a' },
      }),
    ],
    [`T0-PODDISRUPTIONBUDGET-002 ${budget}`],
  ],
  [
    'a budget that needs all',
    podDisruptionBudgetRule,
    [workload('web', { replicas: 2 }), pdb({ minAvailable: '100%' }, none)],
    [`T0-PODDISRUPTIONBUDGET-003 ${budget} hygiene`],
  ],
  [
    'a budget with none to spare right now',
    podDisruptionBudgetRule,
    [workload('web', { replicas: 3 }), pdb({ minAvailable: 2 }, { ...none, expectedPods: 3 })],
    [],
  ],
  [
    'two budgets for one pod',
    podDisruptionBudgetRule,
    [
      workload('web', { replicas: 2 }),
      pdb({ maxUnavailable: 1 }, { disruptionsAllowed: 1 }),
      pdb({ maxUnavailable: 1 }, { disruptionsAllowed: 1 }, 'web-2'),
    ],
    ['T0-PODDISRUPTIONBUDGET-004 PodDisruptionBudget shop/web-2 hygiene'],
  ],
];

test.each(cases)('%s', async (_title, rule, objects, expected) => {
  expect(await told(rule, objects)).toEqual(expected);
});

test('nothing is missing where it was not read', async () => {
  expect(await told(horizontalPodAutoscalerRule, [hpa()], ['Deployment'])).toEqual([]);
  for (const [, rule, objects] of cases.filter(([, rule]) => rule === podDisruptionBudgetRule))
    expect(await told(rule, objects, ['Pod'])).toEqual([]);
});
