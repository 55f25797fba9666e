import type { CodeEntry } from '../code-entry.ts';

/** DaemonSets. */
export const DAEMONSET_CODES = {
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
} as const satisfies Record<string, CodeEntry>;
