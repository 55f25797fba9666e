import { type CmdbReader, type KubernetesIdentity, kubernetesItemId, parseKubernetesItemId } from '@tier0/core';

export type Existence = 'found' | 'absent' | 'unknown';

/** Whether an object exists, as far as the snapshot can tell. "Absent" is only said where the kind was read completely. */
export function existence(reader: CmdbReader, identity: KubernetesIdentity): Existence {
  return reader.get(kubernetesItemId(identity)).state;
}

/** Item id of another object of the same cluster; in the same namespace unless one is given (`''` for cluster-scoped kinds). */
export function siblingId(item: string, kind: string, name: string, namespace?: string): string {
  const { cluster = '', namespace: own } = parseKubernetesItemId(item) ?? {};
  return kubernetesItemId({ cluster, namespace: (namespace ?? own) || undefined, kind, name });
}
