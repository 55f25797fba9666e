import type { CodeEntry } from '../code-entry.ts';

/** Jobs. */
export const JOB_CODES = {
  'T0-JOB-001': {
    title: 'Job failed',
    severity: 'fault',
    cause: 'job-backoff-exceeded',
    depth: 2,
    meaning: 'A Job failed as often as it may.',
    fix: 'Read the log of its last pod.',
  },
  'T0-JOB-002': {
    title: 'Job took too long',
    severity: 'fault',
    cause: 'job-deadline-exceeded',
    depth: 2,
    meaning: 'A Job did not end within activeDeadlineSeconds.',
    fix: 'Raise the deadline, or find out what it waits for.',
  },
  'T0-JOB-003': {
    title: 'Job ended by its failure policy',
    severity: 'fault',
    cause: 'application-bug',
    depth: 2,
    meaning: 'A pod of the Job failed in a way that its podFailurePolicy does not repeat.',
    fix: 'Read the log of the pod.',
  },
  'T0-JOB-004': {
    title: 'Job suspended',
    severity: 'hygiene',
    cause: 'needs-investigation',
    depth: 2,
    meaning: 'The Job is suspended.',
    fix: 'Resume it, if it was not meant to be.',
  },
} as const satisfies Record<string, CodeEntry>;
