import type { CodeEntry } from '../code-entry.ts';

/** Creating pods: what the API server refuses to a controller. */
export const REPLICASET_CODES = {
  'T0-REPLICASET-001': {
    title: 'Quota exceeded',
    severity: 'fault',
    cause: 'quota-exceeded',
    depth: 0,
    meaning: 'Pods are not created because a ResourceQuota of the namespace is used up.',
    fix: 'Raise the quota or lower what is requested.',
  },
  'T0-REPLICASET-002': {
    title: 'Quota wants requests or limits',
    severity: 'fault',
    cause: 'quota-requires-limits',
    depth: 0,
    meaning: 'A ResourceQuota counts something that the pods do not state.',
    fix: 'State requests and limits, or set defaults with a LimitRange.',
  },
  'T0-REPLICASET-003': {
    title: 'Outside the limit range',
    severity: 'fault',
    cause: 'limit-range-violation',
    depth: 0,
    meaning: 'The requests or limits of the pods are outside what a LimitRange of the namespace allows.',
    fix: 'Correct the requests and limits.',
  },
  'T0-REPLICASET-004': {
    title: 'Refused by Pod Security',
    severity: 'fault',
    cause: 'pod-security-rejected',
    depth: 0,
    meaning: 'The pods break the Pod Security level that the namespace enforces.',
    fix: 'Correct the security context, or the level.',
  },
  'T0-REPLICASET-005': {
    title: 'Denied by a webhook',
    severity: 'fault',
    cause: 'admission-webhook-rejects',
    depth: 0,
    meaning: 'An admission webhook denies the pods.',
    fix: 'Do what its message asks, or correct its policy.',
  },
  'T0-REPLICASET-006': {
    title: 'Webhook does not answer',
    severity: 'fault',
    cause: 'admission-webhook-down',
    depth: 1,
    meaning: 'An admission webhook that must answer does not.',
    fix: 'Bring the program behind the webhook back.',
  },
  'T0-REPLICASET-008': {
    title: 'Pods are not created',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 1,
    meaning: 'The API server refuses to create the pods of a workload.',
    fix: 'Read the message.',
  },
  'T0-REPLICASET-009': {
    title: 'Fewer replicas than wanted',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 2,
    meaning: 'A controller has fewer ready replicas than it wants.',
    fix: 'Look at its pods.',
  },
} as const satisfies Record<string, CodeEntry>;
