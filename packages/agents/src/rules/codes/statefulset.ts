import type { CodeEntry } from '../code-entry.ts';

/** StatefulSets. */
export const STATEFULSET_CODES = {
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
} as const satisfies Record<string, CodeEntry>;
