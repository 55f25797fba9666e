export { describeAlertSource } from './alert-source.ts';
export { describeAlertStore } from './alert-store.ts';
export { describeAuditLog } from './audit-log.ts';
export { testContext } from './call-context.ts';
export { describeCmdbReader } from './cmdb-reader.ts';
export { describeCmdbStore } from './cmdb-store.ts';
export { describeEvidenceSource, type EvidenceSourceCase } from './evidence-source.ts';
export { describeForge, type ForgeUnderTest } from './forge.ts';
export { describeIncidentRecord } from './incident-record.ts';
export { describeInventorySource } from './inventory-source.ts';
export {
  describeLanguageModel,
  expectedLog,
  type LanguageModelStage,
  type NeutralEvent,
  neutralLog,
  playScene,
  sceneOf,
} from './language-model.ts';
export { describeLeaseStore } from './lease-store.ts';
export { describeLocator } from './locator.ts';
export { MODEL_SCENES, type ModelScene, SCENE_REQUEST, type ScenePart, type SceneTurn, type SceneUsage } from './model-scene.ts';
export { describeObjectStore } from './object-store.ts';
export { describePatternLibrary } from './pattern-library.ts';
export { ALLOWED, describeProposalWriter, type ProposalWriterUnderTest, proposalFor } from './proposal-writer.ts';
export { describeReconciler, type ReconcilerUnderTest } from './reconciler.ts';
export { type RedirectingServer, type StrayRequest, startRedirectingServer } from './redirecting-server.ts';
export { describeTracker } from './tracker.ts';
