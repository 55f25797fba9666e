import type { CodeEntry } from '../code-entry.ts';

/** CronJobs. */
export const CRONJOB_CODES = {
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
  },
} as const satisfies Record<string, CodeEntry>;
