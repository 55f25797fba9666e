export {
  type AuditEntry,
  type AuditRecord,
  AuditRecordSchema,
  type AuditVerdict,
  chainRecord,
  GENESIS,
  verifyChain,
} from './audit/chain.ts';
export { canonicalJson, digestOf, sha256 } from './digest/canonical-json.ts';
export { isTier0Error, Tier0Error, type Tier0ErrorCode, type Tier0ErrorOptions, toTier0Error } from './errors/tier0-error.ts';
export { type HandleIncidentOptions, handleIncident, resumeIncident } from './loop/handle-incident.ts';
export type {
  DecisionResult,
  IncidentEntry,
  IncidentStatus,
  LocatedRemedy,
  ReconcileResult,
  StepName,
  StepResults,
} from './loop/incident-entry.ts';
export { incidentIdOf } from './loop/incident-id.ts';
export { foldIncident, type IncidentState, isProposed, nextStep, type Route, whyNotResolved } from './loop/incident-state.ts';
export type { LoopPorts, LoopSettings } from './loop/loop-ports.ts';
export { findIncident, type IncidentQuery } from './loop/open-incident.ts';
export { createFileIncidentRecord, type FileIncidentRecordOptions } from './loop/records/file.ts';
export { createMemoryIncidentRecord } from './loop/records/memory.ts';
export {
  askDetectors,
  type Detected,
  groupByItem,
  mostUrgentFirst,
  type WatchOptions,
  type WatchRound,
  watchForAlerts,
} from './loop/watch-for-alerts.ts';
export { type Alert, AlertSchema } from './model/alert.ts';
export { type Approval, ApprovalSchema, accountKey, standingRuleOf } from './model/approval.ts';
export { affectedWorkloads, type BlastRadius, BlastRadiusSchema, type ImpactedItem, reachInWords } from './model/blast-radius.ts';
export { CAUSES, type Cause, CauseSchema, isCause } from './model/cause.ts';
export { type Change, ChangeSchema, type FieldChange } from './model/change.ts';
export { type ChangeProposal, ChangeProposalSchema, type ProposalContent, proposalDigest, sealProposal } from './model/change-proposal.ts';
export {
  type ColumnValue,
  type ConfigurationItem,
  ConfigurationItemSchema,
  formatItemId,
  type Identifier,
  type ItemSource,
  type KubernetesIdentity,
  kubernetesItemId,
  parseKubernetesItemId,
} from './model/configuration-item.ts';
export { type Diagnosis, DiagnosisSchema, missingCitations, type RootCause, RootCauseSchema } from './model/diagnosis.ts';
export { formatDuration } from './model/duration.ts';
export { type Evidence, EvidenceSchema } from './model/evidence.ts';
export { exactly } from './model/exactly.ts';
export {
  type FieldPath,
  FieldPathSchema,
  type FieldPathSegment,
  formatFieldPath,
  type ListKey,
  parseFieldPath,
  readField,
  writeField,
} from './model/field-path.ts';
export { type FileEdit, FileEditSchema } from './model/file-edit.ts';
export { type Finding, type FindingFacts, FindingSchema } from './model/finding.ts';
export { distinctGaps, type Gap, type GapCode, GapSchema } from './model/gap.ts';
export { type ItemEdit, ItemEditSchema } from './model/item-edit.ts';
export { type JsonLimits, OBJECT_LIMITS, whyTooLarge } from './model/json-limits.ts';
export { type JsonValue, JsonValueSchema } from './model/json-value.ts';
export { type EvidenceInput, EXCERPT_BYTES, makeEvidence } from './model/make-evidence.ts';
export { isSuccess, type Outcome, OutcomeSchema } from './model/outcome.ts';
export {
  cleanRun,
  type IncidentShape,
  type Pattern,
  type PatternOccurrence,
  PatternSchema,
  type PatternSignature,
  trackRecord,
} from './model/pattern.ts';
export { type PolicyDecision, PolicyDecisionSchema } from './model/policy-decision.ts';
export { parseQuantity, QUANTITY_FACTORS } from './model/quantity.ts';
export {
  type ImpactDirection,
  RELATION_TYPES,
  type Relation,
  RelationSchema,
  type RelationType,
  RelationTypeSchema,
} from './model/relation.ts';
export { type FollowUp, type Remedy, RemedySchema } from './model/remedy.ts';
export { RISK_LEVELS, type RiskAssessment, RiskAssessmentSchema, type RiskFactor, type RiskLevel, RiskLevelSchema } from './model/risk.ts';
export { type Severity, SeveritySchema } from './model/severity.ts';
export { type SuccessCriterion, SuccessCriterionSchema } from './model/success-criterion.ts';
export { TimestampSchema, toTimestamp } from './model/timestamp.ts';
export { type ApprovalFacts, type ApprovalVerdict, isApproved, judgeApprovals } from './policy/approvals.ts';
export {
  AUTONOMY_LEVELS,
  type AutonomyDecision,
  type AutonomyFacts,
  type AutonomyLevel,
  compareWithPeople,
  DEFAULT_PROMISE,
  decideAutonomy,
  type PastChange,
  type ShadowComparison,
  type TrustPromise,
  upperFailureBound,
} from './policy/autonomy.ts';
export { evaluatePolicy, freezeReasons, isAbove, isProduction, type PolicyFacts } from './policy/evaluate.ts';
export { DEFAULT_POLICY, type FreezeWindow, type Policy, PolicySchema, type StandingRule } from './policy/policy.ts';
export { assessRisk, type RiskFacts, riskLevel } from './policy/risk.ts';
export { compareInShadow, type ShadowDifference } from './policy/shadow.ts';
export { judgeTrust, type TrackRecord, type TrustFacts, type TrustJudgement, wilsonLowerBound } from './policy/trust.ts';
export { widestRadius } from './policy/widest-radius.ts';
export type { Adapter, CallContext } from './ports/adapter.ts';
export type { AlertSource } from './ports/alert-source.ts';
export { type AlertStore, FORGET_ALERT_MS, isNews, type KnownAlert, MAX_KNOWN_ALERTS } from './ports/alert-store.ts';
export type { ApprovalResult, ApprovalSource } from './ports/approval-source.ts';
export type { AuditLog } from './ports/audit-log.ts';
export {
  type ChangeObserved,
  type CmdbFact,
  CmdbFactSchema,
  factItems,
  factKey,
  type ItemAsserted,
  type ItemRetracted,
  type RelationAsserted,
  type RelationRetracted,
  type ScopeCovered,
  type SourceRole,
  type SourceSlice,
} from './ports/cmdb-fact.ts';
export type {
  ChangeWindow,
  Cmdb,
  CmdbDiff,
  CmdbReader,
  Drift,
  DriftedColumn,
  Health,
  HealthOptions,
  HealthState,
  ImpactFlow,
  ImpactOptions,
  ItemFact,
  ItemFilter,
  ItemList,
  Lookup,
  NearbyChange,
  Ownership,
  Reach,
  RefreshReport,
  RelationKey,
  SliceState,
  WalkOptions,
} from './ports/cmdb-reader.ts';
export {
  type AppendOptions,
  type CmdbCommit,
  type CmdbStore,
  type CommitReceipt,
  type CompactOptions,
  type CompactReport,
  type FactFilter,
  type GraphSnapshot,
  type GraphSnapshots,
  MAX_FACT_BYTES,
  MAX_FACTS_PER_COMMIT,
  matchesFilter,
  type SnapshotBlock,
} from './ports/cmdb-store.ts';
export type { Detector } from './ports/detector.ts';
export type { Diagnostician } from './ports/diagnostician.ts';
export type { EvidenceQuery, EvidenceSource, Observation, TimeSeries } from './ports/evidence-source.ts';
export type { CommitStatus, Forge, PullRequest, PullRequestDraft, PullRequestQuery, PullRequestState, Review } from './ports/forge.ts';
export type { Gate, GateCheck, GateReport } from './ports/gate.ts';
export type { IncidentRecord } from './ports/incident-record.ts';
export type { Checkpoint, Coverage, Inventory, InventorySource, SyncContract } from './ports/inventory-source.ts';
export {
  type AssistantMessage,
  type AssistantPart,
  type FinishReason,
  type LanguageModel,
  type ModelEvent,
  type ModelFailure,
  type ModelFailureKind,
  type ModelMessage,
  type ModelRequest,
  type ModelTool,
  type ModelToolCall,
  type ModelToolResult,
  type ModelUsage,
  modelError,
  type ProviderData,
  type SystemMessage,
  type ToolMessage,
  type UserMessage,
} from './ports/language-model.ts';
export type { Lease, LeaseStore } from './ports/lease-store.ts';
export type { Location, Locator } from './ports/locator.ts';
export type { ObjectStore } from './ports/object-store.ts';
export type { PatternLibrary, PatternMatch, PatternQuery } from './ports/pattern-library.ts';
export type { ProposalResult, ProposalWriter } from './ports/proposal-writer.ts';
export type { ReconcileProgress, Reconciler, WatchRequest } from './ports/reconciler.ts';
export type { Rehearsal, RehearsalResult, RehearsalVerdict } from './ports/rehearsal.ts';
export type { Remediator } from './ports/remediator.ts';
export type { Ticket, TicketDraft, Tracker } from './ports/tracker.ts';
export type { Verification, Verifier } from './ports/verifier.ts';
export { holdsSecret, shownValue } from './redact/edit-values.ts';
export { findRedactions, type Redaction, redact } from './redact/redact.ts';
export { type RedactedValue, type Removal, redactValue } from './redact/redact-value.ts';
export { pause } from './time/pause.ts';
