export type { LogSource } from './api/pod-log.ts';
export { createEmbeddedCluster, type EmbeddedCluster, type EmbeddedClusterOptions } from './embedded-cluster.ts';
export type { ResourceKind } from './kinds.ts';
export type { KubernetesObject, ManagedFieldsEntry, ObjectMetadata, OwnerReference } from './kubernetes-object.ts';
export type { RequestRecord } from './request-log.ts';
export { StatusError, type StatusReason } from './status-error.ts';
export type { ClusterStore, ObjectReference, StoreChange, WriteOptions } from './store.ts';
