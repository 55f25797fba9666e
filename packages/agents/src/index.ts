export { createFindingsDetector, type FindingsDetectorOptions } from './detect/findings-detector.ts';
export { type BandSample, type ForecastOptions, forecastMemory, type MemoryForecast } from './detect/forecast-memory.ts';
export { createMemoryDetector, MEMORY_ALERT, type MemoryDetectorOptions } from './detect/memory-detector.ts';
export {
  type ClusterDiagnosis,
  type ClusterDiagnosisOptions,
  type ClusterLogRequest,
  diagnoseCluster,
} from './diagnose/diagnose-cluster.ts';
export type { CitedCause } from './diagnose/diagnose-findings.ts';
export { createDiagnostician, type DiagnosticianOptions } from './diagnose/diagnostician.ts';
export { linkFindings } from './diagnose/link-findings.ts';
export { createExpositionEvidence, type ExpositionEvidence, type ExpositionEvidenceOptions } from './evidence/exposition.ts';
export { createKubernetesLogsEvidence, type KubernetesLogsEvidenceOptions, type LogRequest } from './evidence/kubernetes-logs.ts';
export { createPrometheusEvidence, type PrometheusEvidenceOptions } from './evidence/prometheus.ts';
export { createRecordedEvidence, type RecordedEvidenceOptions, type RecordedLog, type RecordedSeries } from './evidence/recorded.ts';
export { createOpenAiChatModel, type OpenAiChatModelOptions } from './models/openai-chat.ts';
export { createScriptedModel, type ScriptedModelOptions, type ScriptedReply } from './models/scripted.ts';
export { createFilePatternLibrary, type FilePatternLibraryOptions } from './patterns/file.ts';
export { createMemoryPatternLibrary, type MemoryPatternLibraryOptions } from './patterns/memory.ts';
export { SEED_PATTERNS } from './patterns/seed.ts';
export type { Advice, RehearsedAdvice } from './remedy/advice.ts';
export { createRehearsal, type RehearsalOptions, rehearseEdits } from './remedy/rehearse.ts';
export { createRemediator, type RemediatorOptions } from './remedy/remediator.ts';
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
export { toSarif } from './report/sarif.ts';
export { type TextOptions, type TextStyle, toDiagnosisText } from './report/text.ts';
export { type DiagnosisFocus, toDiagnosisDocument } from './report/to-document.ts';
export { CODES, type CodeEntry, type RuleCode } from './rules/codes.ts';
export { DEFAULT_RULES } from './rules/default-rules.ts';
export type { Rule } from './rules/rule.ts';
export { type RuleRun, runRules } from './rules/run.ts';
export { createFileTracker, type FileTrackerOptions } from './trackers/file.ts';
export { createMemoryTracker } from './trackers/memory.ts';
export { createVerifier, type VerifierOptions } from './verify/verify.ts';
