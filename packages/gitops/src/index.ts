export { type Checkpoint, type CheckpointKey, type CheckpointSigner, makeCheckpoint } from './audit/checkpoint.ts';
export { createFileAuditLog, type FileAuditLogOptions } from './audit/file.ts';
export { createGitAuditLog, type GitAuditLogOptions } from './audit/git-ref.ts';
export { type FieldAnswer, type FieldQuestion, findField } from './edit/find-field.ts';
export { type MeantValue, meantValue, saysNow, type ValueContext, type ValueType } from './edit/meant-value.ts';
export { regionOf, type TextRegion } from './edit/position.ts';
export type { PlainScalar } from './edit/scalar-at.ts';
export { editYaml, type YamlEdit, type YamlEditResult } from './edit/yaml.ts';
export { createGiteaForge, type GiteaForgeOptions } from './forges/gitea.ts';
export { createGitHubForge, type GitHubForgeOptions } from './forges/github.ts';
export { createGitLabForge, type GitLabForgeOptions } from './forges/gitlab.ts';
export { createLocalForge, type LocalForgeOptions } from './forges/local.ts';
export { createLocalForgeDesk, type LocalForgeDesk, type ReviewSubmission } from './forges/local-desk.ts';
export type { SettleResult } from './forges/local-merge.ts';
export type { Protection } from './forges/protection.ts';
export { pullRequestDigest } from './forges/pull-request-digest.ts';
export { isFromForge, type WebhookDelivery } from './forges/webhook.ts';
export type {
  AdmissionPolicies,
  AdmissionPolicy,
  AuditAnnotation,
  Enforcement,
  NamedExpression,
  ParamsLookup,
  PolicyVerdict,
  Validation,
} from './gate/admission/admission-policy.ts';
export { type AdmissionRequest, admissionRequests, type RequestOptions } from './gate/admission/admission-request.ts';
export { type AdmissionResult, judgeAdmission } from './gate/admission/judge-admission.ts';
export type { Matching } from './gate/admission/matching.ts';
export { type ReadPoliciesOptions, readAdmissionPolicies } from './gate/admission/read-policies.ts';
export type { RestResource } from './gate/admission/rest-mapping.ts';
export { createForgeApprovals, type ForgeApprovalsOptions } from './gate/approvals.ts';
export { type CelResult, type CelVariables, evaluateCel } from './gate/cel/expression.ts';
export { createGate, type GateOptions } from './gate/gate.ts';
export { manifestFlaws } from './gate/manifest-check.ts';
export { allMet, type PolicyTestReport, type PolicyTestResult, type PolicyWord, runPolicyTests } from './gate/policy-test.ts';
export type { FieldType } from './gate/schema/kubernetes-schema.ts';
export type { ManifestFlaw } from './gate/schema/schema-flaws.ts';
export { type TypeAt, typeAt } from './gate/schema/type-at.ts';
export { createServerDryRun, type ServerDryRun, type ServerDryRunOptions } from './gate/server-dry-run.ts';
export { judgeSyncWindows, type WindowSubject, type WindowVerdict } from './gate/sync-windows.ts';
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
export { repositoryAddress } from './git/names.ts';
export { type CommitSigner, createSshSigner, type SigningKey } from './git/sign.ts';
export {
  accountsOf,
  type CodeOwners,
  type CodeOwnersDialect,
  type Members,
  type OwnerRequirement,
  parseCodeOwners,
} from './governance/code-owners.ts';
export { SAFE_FIELDS, type SafeField } from './governance/field-rules.ts';
export { branchOf, type CommitAuthor, proposalKey } from './governance/key.ts';
export { keyFingerprint } from './governance/key-fingerprint.ts';
export { type MemberReading, readMembers } from './governance/members.ts';
export { POLICY_PATH, type PolicyReading, readPolicy } from './governance/policy-file.ts';
export type { StatementKey, StatementSigner } from './governance/statement.ts';
export { type AllowedSigner, parseAllowedSigners, type SignatureVerdict, verifyCommit } from './governance/verify-signature.ts';
export type { ManifestObject } from './kubernetes/manifests.ts';
export { type ChartRelease, type ChartRenderer, createHelmRenderer } from './locate/chart-renderer.ts';
export { createDeclarationFinder, createLocator, type DeclarationFinder, type LocatorOptions } from './locate/locate.ts';
export { createKubectlRenderer, type KustomizeRenderer, type Rendering } from './locate/renderer.ts';
export { type ExpiryRequest, takeBackExpired } from './proposal/expiry.ts';
export { createFileJournal, createMemoryJournal, type JournalEntry, type ProposalJournal } from './proposal/journal.ts';
export type { ProposalLimits } from './proposal/publish.ts';
export { createProposalWriter, GATE_STATUS, type ProposalWriterOptions } from './proposal/writer.ts';
export { type ArgoCdReconcilerOptions, type Contains, createArgoCdReconciler } from './reconcilers/argocd.ts';
export { type DriftedField, type DriftReport, type DriftRequest, driftedFields, findDrift, type ObjectDrift } from './reconcilers/drift.ts';
export { createFluxReconciler, type FluxReconcilerOptions } from './reconcilers/flux.ts';
export { createRolloutReconciler, type RolloutReconcilerOptions } from './reconcilers/kubernetes-rollout.ts';
export {
  createLocalReconciler,
  type LocalReconciler,
  type LocalReconcilerOptions,
  type ManifestTarget,
  type SyncState,
} from './reconcilers/local.ts';
export type { ObjectReader, ObjectReference } from './reconcilers/object-reference.ts';
