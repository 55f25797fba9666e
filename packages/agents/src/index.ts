export { itemOfAlert, parseAlertmanagerNotification } from './alerts/alertmanager.ts';
export type { CitedCause } from './diagnosis/diagnose-findings.ts';
export { createDiagnostician, type DiagnosticianOptions } from './diagnosis/diagnostician.ts';
export type { ClusterDiagnosisOptions, ClusterLogRequest } from './diagnosis/examine.ts';
export { createFindingsDetector, type FindingsDetectorOptions } from './diagnosis/findings-detector.ts';
export { linkFindings } from './diagnosis/link-findings.ts';
export { createExpositionEvidence, type ExpositionEvidence, type ExpositionEvidenceOptions } from './evidence/exposition.ts';
export { createKubernetesLogsEvidence, type KubernetesLogsEvidenceOptions, type LogRequest } from './evidence/kubernetes-logs.ts';
export { createPrometheusEvidence, type PrometheusEvidenceOptions } from './evidence/prometheus.ts';
export { createRecordedEvidence, type RecordedEvidenceOptions, type RecordedLog, type RecordedSeries } from './evidence/recorded.ts';
export type { CodeEntry, CodeTable, Depth } from './findings/code-entry.ts';
export type { FindingDraft } from './findings/finding-draft.ts';
export type { Lever, Levers } from './findings/lever.ts';
export type { Matter } from './findings/matter.ts';
export type { RehearsedRemedy, RemedyDraft } from './findings/remedy-draft.ts';
export type { Rule } from './findings/rule.ts';
export { type RuleRun, runRules } from './findings/run-rules.ts';
export type { Signal, SignalCheck, SignalExplanation, SignalLook, SignalOptions } from './findings/signal.ts';
export { CODES, MATTERS, type RuleCode } from './kubernetes/matters.ts';
export { createOpenAiChatModel, type OpenAiChatModelOptions } from './models/openai-chat/openai-chat.ts';
export { createScriptedModel, type ScriptedModelOptions, type ScriptedReply } from './models/scripted.ts';
export { createFilePatternLibrary, type FilePatternLibraryOptions } from './patterns/file.ts';
export { createMemoryPatternLibrary, type MemoryPatternLibraryOptions } from './patterns/memory.ts';
export { SEED_PATTERNS } from './patterns/seed.ts';
export { remediesFor } from './remedy/choose.ts';
export { createRehearsal, type RehearsalOptions, type RemedyTrial, rehearseEdits, rehearseRemedy } from './remedy/rehearse.ts';
export { createRemediator, type RemediatorOptions } from './remedy/remediator.ts';
export { createVerifier, type VerifierOptions } from './remedy/verify.ts';
export { type ClusterDiagnosis, diagnoseCluster } from './report/diagnose-cluster.ts';
export {
  type DiagnosisDocument,
  DiagnosisDocumentSchema,
  diagnosisJsonSchema,
  type EditEntry,
  type EvidenceEntry,
  type FindingEntry,
  type ImpactEntry,
  type RemedyEntry,
  type RootCauseEntry,
  type SubjectReference,
} from './report/diagnosis-document.ts';
export { type K8sgptOutput, toK8sgpt } from './report/k8sgpt.ts';
export { type SarifOptions, type SarifPlace, toRepositorySarif, toSarif } from './report/sarif.ts';
export { type TextOptions, type TextStyle, toDiagnosisText } from './report/text.ts';
export { type DiagnosisFocus, toDiagnosisDocument } from './report/to-document.ts';
export { type BandSample, type ForecastOptions, forecastMemory, type MemoryForecast } from './signals/memory/forecast-memory.ts';
export { createMemoryDetector, MEMORY_ALERT, type MemoryDetectorOptions } from './signals/memory/memory-detector.ts';
export { SIGNALS } from './signals/signals.ts';
export { createFileTracker, type FileTrackerOptions } from './trackers/file.ts';
export { createMemoryTracker } from './trackers/memory.ts';
