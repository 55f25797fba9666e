import type { CodeEntry } from '../code-entry.ts';

export const REPLICASET_CODES = {
  'T0-REPLICASET-001': {
    title: 'Quota exceeded',
    severity: 'fault',
    cause: 'quota-exceeded',
    depth: 0,
    meaning: 'Pods are not created because a ResourceQuota of the namespace is used up.',
    fix: 'Raise the quota or lower what is requested.',
  },
} as const satisfies Record<string, CodeEntry>;
