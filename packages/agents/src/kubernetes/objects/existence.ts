import { type CmdbReader, type KubernetesIdentity, kubernetesItemId, parseKubernetesItemId } from '@tier0/core';

import { indexed } from './indexed.ts';

export type Existence = 'found' | 'absent' | 'unknown';

/** Whether an object exists, as far as the snapshot can tell. "Absent" is only said where the kind and the namespace were read. */
export function existence(reader: CmdbReader, identity: KubernetesIdentity): Existence {
  const { state } = reader.get(kubernetesItemId(identity));
  return state === 'absent' && !isNamespaceRead(reader, identity) ? 'unknown' : state;
}

/** Namespaces in which a pod was recorded. */
export const namespacesWithPods: (reader: CmdbReader) => ReadonlySet<string | undefined> = indexed(
  (reader) => new Set(reader.items({ kind: 'Pod' }).items.map(({ id }) => parseKubernetesItemId(id)?.namespace)),
);

/** A recording of one namespace knows nothing of another: neither the Namespace nor a pod of it is there. */
function isNamespaceRead(reader: CmdbReader, { cluster, namespace }: KubernetesIdentity): boolean {
  if (namespace === undefined || namespacesWithPods(reader).has(namespace) || namespacesWithPods(reader).size === 0) return true;
  return reader.get(kubernetesItemId({ cluster, kind: 'Namespace', name: namespace })).state !== 'unknown';
}

/** Item id of another object of the same cluster; in the same namespace unless one is given (`''` for cluster-scoped kinds). */
export function siblingId(item: string, kind: string, name: string, namespace?: string): string {
  const { cluster = '', namespace: own } = parseKubernetesItemId(item) ?? {};
  return kubernetesItemId({ cluster, namespace: (namespace ?? own) || undefined, kind, name });
}
