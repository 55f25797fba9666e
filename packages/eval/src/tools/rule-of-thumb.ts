import type { Cause } from '@tier0/core';
import type { SubjectRef } from '../scenario/scenario.ts';

/** Lists that are read; where something fails, deeper kinds stand later. */
export const LISTS = [
  ['Service', '/api/v1/services'],
  ['Ingress', '/apis/networking.k8s.io/v1/ingresses'],
  ['HorizontalPodAutoscaler', '/apis/autoscaling/v2/horizontalpodautoscalers'],
  ['CronJob', '/apis/batch/v1/cronjobs'],
  ['Deployment', '/apis/apps/v1/deployments'],
  ['StatefulSet', '/apis/apps/v1/statefulsets'],
  ['DaemonSet', '/apis/apps/v1/daemonsets'],
  ['ReplicaSet', '/apis/apps/v1/replicasets'],
  ['Job', '/apis/batch/v1/jobs'],
  ['Pod', '/api/v1/pods'],
  ['PersistentVolumeClaim', '/api/v1/persistentvolumeclaims'],
  ['Node', '/api/v1/nodes'],
  ['Event', '/api/v1/events'],
] as const;

/** What fits many causes in general and one by the rule of thumb; asked after the wordings that every tool's text is read with. */
const THUMB: readonly (readonly [RegExp, Cause])[] = [
  [/liveness probe failed/i, 'liveness-probe-wrong'],
  [/startup probe failed/i, 'startup-probe-too-short'],
  [/readiness probe failed/i, 'readiness-probe-wrong'],
  [/exec: .*(not found|no such file)|executable file not found/i, 'wrong-command'],
  [/no space left on device/i, 'disk-full'],
  [/didn'?t have free ports/i, 'host-port-conflict'],
  [/topology spread/i, 'topology-spread-unsatisfiable'],
  [/anti-?affinity|pod affinity/i, 'affinity-unsatisfiable'],
  [/failed calling webhook/i, 'admission-webhook-down'],
  [/admission webhook .* denied/i, 'admission-webhook-rejects'],
  [/must specify (limits|requests)/i, 'quota-requires-limits'],
  [/(maximum|minimum) (cpu|memory) usage per/i, 'limit-range-violation'],
  [/missing request for/i, 'autoscaler-missing-requests'],
  [/unable to (get|fetch) .*metric/i, 'autoscaler-metric-unavailable'],
  [/(get|find) .*scale.*not found|FailedGetScale/i, 'autoscaler-target-missing'],
  [/ephemeral.storage|Evicted/i, 'ephemeral-storage-exhausted'],
  [/Preempted/i, 'preempted-by-priority'],
  [/ProvisioningFailed|waiting for a volume to be created/i, 'volume-provisioning-failed'],
  [/(Disk|Memory|PID)Pressure/i, 'node-pressure'],
  [/init container .* exit/i, 'init-container-failing'],
  [/node is cordoned/, 'node-cordoned'],
  [/ended with Error/i, 'application-bug'],
];

/** Words that name a missing object: the deepest thing there is. */
const MISSING: readonly (readonly [RegExp, string])[] = [
  [/configmaps? "([^"]+)" not found/i, 'ConfigMap'],
  [/secrets? "([^"]+)" not found/i, 'Secret'],
  [/serviceaccounts? "([^"]+)" not found/i, 'ServiceAccount'],
  [/persistentvolumeclaims? "([^"]+)" not found/i, 'PersistentVolumeClaim'],
  [/storageclass[^"]*"([^"]+)" not found/i, 'StorageClass'],
  [/key \S+ in ConfigMap [^/]*\/?([a-z0-9.-]+)/i, 'ConfigMap'],
  [/key \S+ in Secret [^/]*\/?([a-z0-9.-]+)/i, 'Secret'],
  [/exceeded quota: ([a-z0-9.-]+)/i, 'ResourceQuota'],
];

/** The usual cause behind a symptom; undefined when there is no usual one. */
export function causeByThumb(text: string): Cause | undefined {
  return THUMB.find(([pattern]) => pattern.test(text))?.[1];
}

/** The object that a message says is missing or full; undefined when it names none. */
export function missingObject(text: string, namespace: string | undefined): SubjectRef | undefined {
  for (const [pattern, kind] of MISSING) {
    const name = pattern.exec(text)?.[1];
    if (name !== undefined) return { kind, namespace: kind === 'StorageClass' ? undefined : namespace, name };
  }
  return undefined;
}
