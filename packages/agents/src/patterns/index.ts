export { type CachedEmbedderOptions, createCachedEmbedder } from './embeddings/cached-embedder.ts';
export { createGoogleEmbedder, createOllamaEmbedder, createOpenAiEmbedder, type HttpEmbedderOptions } from './embeddings/http-embedders.ts';
export { createLocalEmbedder, type LocalEmbedderOptions } from './embeddings/local-embedder.ts';
export type {
  DeploymentPatternRecord,
  DocumentSection,
  KnowledgeDocument,
  KnowledgeKind,
  PolicyRecord,
  Provenance,
  TextSpan,
} from './knowledge/document.ts';
export type { DocumentHead, Staleness } from './knowledge/document-head.ts';
export { judgeStaleness } from './knowledge/document-head.ts';
export type { DocumentStore } from './knowledge/document-store.ts';
export { type IngestOptions, type IngestReport, ingest } from './knowledge/ingest.ts';
export {
  type Embedder,
  type KnowledgeAnswer,
  type KnowledgeBase,
  type KnowledgeBaseOptions,
  type KnowledgeFilter,
  type KnowledgeQuery,
  type KnowledgeStats,
  openKnowledgeBase,
} from './knowledge/knowledge-base.ts';
export type { OpenVectorIndex } from './knowledge/section-vectors.ts';
export { toSections } from './knowledge/sections.ts';
export { type BundleOptions, exportBundle, importBundle, type SharedPattern } from './learn/bundle.ts';
export { type DiagnosedIncident, type IncidentSignature, signatureOf } from './learn/incident-shape.ts';
export { type FixedField, type FixLesson, learnFromFix, type MergedFix, type ToldFix } from './learn/learn-fix.ts';
export { type ClosedIncident, type Lesson, learnFromOutcome } from './learn/learn-outcome.ts';
export { type MetricShape, metricShapeOf } from './learn/metric-shape.ts';
export { compareSignatures, RECOGNISED_FROM, type Recognition, recognise } from './learn/recognise.ts';
export { type RecordQuestion, trackRecordAt } from './learn/track-record.ts';
export type { RankerWeight } from './search/calibrate.ts';
export {
  type EmbeddedSections,
  fitHybrid,
  type HybridHit,
  type HybridIndex,
  type HybridQuery,
  type HybridState,
  openHybrid,
  type SearchableSection,
  type SearchableText,
} from './search/hybrid.ts';
export { createLatentEmbedder, type LatentEmbedder } from './search/latent-embedder.ts';
export type { NearSection } from './search/ranker.ts';
export { tokenize } from './search/tokenizer.ts';
export { type FlatVectors, type FlatVectorsOptions, openFlatVectors } from './vectors/flat.ts';
export { createPgvectorVectors, type PgvectorVectorsOptions, type PostgresClient } from './vectors/pgvector.ts';
export { createQdrantVectors, type QdrantVectorsOptions } from './vectors/qdrant.ts';
export { openUsearchVectors, type UsearchVectors, type UsearchVectorsOptions, withGraph } from './vectors/usearch.ts';
export type { VectorHit, VectorIndex, VectorQuery, VectorRecord } from './vectors/vector-index.ts';
export { exportToVectra, importFromVectra, openVectraVectors, VECTRA_LIMIT, type VectraVectorsOptions } from './vectors/vectra.ts';
