import { isDeepStrictEqual } from 'node:util';
import { type FieldPath, type JsonValue, parseQuantity } from '@tier0/core';

/** Values the API server fills in where a manifest says nothing. */
const DEFAULTS: Readonly<Record<string, JsonValue>> = {
  replicas: 1,
  terminationGracePeriodSeconds: 30,
  revisionHistoryLimit: 10,
  progressDeadlineSeconds: 600,
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
  initialDelaySeconds: 0,
};

/** Whether a file and the cluster say the same, defaults filled in and quantities compared by amount. */
export function isSameValue(declared: JsonValue | undefined, live: JsonValue | undefined, path: FieldPath): boolean {
  if (isDeepStrictEqual(declared, live)) return true;
  const last = path.at(-1);
  if (declared === undefined) return typeof last === 'string' && Object.hasOwn(DEFAULTS, last) && DEFAULTS[last] === live;
  if (!path.includes('resources')) return false;
  const amount = parseQuantity(declared);
  return amount !== undefined && amount === parseQuantity(live);
}
