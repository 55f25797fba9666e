export type { Agent } from './agent.ts';
export { type ArtifactStore, createMemoryArtifactStore, type MemoryArtifactStore } from './context/artifact-store.ts';
export { createArtifactTools } from './context/artifact-tools.ts';
export {
  type ApprovalGrant,
  type ApprovalRequest,
  argumentsDigest,
  type GrantOptions,
  type GrantVerdict,
  grantApproval,
  judgeGrant,
} from './guard/approval.ts';
export { type ApprovalDesk, type DeskDecision, NOBODY_APPROVES } from './guard/approval-desk.ts';
export { type CallFacts, type CallVerdict, type GuardPolicy, judgeCall, STRICT_POLICY } from './guard/judge-call.ts';
export { createPseudonyms, type PseudonymOptions, type Pseudonyms, withPseudonyms } from './guard/pseudonyms.ts';
export { type AnyTool, defineTool, type Tool, type ToolAnswer, type ToolContext, type ToolRisk } from './guard/tool.ts';
export { markUntrusted, UNTRUSTED_RULE } from './guard/untrusted.ts';
export { DEFAULT_LIMITS, type RunLimits } from './limits.ts';
export { createFileRunLog, type FileRunLogOptions } from './log/file-run-log.ts';
export type { RunEntry, RunOutcome, TurnCost } from './log/run-entry.ts';
export { createMemoryRunLog, type MemoryRunLog, type RunLog } from './log/run-log.ts';
export { DEFAULT_RETRY, type RetryFacts, type RetryPolicy, retryDelay } from './retry-policy.ts';
export { type RunOptions, type RunResult, type RunSpending, runAgent } from './run-agent.ts';
export type { RunContext } from './run-context.ts';
export { foldRun, type OpenCall, type RunState } from './run-state.ts';
export { emitSpans, type RunSpan, spansOf, type TelemetryOptions } from './telemetry.ts';
export { createToolRegistry, type ToolRegistry } from './tool-registry.ts';
