import type { CodeEntry } from '../code-entry.ts';

/** Argo Rollouts. */
export const ROLLOUT_CODES = {
  'T0-ROLLOUT-001': {
    title: 'Rollout degraded',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 2,
    meaning: 'Argo Rollouts says that the rollout is degraded.',
    fix: 'Look at its pods and its analysis runs.',
  },
} as const satisfies Record<string, CodeEntry>;
