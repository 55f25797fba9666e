import type { JsonValue } from '@tier0/core';
import { type FieldOfKind, isSameToServer } from '@tier0/core/kubernetes';

/** Whether a file and the cluster say the same: what the API server fills in where a manifest says nothing counts as said. */
export function isSameValue(declared: JsonValue | undefined, live: JsonValue | undefined, field: FieldOfKind): boolean {
  return isSameToServer(field, declared, live);
}
