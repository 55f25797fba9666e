export { createFileAuditLog, type FileAuditLogOptions } from './audit/file.ts';
export { editYaml, type YamlEdit, type YamlEditResult } from './edit/yaml.ts';
export { type CodeOwners, type Members, parseCodeOwners } from './forges/code-owners.ts';
export { createLocalForge, type LocalForgeOptions } from './forges/local.ts';
export { createLocalForgeDesk, type LocalForgeDesk, type ReviewSubmission } from './forges/local-desk.ts';
export type { SettleResult } from './forges/local-merge.ts';
export type { Protection } from './forges/protection.ts';
export { createForgeApprovals, type ForgeApprovalsOptions } from './gate/approvals.ts';
export { SAFE_FIELDS, type SafeField } from './gate/field-rules.ts';
export { createGate, type GateOptions } from './gate/gate.ts';
export { POLICY_PATH, type PolicyReading, readPolicy } from './gate/policy-file.ts';
export { createBareRepository } from './git/bare-repository.ts';
export {
  type CommitFacts,
  type CommitRequest,
  createMirror,
  type Mirror,
  type MirrorOptions,
  type PushResult,
  type RefUpdate,
  type TreeFile,
} from './git/mirror.ts';
export type { ManifestObject } from './kubernetes/manifests.ts';
export { createLocator, type LocatorOptions } from './locate/locate.ts';
export { createKubectlRenderer, type KustomizeRenderer, type Rendering } from './locate/renderer.ts';
export { type ExpiryRequest, takeBackExpired } from './proposal/expiry.ts';
export { branchOf, type CommitAuthor, proposalKey } from './proposal/key.ts';
export { createProposalWriter, type ProposalWriterOptions } from './proposal/writer.ts';
export {
  createLocalReconciler,
  type LocalReconciler,
  type LocalReconcilerOptions,
  type ManifestTarget,
  type ObjectReference,
  type SyncState,
} from './reconcilers/local.ts';
