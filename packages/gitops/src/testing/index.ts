export {
  APPROVAL_ATTACKS,
  type ApprovalCase,
  type ApprovalPlay,
  type ApprovalRow,
  type ApprovalSetting,
  EVERYDAY_FLOWS,
  playApprovalCase,
} from './approval-cases.ts';
export { CODE_OWNERS_CASES, type CodeOwnersCase, type ExpectedOwners } from './code-owners-cases.ts';
export {
  type ExactlyOnceOutcome,
  type ForgeKind,
  type MakeProposal,
  proposeThroughFaults,
} from './exactly-once.ts';
export { drawFaults, eachFault, type FaultSequence, type PlannedFault, type RemoteStep, toServerFault } from './fault-sequence.ts';
export type { Fault, FaultKind, FaultQueue } from './forge-server/faults.ts';
export { type ForgeServer, type ForgeServerOptions, startForgeServer } from './forge-server/server.ts';
export type { ServerAccount, ServerComment, ServerProtection, ServerPull, ServerReview } from './forge-server/world.ts';
export { type GitHttpServer, startGitHttpServer } from './git-http-server.ts';
export { createTestRepository, type TestRepository } from './repository.ts';
