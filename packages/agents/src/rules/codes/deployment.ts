import type { CodeEntry } from '../code-entry.ts';

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
} as const satisfies Record<string, CodeEntry>;
