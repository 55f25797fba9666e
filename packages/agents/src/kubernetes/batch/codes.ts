import { z } from 'zod';
import { type CodeTable, telling } from '../../findings/code-entry.ts';

/** Codes of the matter "batch". A code is never given another meaning. */
export const BATCH_CODES = {
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
  'T0-CRONJOB-001': {
    title: 'Schedule cannot be met',
    severity: 'fault',
    cause: 'cron-schedule-invalid',
    depth: 0,
    meaning: 'The schedule or the time zone cannot be read, or the time never comes.',
    fix: 'Correct the schedule.',
  },
  'T0-CRONJOB-002': {
    title: 'Did not run when due',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 1,
    meaning: 'Two times in a row have passed without a run.',
    fix: 'Look at the events of the CronJob and at kube-controller-manager.',
  },
  'T0-CRONJOB-003': {
    title: 'Blocked by its own last run',
    severity: 'fault',
    cause: 'cron-concurrency-blocks',
    depth: 1,
    meaning: 'Runs are left out because an earlier one has not ended and they may not overlap.',
    fix: 'End the earlier run; give it a deadline.',
  },
  'T0-CRONJOB-004': {
    title: 'CronJob suspended',
    severity: 'hygiene',
    cause: 'needs-investigation',
    depth: 2,
    meaning: 'The CronJob is suspended.',
    fix: 'Resume it, if it was not meant to be.',
    telling: telling(z.strictObject({ cronJob: z.string() }), ({ cronJob }) => `${cronJob}: the CronJob is suspended`),
  },
  'T0-CRONJOB-005': {
    title: 'Jobs are not created',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 1,
    meaning: 'The API server refuses to create the Jobs of a CronJob: a quota, an admission webhook or a policy.',
    fix: 'Read the message.',
  },
  'T0-CRONJOB-006': {
    title: 'Each run replaces the one before',
    severity: 'fault',
    cause: 'cron-concurrency-blocks',
    depth: 1,
    meaning:
      'Runs take longer than the time between two starts, and concurrencyPolicy Replace ends each at the next start: none ever ends by itself.',
    fix: 'Start it less often, make it faster, or forbid concurrent runs.',
  },
  'T0-JOB-005': {
    title: 'Kept open by a container beside it',
    severity: 'fault',
    cause: 'dependency-misconfigured',
    depth: 0,
    meaning: 'The container that does the work has ended well, and a container beside it, often an injected proxy, does not end.',
    fix: 'Leave the proxy out of the Job, make it a native sidecar, or end it when the work is done.',
  },
  'T0-JOB-006': {
    title: 'Left to a controller that is not there',
    severity: 'fault',
    cause: 'controller-down',
    depth: 0,
    meaning:
      'spec.managedBy leaves the Job to a controller by name, nothing in the cluster is called after it, and nobody has begun the Job.',
    fix: 'Install or start that controller; or make the Job anew without managedBy, which cannot be changed.',
  },
  'T0-CRONJOB-007': {
    title: 'Suspended by hand while others starve',
    severity: 'fault',
    cause: 'scaled-to-zero',
    depth: 0,
    meaning:
      'What was applied last lets the CronJob run, it was suspended since, and a workload that uses what it uses has stopped being ready after a run was left out.',
    fix: 'Resume the CronJob.',
  },
} as const satisfies CodeTable;

export type BatchCode = keyof typeof BATCH_CODES;
