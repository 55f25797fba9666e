import type { CodeEntry } from '../code-entry.ts';

/** Deployments, and scaling. */
export const DEPLOYMENT_CODES = {
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
  'T0-DEPLOYMENT-004': {
    title: 'Scaled to zero while needed',
    severity: 'fault',
    cause: 'scaled-to-zero',
    depth: 0,
    meaning: 'A workload has no replicas, and something else depends on it.',
    fix: 'Scale it up again.',
  },
} as const satisfies Record<string, CodeEntry>;
