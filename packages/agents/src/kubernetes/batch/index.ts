import type { Matter } from '../../findings/matter.ts';
import { BATCH_CODES } from './codes.ts';
import { cronjobRule } from './cronjob.ts';
import { jobRule } from './job.ts';
import { BATCH_LEVERS } from './levers.ts';
import { correctSchedule, extendDeadline, letRunsEnd, replaceHangingRun } from './remedy.ts';

/** Jobs and CronJobs. */
export const batchMatter: Matter = {
  name: 'batch',
  codes: BATCH_CODES,
  rules: [jobRule, cronjobRule],
  levers: BATCH_LEVERS,
  remedies: {
    'job-deadline-exceeded': [extendDeadline],
    'cron-schedule-invalid': [correctSchedule],
    'cron-concurrency-blocks': [letRunsEnd, replaceHangingRun],
  },
};
