import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';
import { existence, siblingId } from './existence.ts';
import { targetsToMake } from './makers.ts';
import type { PatienceKind } from './patience.ts';

/** Words after which only somebody else can help. */
const DEFINITE =
  /fail|error|invalid|not ?found|denied|forbidden|expired|missing|refus|conflict|unauthor|unable|cannot|can't|could not|stalled|rejected|exceed|does not exist|no such|timed? ?out|unsupported|immutable|mismatch|sealed|\b40[134]\b|\b5\d\d\b/i;

/** Whether a condition says what no further try mends. */
export function isDefinite(said: string): boolean {
  return DEFINITE.test(said);
}

/** How long a trouble that an object tells of is waited for: not long where it is definite, and less where what the object makes is missing. */
export function conditionPatience(reader: CmdbReader, item: string, definite: boolean): PatienceKind {
  if (!definite) return 'condition';
  // A Secret that may not be read counts as missing: this only shortens the wait for a definite reason.
  const isMissing = targetsToMake(reader, item).some((name) =>
    ['Secret', 'ConfigMap'].some((kind) => {
      const identity = parseKubernetesItemId(siblingId(item, kind, name));
      return identity !== undefined && existence(reader, identity) !== 'found';
    }),
  );
  return isMissing ? 'condition-needed' : 'condition-told';
}
