import { type ColumnValue, type ConfigurationItem, digestOf, kubernetesItemId, readField, sha256 } from '@tier0/core';
import { type KubernetesObject, kindOf, textMap, textOf } from './kubernetes-object.ts';
import { lastImageOf } from './pod-spec.ts';

/** Where and when an object was seen. */
export interface Sighting {
  readonly cluster: string;
  /** Adapter name. */
  readonly source: string;
  /** ISO 8601, UTC. */
  readonly observedAt: string;
  /** `version`: the digest is made of uid and resource version instead of the content. Default `content`. */
  readonly digest?: 'content' | 'version' | undefined;
  /** Content digests that were made before, for who holds the same objects and never edits them in place. Default: none. */
  readonly digests?: WeakMap<KubernetesObject, string> | undefined;
}

/** Label or annotation by which Backstage ties Kubernetes objects to a Component. */
export const CATALOG_ID = 'backstage.io/kubernetes-id';

export function idOf(object: KubernetesObject, cluster: string): string {
  const { name, namespace } = object.metadata;
  return kubernetesItemId({ cluster, namespace, kind: kindOf(object), name });
}

/** The item of a Kubernetes object: identity, indexed columns and digest. */
export function toItem(object: KubernetesObject, sighting: Sighting, id = idOf(object, sighting.cluster)): ConfigurationItem {
  const { name, namespace, uid } = object.metadata;
  return {
    id,
    kind: kindOf(object),
    name,
    scope: namespace ? `${sighting.cluster}/${namespace}` : sighting.cluster,
    columns: columnsOf(object),
    digest: sighting.digest === 'version' ? digestOfVersion(object) : digestOfContent(object, sighting.digests),
    identifiers: typeof uid === 'string' && uid !== '' ? [{ scheme: 'kubernetes.uid', value: uid }] : [],
    sources: [{ name: sighting.source, observedAt: sighting.observedAt }],
    observedAt: sighting.observedAt,
  };
}

function digestOfContent(object: KubernetesObject, digests: Sighting['digests']): string {
  const digest = digests?.get(object) ?? digestOf(withoutHeartbeats(object));
  digests?.set(object, digest);
  return digest;
}

/** Two sightings of one version are one content; a changed heartbeat counts as a change, which only matters where readings compare. */
function digestOfVersion(object: KubernetesObject): string {
  const { uid, resourceVersion } = object.metadata as { readonly uid?: unknown; readonly resourceVersion?: unknown };
  if (typeof uid !== 'string' || typeof resourceVersion !== 'string') return digestOf(withoutHeartbeats(object));
  return sha256(`${uid} ${resourceVersion}`);
}

function columnsOf(object: KubernetesObject): Readonly<Record<string, ColumnValue>> {
  const columns: Record<string, ColumnValue> = {};
  const put = (name: string, value: unknown) => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') columns[name] = value;
  };
  put('namespace', object.metadata.namespace);
  put('apiVersion', object.apiVersion);
  put('replicas', readField(object, ['spec', 'replicas']));
  put('phase', readField(object, ['status', 'phase']));
  put('node', readField(object, ['spec', 'nodeName']));
  put('image', lastImageOf(object));
  const labels = textMap(object.metadata.labels);
  for (const [key, value] of Object.entries(labels)) put(`label:${key}`, value);
  put('catalogId', textOf(textMap(object.metadata.annotations)[CATALOG_ID]) ?? textOf(labels[CATALOG_ID]));
  return columns;
}

/** What a digest must not see: bookkeeping that moves while nothing changes. */
function withoutHeartbeats(object: KubernetesObject): unknown {
  const { managedFields: _managed, resourceVersion: _version, ...metadata } = object.metadata as unknown as Record<string, unknown>;
  const conditions = readField(object, ['status', 'conditions']);
  if (!Array.isArray(conditions)) return { ...object, metadata };
  const settled = conditions.map((condition) => {
    const { lastHeartbeatTime: _heartbeat, lastProbeTime: _probe, ...rest } = { ...(condition as Record<string, unknown>) };
    return rest;
  });
  return { ...object, metadata, status: { ...(object.status as Record<string, unknown>), conditions: settled } };
}
