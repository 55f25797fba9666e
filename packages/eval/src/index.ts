export type { Calibration, CalibrationBin } from './arena/calibration.ts';
export { failedTrial } from './arena/failed-trial.ts';
export type { JudgedTool, ProseJudgement } from './arena/judge-prose.ts';
export { createLane, type Lane, type LaneOptions, type PlannedTrial } from './arena/lane.ts';
export { arenaScenarios, type ModelBudget, manifestEntry, type Progress } from './arena/run-arena.ts';
export {
  type LiveOnSameClusters,
  type LiveRun,
  type RecordedEntryResult,
  type RecordedResult,
  scoreRecording,
} from './arena/score-recording.ts';
export type {
  ArenaSummary,
  EvidenceSummary,
  FixSummary,
  RootCauseSummary,
  SafetySummary,
  SuiteSummary,
  ToolComparison,
  ToolSummary,
} from './arena/summarize-trials.ts';
export { missedThresholds, ThresholdFileSchema, type ToolThreshold } from './arena/thresholds.ts';
export type {
  CountedRootCause,
  EvidenceReached,
  FixOutcome,
  ManifestScenario,
  ManifestTool,
  ModelCost,
  RequestCounts,
  RequestLine,
  RunManifest,
  SafetyGate,
  ScenarioPurpose,
  Suite,
  TokenPrice,
  TrialRecord,
  TrialScore,
} from './arena/trial.ts';
export { type RunVerdict, verifyRun } from './arena/verify-run.ts';
export { type Evaluation, type EvaluationOptions, readScenarios, runEvaluation } from './evaluate.ts';
export { dataFolder, readRecordings, toolFilesOfPackage } from './package-data.ts';
export { diffReports, type ReportDifference, readReport } from './report/diff-reports.ts';
export {
  type ArenaReport,
  type ArenaTool,
  type EvaluationReport,
  EvaluationReportSchema,
  type ScorecardEntry,
  type ScorecardReport,
  type StackReport,
} from './report/evaluation-report.ts';
export { stackText } from './report/scorecard-extras.ts';
export type { ReportFiles } from './report/write-report.ts';
export { fixHolds, type ObjectLookup } from './scenario/fix-holds.ts';
export { listScenarios } from './scenario/list-scenarios.ts';
export { readScenario } from './scenario/read-scenario.ts';
export type { ExpectedAnswer, ExpectedRootCause, RecordedSeries, Scenario, ScenarioMeta, SubjectRef } from './scenario/scenario.ts';
export { type DiagnosisScore, type NamedCause, scoreDiagnosis } from './scenario/score-diagnosis.ts';
export { addCapabilities, withWeights } from './scorecard/additions.ts';
export {
  type BuildingBlock,
  type BuildingBlocks,
  composeStacks,
  type Need,
  readBuildingBlocks,
  type Stack,
} from './scorecard/building-blocks.ts';
export type {
  Capabilities,
  CapabilityRow,
  Cell,
  CellBasis,
  CellEvidence,
  CellValue,
  Criterion,
  Dimension,
  RatedTool,
} from './scorecard/capabilities.ts';
export { type FileProbe, ProbeFileSchema, type ProbeSurroundings, readFileProbes, runFileProbes } from './scorecard/file-probes.ts';
export { checkOwnEvidence, type MissingEvidence } from './scorecard/own-evidence.ts';
export { PROBES, type Probe, type ProbeFinding, probeRun } from './scorecard/probes.ts';
export { rankStability, type StabilityOptions, type ToolStability } from './scorecard/rank-stability.ts';
export { readCapabilities } from './scorecard/read-capabilities.ts';
export { type CriterionScore, type ScoringOptions, scoreCapabilities, type ToolScore } from './scorecard/score-capabilities.ts';
export type { Interval } from './statistics/interval.ts';
export { ANSWER_FORMATS, type AnswerFormat, AnswerTemplateSchema, readAnswer } from './tools/answer-format.ts';
export { type CommandToolOptions, createCommandTool, QUESTION } from './tools/command.ts';
export { createDescribeBaseline, type DescribeBaselineOptions } from './tools/describe-baseline.ts';
export { createDotAiTool, type DotAiToolOptions } from './tools/dot-ai.ts';
export { createHolmesTool, type HolmesToolOptions } from './tools/holmesgpt.ts';
export { createK8sgptTool, type K8sgptToolOptions } from './tools/k8sgpt.ts';
export { createKubectlAiTool, type KubectlAiToolOptions } from './tools/kubectl-ai.ts';
export { createMcpModelTool, type McpModelOptions } from './tools/mcp-model.ts';
export type { McpAnswer, McpServer } from './tools/mcp-session.ts';
export { createModelEndpoint, type ModelEndpoint } from './tools/model-endpoint.ts';
export { createOwnerBaseline } from './tools/owner-baseline.ts';
export { withRawOutput } from './tools/raw-output.ts';
export { type RecordAnswersOptions, recordAnswers } from './tools/record-answers.ts';
export { type RecordWorldsOptions, recordWorlds } from './tools/record-worlds.ts';
export { type RecordedAnswer, type Recording, RecordingSchema, type WorldTruth } from './tools/recording.ts';
export { createReplayTool, readRecording } from './tools/replay.ts';
export { createTextReader, TEXT_READER } from './tools/text-reader.ts';
export { readToolFile, readToolsOfFile, type ToolFile, ToolFileSchema, type ToolSurroundings } from './tools/tool-file.ts';
export type { LoopEnd, LoopTool, LoopWork, ToolLoop } from './tools/tool-loop.ts';
export type {
  AnsweredRootCause,
  DiagnosisAnswer,
  ModelUse,
  ProposedEdit,
  ProposedFix,
  Provenance,
  ScenarioAccess,
  ToolAvailability,
  ToolDescription,
  ToolUnderTest,
} from './tools/tool-under-test.ts';
export { createWarningsBaseline } from './tools/warnings-baseline.ts';
export { type CheckedYaml, checkYaml, type FileProblem, problemText, readYaml } from './yaml/checked-yaml.ts';
export { validateFile } from './yaml/validate-file.ts';
