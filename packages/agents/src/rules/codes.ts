import type { CodeEntry } from './code-entry.ts';
import { DEPLOYMENT_CODES } from './codes/deployment.ts';
import { POD_CODES } from './codes/pod.ts';
import { REPLICASET_CODES } from './codes/replicaset.ts';
import { SERVICE_CODES } from './codes/service.ts';

export type { CodeEntry, Depth } from './code-entry.ts';

/** Every rule code, one file a kind. A code is never given another meaning. */
export const CODES = {
  ...POD_CODES,
  ...DEPLOYMENT_CODES,
  ...REPLICASET_CODES,
  ...SERVICE_CODES,
} as const satisfies Record<string, CodeEntry>;

/** A code of the table, e.g. `T0-POD-001`. */
export type RuleCode = keyof typeof CODES;

export function codeEntry(code: string): CodeEntry | undefined {
  return Object.hasOwn(CODES, code) ? CODES[code as RuleCode] : undefined;
}
