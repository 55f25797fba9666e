export { createFileAuditLog, type FileAuditLogOptions } from './audit/file.ts';
export { editYaml, type YamlEdit, type YamlEditResult } from './edit/yaml.ts';
export { type CodeOwners, type Members, parseCodeOwners } from './forges/code-owners.ts';
export { createGiteaForge, type GiteaForgeOptions } from './forges/gitea.ts';
export { createGitHubForge, type GitHubForgeOptions } from './forges/github.ts';
export { createGitLabForge, type GitLabForgeOptions } from './forges/gitlab.ts';
export { createLocalForge, type LocalForgeOptions } from './forges/local.ts';
export { createLocalForgeDesk, type LocalForgeDesk, type ReviewSubmission } from './forges/local-desk.ts';
export type { SettleResult } from './forges/local-merge.ts';
export type { Protection } from './forges/protection.ts';
export { isFromForge, type WebhookDelivery } from './forges/webhook.ts';
export { createForgeApprovals, type ForgeApprovalsOptions } from './gate/approvals.ts';
export { SAFE_FIELDS, type SafeField } from './gate/field-rules.ts';
export { createGate, type GateOptions } from './gate/gate.ts';
export { POLICY_PATH, type PolicyReading, readPolicy } from './gate/policy-file.ts';
export { createBareRepository } from './git/bare-repository.ts';
export { createMemoryRepository, type MemoryRepositoryOptions } from './git/memory.ts';
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
export { type CommitSigner, createSshSigner, type SigningKey } from './git/sign.ts';
export type { ManifestObject } from './kubernetes/manifests.ts';
export { createLocator, type LocatorOptions } from './locate/locate.ts';
export { type ExpiryRequest, takeBackExpired } from './proposal/expiry.ts';
export { createFileJournal, createMemoryJournal, type JournalEntry, type ProposalJournal } from './proposal/journal.ts';
export { branchOf, type CommitAuthor, proposalKey } from './proposal/key.ts';
export type { ProposalLimits } from './proposal/publish.ts';
export { createProposalWriter, type ProposalWriterOptions } from './proposal/writer.ts';
export {
  createLocalReconciler,
  type LocalReconciler,
  type LocalReconcilerOptions,
  type ManifestTarget,
  type ObjectReference,
  type SyncState,
} from './reconcilers/local.ts';
