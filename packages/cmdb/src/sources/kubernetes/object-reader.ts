import type { CallContext } from '@tier0/core';
import type { KubernetesKind } from '../../kinds/kubernetes-kinds.ts';
import { connect } from './connection.ts';
import { type KindListing, listObjects } from './list-objects.ts';
import type { KubernetesSourceOptions } from './source.ts';

/** Lists all objects of one kind: what sources of custom resources read through. */
export type ObjectReader = (kind: KubernetesKind, context: CallContext) => Promise<KindListing>;

/** A reader of a live cluster; nothing is sent until it is called. */
export function createObjectReader(options: Omit<KubernetesSourceOptions, 'cluster'>): ObjectReader {
  const { kubeconfig, context, requestTimeoutMs = 30_000, maxBytes = 64 * 1024 * 1024 } = options;
  let connection: ReturnType<typeof connect> | undefined;
  return async (kind, { signal }) => {
    connection ??= connect({ kubeconfig, context, requestTimeoutMs, maxBytes });
    return listObjects(await connection, kind, signal);
  };
}
