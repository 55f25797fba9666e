export { type CmdbOptions, createCmdb } from './graph/cmdb.ts';
export { type BackstageSourceOptions, createBackstageSource } from './sources/backstage/source.ts';
export { createPodLogReader, type PodLogReaderOptions, type PodLogRequest } from './sources/kubernetes/pod-logs.ts';
export { createKubernetesSource, type KubernetesSourceOptions } from './sources/kubernetes/source.ts';
export { createManifestsSource, type ManifestsSourceOptions } from './sources/manifests/source.ts';
export { createMemoryCmdbStore, createMemoryObjectStore } from './stores/memory.ts';
export { createSqliteCmdbStore, createSqliteObjectStore, type SqliteStoreOptions } from './stores/sqlite.ts';
export { type MermaidOptions, toMermaid } from './views/mermaid.ts';
