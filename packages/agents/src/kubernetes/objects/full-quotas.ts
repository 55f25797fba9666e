import { type CmdbReader, parseKubernetesItemId, parseQuantity } from '@tier0/core';
import { objectsIn } from './objects.ts';
import { mapAt } from './read-object.ts';

/** Names by which a quota counts objects of a kind. */
const COUNTED: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ['configmaps', 'count/configmaps'],
  Secret: ['secrets', 'count/secrets'],
  PersistentVolumeClaim: ['persistentvolumeclaims', 'count/persistentvolumeclaims'],
  Service: ['services', 'count/services'],
  ServiceAccount: ['count/serviceaccounts'],
};

/** Whether a quota counts a kind and allows no further object of it. */
export function isFullFor(quota: unknown, kind: string): boolean {
  const [hard, used] = [mapAt(quota, 'status', 'hard'), mapAt(quota, 'status', 'used')];
  return (COUNTED[kind] ?? []).some(
    (name) => hard[name] !== undefined && (parseQuantity(used[name]) ?? 0) >= (parseQuantity(hard[name]) ?? 0),
  );
}

/** Item ids of the quotas that allow no further object like the given one, sorted. */
export function fullQuotas(reader: CmdbReader, target: string): readonly string[] {
  const { kind = '', namespace = '' } = parseKubernetesItemId(target) ?? {};
  return objectsIn(reader, 'ResourceQuota', namespace)
    .filter(({ object }) => isFullFor(object, kind))
    .map(({ id }) => id);
}
