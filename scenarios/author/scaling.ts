import type { Item, Loose } from './item.ts';
import { newestOf } from './settle.ts';
import type { World } from './world.ts';

/** Runs none of its pods since `ago` minutes, because somebody said so. */
export function scaleToZero(world: World, workload: Item, ago: number, manager = 'kubectl'): void {
  for (const pod of world.podsOf(workload)) world.remove(pod);
  workload.spec.replicas = 0;
  workload.metadata.generation += 1;
  world.touch(workload, { manager, ago, paths: [['spec', 'replicas']] });
  const set = newestOf(world.ownedBy(workload).filter((item) => item.kind === 'ReplicaSet'));
  if (set) {
    set.spec.replicas = 0;
    set.metadata.generation += 1;
  }
}

export interface AutoscalerPlan {
  readonly namespace: string;
  readonly name: string;
  readonly target: string;
  readonly kind?: string;
  readonly min: number;
  readonly max: number;
  readonly metrics?: Loose[];
  readonly ago: number;
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
    readonly ago: number;
  }[];
  readonly current: number;
  readonly currentMetrics?: Loose[] | null;
}

export function cpuMetric(averageUtilization: number): Loose {
  return { resource: { name: 'cpu', target: { averageUtilization, type: 'Utilization' } }, type: 'Resource' };
}

export function addAutoscaler(world: World, plan: AutoscalerPlan): Item {
  const {
    namespace,
    name,
    target,
    kind = 'Deployment',
    min,
    max,
    metrics = [cpuMetric(75)],
    ago,
    conditions,
    current,
    currentMetrics = null,
  } = plan;
  return world.add(
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name, namespace },
      spec: { maxReplicas: max, metrics, minReplicas: min, scaleTargetRef: { apiVersion: 'apps/v1', kind, name: target } },
      status: {
        conditions: conditions.map(({ ago: since, ...condition }) => ({ lastTransitionTime: world.at(since), ...condition })),
        currentMetrics,
        currentReplicas: current,
        desiredReplicas: current,
      },
    },
    ago,
    'kubectl-client-side-apply',
  );
}

/** Conditions of an autoscaler that does its work. */
export function scalingFine(ago: number, limited?: { reason: string; message: string }): AutoscalerPlan['conditions'] {
  return [
    { type: 'AbleToScale', status: 'True', reason: 'ReadyForNewScale', message: 'recommended size matches current size', ago },
    {
      type: 'ScalingActive',
      status: 'True',
      reason: 'ValidMetricFound',
      message: 'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
      ago,
    },
    limited
      ? { type: 'ScalingLimited', status: 'True', ...limited, ago }
      : {
          type: 'ScalingLimited',
          status: 'False',
          reason: 'DesiredWithinRange',
          message: 'the desired count is within the acceptable range',
          ago,
        },
  ];
}
