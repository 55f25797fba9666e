export { type CmdbOptions, createCmdb } from './graph/cmdb.ts';
export { type IdentityDecision, mergeFacts, splitFacts, undecideFacts } from './identity/decisions.ts';
export type { Identification, IdentityDecisions, Join } from './identity/identify.ts';
export { identify } from './identity/identify.ts';
export { identifyItems } from './identity/identity-inventory.ts';
export type { IdentityProblem } from './identity/identity-problem.ts';
export { type IdentityRecord, readIdentityRecords } from './identity/identity-record.ts';
export {
  DEFAULT_IDENTITY_RULES,
  type FieldReference,
  type IdentifierEntry,
  type IdentifierPart,
  type IdentityRule,
} from './identity/identity-rule.ts';
export type { Normaliser } from './identity/normalise.ts';
export type { FieldDecision, PrecedenceRule } from './identity/precedence.ts';
export { findByIdentifier, type ReconciledItem, reconcileItem } from './identity/reconcile.ts';
export { type SimulatedColumn, type SimulatedItem, type SimulateOptions, type Simulation, simulate } from './identity/simulate.ts';
export { KUBERNETES_KINDS, type KubernetesKind } from './kinds/kubernetes-kinds.ts';
export { type ArgoCdSourceOptions, createArgoCdSource } from './sources/argocd/source.ts';
export { type BackstageApiSourceOptions, createBackstageApiSource } from './sources/backstage/api-source.ts';
export { type BackstageSourceOptions, createBackstageSource } from './sources/backstage/source.ts';
export { createFluxSource, type FluxSourceOptions } from './sources/flux/source.ts';
export { type KeepCurrentOptions, keepCurrent } from './sources/kubernetes/keep-current.ts';
export {
  kubeconfigFiles,
  type LoadKubeconfigOptions,
  loadKubeconfig,
  serviceAccountKubeconfig,
} from './sources/kubernetes/kubeconfig/load-kubeconfig.ts';
export { createObjectGetter, type LiveObjectGetter, type LiveObjectReference } from './sources/kubernetes/object-getter.ts';
export { createObjectReader, type ObjectReader } from './sources/kubernetes/object-reader.ts';
export type { WatchPacing } from './sources/kubernetes/pacing.ts';
export { createPodLogReader, type PodLogReaderOptions, type PodLogRequest } from './sources/kubernetes/pod-logs.ts';
export { createReadRights, type KubernetesSubject, type ReadRights } from './sources/kubernetes/read-rights.ts';
export { createKubernetesSource, type KubernetesSourceOptions } from './sources/kubernetes/source.ts';
export { createKubernetesWatch, type KubernetesWatch, type KubernetesWatchOptions } from './sources/kubernetes/watch.ts';
export { createManifestsSource, type ManifestsSourceOptions } from './sources/manifests/source.ts';
export { createSnapshotLogReader, readSnapshotLogs } from './sources/snapshot/log-reader.ts';
export { type OpenedSnapshot, type OpenSnapshotOptions, openSnapshot } from './sources/snapshot/open-snapshot.ts';
export { readSnapshot, type Snapshot } from './sources/snapshot/read-snapshot.ts';
export { type RecordClusterOptions, type RecordingReport, recordCluster } from './sources/snapshot/record-cluster.ts';
export { createSnapshotSource, type SnapshotSourceOptions } from './sources/snapshot/source.ts';
export { type ChangeFeed, type ChangeFeedOptions, createChangeFeed } from './stores/feed.ts';
export { createFileFeedCursor, createMemoryFeedCursor, type FeedCursor, type FileFeedCursorOptions } from './stores/feed-cursor.ts';
export { createMemoryCmdbStore, createMemoryObjectStore } from './stores/memory.ts';
export { createSqliteCmdbStore, createSqliteObjectStore, type SqliteStoreOptions } from './stores/sqlite.ts';
export type { DeletionGuard, DeletionLoss } from './sync/deletion-guard.ts';
export { type Tombstone, tombstonesSince, type Undo, undoDeletion } from './sync/tombstones.ts';
export { toDot } from './views/dot.ts';
export { type GraphSlice, type SliceOptions, sliceGraph } from './views/graph-slice.ts';
export { toGraphMl } from './views/graphml.ts';
export { fromGraphology, toGraphology } from './views/graphology.ts';
export { type MermaidOptions, toMermaid } from './views/mermaid.ts';
