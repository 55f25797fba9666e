import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import { existence, siblingId } from './existence.ts';
import { indexed } from './indexed.ts';
import { targetsToMake } from './makers.ts';
import type { PatienceKind } from './patience.ts';
import { containersOf, troubledPods, waitingOf } from './pod-view.ts';
import { referencesOf } from './reference.ts';

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
  return productsMissing(reader, item).length > 0 ? 'condition-needed' : 'condition-told';
}

/** Whether a pod that does not start needs what an object is to make and did not. */
export function isMakerWanted(reader: CmdbReader, item: string): boolean {
  const missing = productsMissing(reader, item);
  return missing.length > 0 && missing.some((product) => neededInVain(reader).has(product));
}

/** ConfigMaps and Secrets that an object is to make and that were not found. */
function productsMissing(reader: CmdbReader, item: string): readonly string[] {
  const products = targetsToMake(reader, item).flatMap((name) => ['Secret', 'ConfigMap'].map((kind) => siblingId(item, kind, name)));
  return products.filter((id) => {
    const identity = parseKubernetesItemId(id);
    return identity !== undefined && existence(reader, identity) !== 'found';
  });
}

/** ConfigMaps and Secrets that pods name whose containers cannot be made. */
const neededInVain = indexed((reader): ReadonlySet<string> => {
  const waiting = troubledPods(reader).filter((pod) =>
    containersOf(pod).some((view) => /^(?:CreateContainerConfigError|ContainerCreating)$/.test(waitingOf(view).reason)),
  );
  return new Set(
    waiting.flatMap((pod) => referencesOf(readField(pod.object, ['spec'])).map(({ kind, name }) => siblingId(pod.id, kind, name))),
  );
});
