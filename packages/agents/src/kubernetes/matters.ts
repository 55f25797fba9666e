import type { CodeEntry } from '../findings/code-entry.ts';
import type { Matter } from '../findings/matter.ts';
import { ADMISSION_CODES } from './admission/codes.ts';
import { admissionMatter } from './admission/index.ts';
import { BATCH_CODES } from './batch/codes.ts';
import { batchMatter } from './batch/index.ts';
import { CERTIFICATES_CODES } from './certificates/codes.ts';
import { certificatesMatter } from './certificates/index.ts';
import { CHANGE_CODES } from './change/codes.ts';
import { changeMatter } from './change/index.ts';
import { CONFIGURATION_CODES } from './configuration/codes.ts';
import { configurationMatter } from './configuration/index.ts';
import { CONTROL_PLANE_CODES } from './control-plane/codes.ts';
import { controlPlaneMatter } from './control-plane/index.ts';
import { CUSTOM_RESOURCES_CODES } from './custom-resources/codes.ts';
import { customResourcesMatter } from './custom-resources/index.ts';
import { DELIVERY_CODES } from './delivery/codes.ts';
import { deliveryMatter } from './delivery/index.ts';
import { IDENTITY_CODES } from './identity/codes.ts';
import { identityMatter } from './identity/index.ts';
import { IMAGE_CODES } from './image/codes.ts';
import { imageMatter } from './image/index.ts';
import { LOGS_CODES } from './logs/codes.ts';
import { logsMatter } from './logs/index.ts';
import { NETWORK_CODES } from './network/codes.ts';
import { networkMatter } from './network/index.ts';
import { NODES_CODES } from './nodes/codes.ts';
import { nodesMatter } from './nodes/index.ts';
import { ROLLOUT_CODES } from './rollout/codes.ts';
import { rolloutMatter } from './rollout/index.ts';
import { ROUTING_CODES } from './routing/codes.ts';
import { routingMatter } from './routing/index.ts';
import { SCALING_CODES } from './scaling/codes.ts';
import { scalingMatter } from './scaling/index.ts';
import { SCHEDULING_CODES } from './scheduling/codes.ts';
import { schedulingMatter } from './scheduling/index.ts';
import { START_CODES } from './start/codes.ts';
import { startMatter } from './start/index.ts';
import { STORAGE_CODES } from './storage/codes.ts';
import { storageMatter } from './storage/index.ts';

/** Every matter, in the order their rules run. */
export const MATTERS: readonly Matter[] = [
  imageMatter,
  configurationMatter,
  startMatter,
  schedulingMatter,
  nodesMatter,
  rolloutMatter,
  admissionMatter,
  scalingMatter,
  batchMatter,
  networkMatter,
  routingMatter,
  storageMatter,
  identityMatter,
  certificatesMatter,
  controlPlaneMatter,
  deliveryMatter,
  customResourcesMatter,
  logsMatter,
  changeMatter,
];

/** Every rule code. A code is never given another meaning. */
export const CODES = {
  ...IMAGE_CODES,
  ...CONFIGURATION_CODES,
  ...START_CODES,
  ...SCHEDULING_CODES,
  ...NODES_CODES,
  ...ROLLOUT_CODES,
  ...ADMISSION_CODES,
  ...SCALING_CODES,
  ...BATCH_CODES,
  ...NETWORK_CODES,
  ...ROUTING_CODES,
  ...STORAGE_CODES,
  ...IDENTITY_CODES,
  ...CERTIFICATES_CODES,
  ...CONTROL_PLANE_CODES,
  ...DELIVERY_CODES,
  ...CUSTOM_RESOURCES_CODES,
  ...LOGS_CODES,
  ...CHANGE_CODES,
} as const satisfies Record<string, CodeEntry>;

/** A code of the table, e.g. `T0-POD-001`. */
export type RuleCode = keyof typeof CODES;

export function codeEntry(code: string): CodeEntry | undefined {
  return Object.hasOwn(CODES, code) ? CODES[code as RuleCode] : undefined;
}
