import type { Levers } from '../../findings/lever.ts';
import { WHAT_STARTS } from '../start/levers.ts';

/** The fields that the causes of this matter depend on. */
export const BATCH_LEVERS: Levers = {
  'job-deadline-exceeded': [
    'workload:spec.activeDeadlineSeconds',
    'CronJob:spec.jobTemplate.spec.activeDeadlineSeconds',
    'container:image',
    'container:args',
    'container:command',
    'container:env',
  ],
  'job-backoff-exceeded': [...WHAT_STARTS, 'workload:spec.backoffLimit'],
  'cron-schedule-invalid': [
    'CronJob:spec.schedule',
    'CronJob:spec.timeZone',
    'CronJob:spec.suspend',
    'CronJob:spec.startingDeadlineSeconds',
  ],
  'cron-concurrency-blocks': [
    'CronJob:spec.concurrencyPolicy',
    'CronJob:spec.jobTemplate.spec.activeDeadlineSeconds',
    'CronJob:spec.suspend',
  ],
};
