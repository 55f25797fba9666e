export type { ArenaSummary, ToolComparison, ToolSummary } from './arena/summarize-trials.ts';
export type {
  CountedRootCause,
  ManifestScenario,
  ManifestTool,
  RequestCounts,
  RunManifest,
  TrialRecord,
  TrialScore,
} from './arena/trial.ts';
export { type RunVerdict, verifyRun } from './arena/verify-run.ts';
export { type Evaluation, type EvaluationOptions, runEvaluation } from './evaluate.ts';
export {
  type ArenaReport,
  type EvaluationReport,
  EvaluationReportSchema,
  type ScorecardEntry,
  type ScorecardReport,
} from './report/evaluation-report.ts';
export type { ReportFiles } from './report/write-report.ts';
export { fixHolds, type ObjectLookup } from './scenario/fix-holds.ts';
export { readScenario } from './scenario/read-scenario.ts';
export type { ExpectedAnswer, ExpectedRootCause, RecordedSeries, Scenario, ScenarioMeta, SubjectRef } from './scenario/scenario.ts';
export { type DiagnosisScore, type NamedCause, scoreDiagnosis } from './scenario/score-diagnosis.ts';
export type {
  Capabilities,
  CapabilityRow,
  Cell,
  CellBasis,
  CellEvidence,
  CellValue,
  Criterion,
  RatedTool,
} from './scorecard/capabilities.ts';
export { checkOwnEvidence, type MissingEvidence } from './scorecard/own-evidence.ts';
export { rankStability, type StabilityOptions, type ToolStability } from './scorecard/rank-stability.ts';
export { readCapabilities } from './scorecard/read-capabilities.ts';
export { type CriterionScore, type ScoringOptions, scoreCapabilities, type ToolScore } from './scorecard/score-capabilities.ts';
export type { Interval } from './statistics/interval.ts';
export { createDotAiTool, type DotAiToolOptions } from './tools/dot-ai.ts';
export { createK8sgptTool, type K8sgptToolOptions } from './tools/k8sgpt.ts';
export { createHolmesTool, createKubectlAiTool, createKubernetesMcpTool } from './tools/not-run.ts';
export type {
  AnsweredRootCause,
  DiagnosisAnswer,
  ScenarioAccess,
  ToolAvailability,
  ToolDescription,
  ToolUnderTest,
} from './tools/tool-under-test.ts';
export { createWarningsBaseline } from './tools/warnings-baseline.ts';
