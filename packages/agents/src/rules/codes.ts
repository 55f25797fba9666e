import type { CodeEntry } from './code-entry.ts';
import { CRONJOB_CODES } from './codes/cronjob.ts';
import { DAEMONSET_CODES } from './codes/daemonset.ts';
import { DEPLOYMENT_CODES } from './codes/deployment.ts';
import { JOB_CODES } from './codes/job.ts';
import { LOG_CODES } from './codes/log.ts';
import { POD_CODES } from './codes/pod.ts';
import { POD_RUN_CODES } from './codes/pod-run.ts';
import { POD_SCHEDULING_CODES } from './codes/pod-scheduling.ts';
import { REPLICASET_CODES } from './codes/replicaset.ts';
import { ROLLOUT_CODES } from './codes/rollout.ts';
import { SERVICE_CODES } from './codes/service.ts';
import { STATEFULSET_CODES } from './codes/statefulset.ts';

export type { CodeEntry, Depth } from './code-entry.ts';

/** Every rule code, one file a kind or a matter. A code is never given another meaning. */
export const CODES = {
  ...POD_CODES,
  ...POD_RUN_CODES,
  ...POD_SCHEDULING_CODES,
  ...DEPLOYMENT_CODES,
  ...REPLICASET_CODES,
  ...STATEFULSET_CODES,
  ...DAEMONSET_CODES,
  ...ROLLOUT_CODES,
  ...JOB_CODES,
  ...CRONJOB_CODES,
  ...LOG_CODES,
  ...SERVICE_CODES,
} as const satisfies Record<string, CodeEntry>;

/** A code of the table, e.g. `T0-POD-001`. */
export type RuleCode = keyof typeof CODES;

export function codeEntry(code: string): CodeEntry | undefined {
  return Object.hasOwn(CODES, code) ? CODES[code as RuleCode] : undefined;
}
