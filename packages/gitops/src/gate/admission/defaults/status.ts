import { CelUnknown } from '../../cel/values/value.ts';
import type { Draft } from './fill.ts';

/** The status that an object of a kind has when it is created, whatever the manifest says; some numbers are written even where they are zero. */
const AT_FIRST: Readonly<Record<string, unknown>> = {
  'apps/Deployment': {},
  'apps/ReplicaSet': { replicas: 0 },
  'apps/StatefulSet': { replicas: 0, availableReplicas: 0 },
  'apps/DaemonSet': { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
  'core/ReplicationController': { replicas: 0 },
  'core/ResourceQuota': {},
  'core/Node': {},
  'batch/Job': {},
  'batch/CronJob': {},
  'policy/PodDisruptionBudget': { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
  'autoscaling/HorizontalPodAutoscaler': { currentMetrics: null, desiredReplicas: 0 },
  'networking.k8s.io/Ingress': { loadBalancer: {} },
  'core/Service': { loadBalancer: {} },
  'core/PersistentVolumeClaim': { phase: 'Pending' },
  'core/PersistentVolume': { phase: 'Pending' },
  'core/Namespace': { phase: 'Active' },
};

/** Whether the status of a kind is written by its controllers only. */
function hasStatus(kind: string): boolean {
  return kind === 'core/Pod' || Object.hasOwn(AT_FIRST, kind);
}

/**
 * Sets `status` as the API server does before policies look: to its first value on a creation; on an update to what the stored object has, which
 * is not known where that was read from a manifest without one.
 */
export function setStatus(object: Draft, kind: string, stored: Readonly<Record<string, unknown>> | undefined): void {
  if (!hasStatus(kind)) return;
  if (stored) object.status = stored.status ?? new CelUnknown('status, which what runs writes,');
  else if (Object.hasOwn(AT_FIRST, kind)) object.status = structuredClone(AT_FIRST[kind]);
}
