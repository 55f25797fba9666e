import type { CodeEntry } from './code-entry.ts';
import { ADMISSION_CODES } from './codes/admission.ts';
import { CONTROL_PLANE_CODES } from './codes/control-plane.ts';
import { CRONJOB_CODES } from './codes/cronjob.ts';
import { DAEMONSET_CODES } from './codes/daemonset.ts';
import { DEPLOYMENT_CODES } from './codes/deployment.ts';
import { ENDPOINTSLICE_CODES } from './codes/endpointslice.ts';
import { GATEWAY_CODES } from './codes/gateway.ts';
import { GITOPS_CODES } from './codes/gitops.ts';
import { INGRESS_CODES } from './codes/ingress.ts';
import { JOB_CODES } from './codes/job.ts';
import { LOG_CODES } from './codes/log.ts';
import { MESH_CODES } from './codes/mesh.ts';
import { NETWORK_POLICY_CODES } from './codes/network-policy.ts';
import { NODE_CODES } from './codes/node.ts';
import { POD_CODES } from './codes/pod.ts';
import { POD_RUN_CODES } from './codes/pod-run.ts';
import { POD_SCHEDULING_CODES } from './codes/pod-scheduling.ts';
import { REPLICASET_CODES } from './codes/replicaset.ts';
import { ROLLOUT_CODES } from './codes/rollout.ts';
import { SCALING_CODES } from './codes/scaling.ts';
import { SERVICE_CODES } from './codes/service.ts';
import { STATEFULSET_CODES } from './codes/statefulset.ts';
import { STORAGE_CODES } from './codes/storage.ts';

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
  ...INGRESS_CODES,
  ...GATEWAY_CODES,
  ...NETWORK_POLICY_CODES,
  ...STORAGE_CODES,
  ...NODE_CODES,
  ...SCALING_CODES,
  ...ADMISSION_CODES,
  ...CONTROL_PLANE_CODES,
  ...GITOPS_CODES,
  ...ENDPOINTSLICE_CODES,
  ...MESH_CODES,
} as const satisfies Record<string, CodeEntry>;

/** A code of the table, e.g. `T0-POD-001`. */
export type RuleCode = keyof typeof CODES;

export function codeEntry(code: string): CodeEntry | undefined {
  return Object.hasOwn(CODES, code) ? CODES[code as RuleCode] : undefined;
}
