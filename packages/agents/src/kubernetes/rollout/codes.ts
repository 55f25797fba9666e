import type { CodeTable } from '../../findings/code-entry.ts';

/** Codes of the matter "rollout". A code is never given another meaning. */
export const ROLLOUT_CODES = {
  'T0-DEPLOYMENT-001': {
    title: 'Fewer replicas than wanted',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 2,
    meaning: 'A workload has fewer ready replicas than it wants, and its rollout window is over.',
    fix: 'Look at its pods.',
  },
  'T0-DEPLOYMENT-002': {
    title: 'Rollout does not finish',
    severity: 'fault',
    cause: 'rollout-deadline-exceeded',
    depth: 2,
    meaning: 'The Deployment made no progress within progressDeadlineSeconds.',
    fix: 'Look at the pods of the newest ReplicaSet; roll back if nothing else helps.',
  },
  'T0-DEPLOYMENT-003': {
    title: 'Rollout strategy impossible',
    severity: 'fault',
    cause: 'rollout-strategy-impossible',
    depth: 0,
    meaning: 'The rollout may neither add a pod nor take one away.',
    fix: 'Let maxSurge or maxUnavailable be at least one.',
  },
  'T0-REPLICASET-009': {
    title: 'Fewer replicas than wanted',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 2,
    meaning: 'A controller has fewer ready replicas than it wants.',
    fix: 'Look at its pods.',
  },
  'T0-STATEFULSET-001': {
    title: 'Fewer replicas than wanted',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 2,
    meaning: 'A StatefulSet is stuck at a pod that is not ready or not there.',
    fix: 'Look at the first pod that is not ready.',
  },
  'T0-STATEFULSET-002': {
    title: 'Service of the StatefulSet missing',
    severity: 'fault',
    cause: 'service-missing',
    depth: 0,
    meaning: 'The Service that gives the pods their names does not exist.',
    fix: 'Create the headless Service.',
  },
  'T0-DAEMONSET-001': {
    title: 'Does not run on all its nodes',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 2,
    meaning: 'A DaemonSet runs on fewer nodes than it should.',
    fix: 'Look at its pods and at the nodes without one.',
  },
  'T0-DAEMONSET-002': {
    title: 'Runs where it should not',
    severity: 'hygiene',
    cause: 'needs-investigation',
    depth: 2,
    meaning: 'A DaemonSet still runs on nodes that it is no longer meant for.',
    fix: 'Remove the pods, or correct the selector.',
  },
  'T0-ROLLOUT-001': {
    title: 'Rollout degraded',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 2,
    meaning: 'Argo Rollouts says that the rollout is degraded.',
    fix: 'Look at its pods and its analysis runs.',
  },
  'T0-POD-040': {
    title: 'Not ready yet',
    severity: 'degraded',
    cause: 'needs-investigation',
    depth: 2,
    meaning: 'Pods of a workload are not ready, and it is too early, or too little is known, to call that a fault.',
    fix: 'Look again in a minute; read what the pod waits for.',
  },
  'T0-DEPLOYMENT-005': {
    title: 'Paused while its pods fail',
    severity: 'fault',
    cause: 'rollout-strategy-impossible',
    depth: 0,
    meaning: 'The Deployment is paused, so the template that is written does not reach its pods, and those are not ready.',
    fix: 'Resume the rollout.',
  },
  'T0-STATEFULSET-003': {
    title: 'Stuck at a pod of an older revision',
    severity: 'fault',
    cause: 'rollout-deadline-exceeded',
    depth: 0,
    meaning:
      'The template was corrected, and the controller still waits for a pod that the older template made and that cannot become ready.',
    fix: 'Delete the pod; nothing is to be changed in the template.',
  },
} as const satisfies CodeTable;

export type RolloutCode = keyof typeof ROLLOUT_CODES;
