import { type CmdbReader, type KubernetesIdentity, kubernetesItemId, readField } from '@tier0/core';
import { join } from './kustomize.ts';
import type { Claim, Owner } from './owner.ts';

/** The Argo CD or Flux object that owns the live object, as the cluster has it. */
export function liveOwnerOf(claim: Claim | undefined, { cluster }: KubernetesIdentity, reader: CmdbReader): unknown {
  if (!claim) return undefined;
  const { kind, name, namespace } = claim;
  if (namespace !== undefined) return reader.object(kubernetesItemId({ cluster, namespace, kind, name }));
  const [only, another] = reader.items({ kind, name }).items;
  return only && !another ? reader.object(only.id) : undefined;
}

/** Whether an owner in the repository renders what the live one renders. */
export function isSameOwner({ folder, kind }: Owner, live: unknown): boolean {
  const path = readField(live, kind === 'Application' ? ['spec', 'source', 'path'] : ['spec', 'path']);
  return typeof path === 'string' && folder === join('', path);
}
