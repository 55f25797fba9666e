import {
  assessRisk,
  type CallContext,
  type CmdbReader,
  cleanRun,
  evaluatePolicy,
  type Gate,
  type GateCheck,
  type GateReport,
  isAbove,
  isProduction,
  judgeTrust,
  type PatternLibrary,
  type Policy,
  type PolicyDecision,
  type ProposalContent,
  parseKubernetesItemId,
  proposalDigest,
  type RehearsalResult,
  type Remedy,
  type RiskAssessment,
  readField,
  toTimestamp,
  trackRecord,
  widestRadius,
} from '@tier0/core';
import { readYaml } from '../edit/yaml-source.ts';
import type { Mirror } from '../git/mirror.ts';
import type { CodeOwnersDialect } from '../governance/code-owners.ts';
import { carrierFlaw, declaredKind, fieldFlaw, isCarrier, quantityFlaws, SAFE_FIELDS, type SafeField } from '../governance/field-rules.ts';
import { POLICY_PATH, readPolicy, verifyPolicySignature } from '../governance/policy-file.ts';
import { readCodeOwners } from '../governance/read-code-owners.ts';
import type { AllowedSigner } from '../governance/verify-signature.ts';
import { builtInKind, type GroupKind } from '../kubernetes/group-kind.ts';
import { type Plan, planEdits, resolveBase } from '../proposal/plan.ts';
import { admissionCheck, clusterPolicyObjects, POLICY_FOLDER, readPolicyObjects } from './admission-check.ts';
import { schemaCheck, touchedObjects } from './manifest-check.ts';
import { foreignTexts, withOwnerAsked } from './provenance.ts';
import { rehearsedFlaws } from './rehearsed-edits.ts';
import { type ServerDryRun, serverCheck } from './server-dry-run.ts';
import { windowCheck } from './window-check.ts';

/** What the gate decides by. */
export interface GateOptions {
  readonly mirror: Mirror;
  /** Decides instead of `.tier0/policy.yaml` on the base branch. Its standing rules approve nothing: they are not in Git. */
  readonly policy?: Policy | undefined;
  /** Track records for standing rules. Without it none approves. */
  readonly patterns?: PatternLibrary | undefined;
  /** With these, standing rules approve only when one of them signed the commit that gave the policy file its content. */
  readonly allowedSigners?: readonly AllowedSigner[] | undefined;
  /** The grammar of CODEOWNERS. Default: what its folder says, else GitHub's. */
  readonly codeOwners?: CodeOwnersDialect | undefined;
  /** Fields that may be changed. Default `SAFE_FIELDS`. */
  readonly safeFields?: readonly SafeField[] | undefined;
  /** Folders of the repository with admission policies and their parameters. Default `.tier0/policies`; the cluster's own count as well. */
  readonly policyFolders?: readonly string[] | undefined;
  /** Asks the API server itself, which changes nothing. Without it that check is not made. */
  readonly serverDryRun?: ServerDryRun | undefined;
}

type AssessRequest = Parameters<Gate['assess']>[0];

/** Gathers the facts about a proposal from Git and the CMDB and lets core's policy decide on them. What cannot be found out denies. */
export function createGate(options: GateOptions): Gate {
  return {
    async assess(request, context) {
      await options.mirror.fetch(context);
      const base = await resolveBase(options.mirror, request.proposal.baseBranch, context);
      const reading = options.policy
        ? ({ status: 'given', policy: options.policy } as const)
        : await readPolicy(options.mirror, base, context);
      if (reading.status === 'malformed') return deniedFor(reading.reason);
      const plan = await planEdits(options.mirror, request.proposal, base, context);
      const checks = [
        policyCheck(reading.status),
        ...checksOf(request, plan, options.safeFields ?? SAFE_FIELDS),
        ...(await manifestChecks(options, request, plan, base, context)),
      ];
      const facts = await gatherFacts(options, request, reading.policy, base, context);
      const decision = evaluatePolicy({ remedy: request.remedy.id, checks, nowMs: context.now(), ...facts }, reading.policy);
      const signedAt = reading.status === 'loaded' ? base : undefined;
      const standing = await judgeStandingRules(
        options,
        { request, policy: reading.policy, decision, risk: facts.risk, signedAt },
        context,
      );
      const foreign = await foreignTexts({ mirror: options.mirror, base }, request.proposal.edits, context);
      const told = facts.production === undefined ? {} : { production: facts.production };
      return withOwnerAsked({ checks, decision, ...standing, ...told }, foreign, facts.owner);
    },
  };
}

function deniedFor(reason: string): GateReport {
  const check: GateCheck = { name: 'policy', passed: false, detail: reason };
  return { checks: [check], decision: { effect: 'deny', reasons: [`check "policy" failed: ${reason}`], requiredApprovals: 0 }, trust: [] };
}

function policyCheck(status: 'given' | 'loaded' | 'absent'): GateCheck {
  const detail = {
    given: 'the policy given in the options decides',
    loaded: `${POLICY_PATH} decides`,
    absent: `there is no ${POLICY_PATH}: the default policy decides`,
  };
  return { name: 'policy', passed: true, detail: detail[status] };
}

function checksOf(request: AssessRequest, plan: Plan, safe: readonly SafeField[]): readonly GateCheck[] {
  const { proposal, remedy, rehearsal } = request;
  return [
    rehearsalCheck(rehearsal),
    { name: 'evidence', passed: proposal.evidence.length > 0, detail: `pieces of evidence: ${proposal.evidence.length}` },
    editsCheck(proposal, remedy, plan),
    flawCheck('rehearsed-edits', 'what would be written is what was rehearsed', rehearsedFlaws(proposal.edits, remedy.edits)),
    flawCheck('fields', 'only fields that tier0 may change are touched', fieldFlaws(proposal, remedy, plan, safe)),
    flawCheck('quantities', 'quantities are valid and requests stay within limits', quantityFlawsOf(proposal, plan)),
  ];
}

/** What the API server will say about the changed manifests, found out beforehand. */
async function manifestChecks(
  options: GateOptions,
  { proposal, remedy, reader }: AssessRequest,
  plan: Plan,
  base: string,
  context: CallContext,
): Promise<readonly GateCheck[]> {
  const touched = touchedObjects(proposal, plan);
  const inGit = await readPolicyObjects(options.mirror, { commit: base, folders: options.policyFolders ?? [POLICY_FOLDER] }, context);
  const policies = { ...inGit, objects: [...inGit.objects, ...clusterPolicyObjects(reader)] };
  return [
    schemaCheck(touched),
    admissionCheck(touched, policies, reader),
    windowCheck(remedy, reader, context.now()),
    ...(options.serverDryRun ? [await serverCheck(options.serverDryRun, touched, context)] : []),
  ];
}

function rehearsalCheck(rehearsal: RehearsalResult): GateCheck {
  return {
    name: 'rehearsal',
    passed: rehearsal.passed,
    detail: rehearsal.notes.join('; ') || (rehearsal.passed ? 'passed' : 'did not pass'),
  };
}

function editsCheck(proposal: ProposalContent, remedy: Remedy, plan: Plan): GateCheck {
  const name = 'edits';
  if (proposal.edits.length !== remedy.edits.length) {
    return { name, passed: false, detail: `${proposal.edits.length} of ${remedy.edits.length} edits were located in files` };
  }
  if (plan.status !== 'planned') return { name, passed: false, detail: plan.reason };
  return { name, passed: true, detail: `${proposal.edits.length} edits apply cleanly to ${plan.base.slice(0, 12)}` };
}

function flawCheck(name: string, good: string, flaws: readonly string[]): GateCheck {
  return { name, passed: flaws.length === 0, detail: flaws.length === 0 ? good : flaws.join('; ') };
}

/** The live fields are judged, and the places in files that carry them; where a file holds the object itself, its field is the live one. */
function fieldFlaws(proposal: ProposalContent, remedy: Remedy, plan: Plan, safe: readonly SafeField[]): readonly string[] {
  const live = remedy.edits.flatMap((edit) => {
    const kind = parseKubernetesItemId(edit.item)?.kind;
    // An item's id says no group: what its manifest says is judged below.
    return kind === undefined
      ? [`${edit.item} is not a Kubernetes object`]
      : (fieldFlaw(builtInKind(kind) ?? `unknown/${kind}`, edit.fieldPath, safe) ?? []);
  });
  const declared = proposal.edits.flatMap((edit) => {
    const document = documentAfter(plan, edit.file, edit.document);
    const within = edit.path[0] === 'items' && typeof edit.path[1] === 'number' ? 2 : 0;
    const kind = declaredKind(readField(document, edit.path.slice(0, within)), edit.file);
    const path = edit.path.slice(within);
    return (isCarrier(kind) ? carrierFlaw(kind, edit.file, path) : fieldFlaw(kind as GroupKind, path, safe)) ?? [];
  });
  return [...new Set([...live, ...declared])];
}

function quantityFlawsOf(proposal: ProposalContent, plan: Plan): readonly string[] {
  const places = new Map(proposal.edits.map((edit) => [`${edit.file}#${edit.document}`, edit]));
  return [...places.values()].flatMap((edit) =>
    quantityFlaws(documentAfter(plan, edit.file, edit.document)).map((flaw) => `${edit.file}: ${flaw}`),
  );
}

function documentAfter(plan: Plan, file: string, document: number): unknown {
  const after = plan.status === 'planned' ? plan.files.get(file)?.after : undefined;
  const reading = after === undefined ? undefined : readYaml(after);
  return reading?.status === 'read' ? reading.source.values[document] : undefined;
}

interface Facts {
  readonly risk: RiskAssessment;
  readonly production: boolean | undefined;
  readonly owner: string | undefined;
}

async function gatherFacts(
  options: GateOptions,
  request: AssessRequest,
  policy: Policy,
  base: string,
  context: CallContext,
): Promise<Facts> {
  const { proposal, remedy, reader } = request;
  const production = touchesProduction(remedy, policy);
  const computed = assessRisk({
    edits: remedy.edits,
    blastRadius: widestRadius(remedy, reader),
    production: production ?? true,
    replicas: replicasOf(remedy, reader),
    temporary: proposal.expiresAt !== undefined,
    reversible: proposal.edits.every((edit) => edit.expectOld !== undefined || edit.value !== undefined),
  });
  // The worse of what was computed here and what the proposal tells its approvers: it can overstate its risk, never understate it.
  const risk = isAbove(proposal.risk.level, computed.level) ? proposal.risk : computed;
  return { risk, production, owner: await ownerOf(options, request, base, context) };
}

/** Undefined when an item's namespace cannot be known; cluster-scoped objects count as production. */
function touchesProduction(remedy: Remedy, policy: Policy): boolean | undefined {
  const identities = remedy.edits.map((edit) => parseKubernetesItemId(edit.item));
  if (identities.length === 0 || identities.includes(undefined)) return undefined;
  return identities.some((identity) => !identity?.namespace || isProduction(identity.namespace, policy));
}

function replicasOf(remedy: Remedy, reader: CmdbReader): number | undefined {
  const counts = remedy.edits
    .map((edit) => readField(reader.object(edit.item), ['spec', 'replicas']))
    .filter((count) => typeof count === 'number');
  return counts.length > 0 ? Math.min(...counts) : undefined;
}

/** CODEOWNERS of the touched files first, because the forge asks them; else the proposal's or the catalog's owner. */
async function ownerOf(options: GateOptions, request: AssessRequest, base: string, context: CallContext): Promise<string | undefined> {
  const { proposal, remedy, reader } = request;
  const owners = await readCodeOwners(options.mirror, { commit: base, dialect: options.codeOwners }, context);
  const named = proposal.edits.map((edit) => owners?.ownersOf(edit.file)[0]).find((owner) => owner !== undefined);
  return named ?? proposal.owner ?? reader.owner(remedy.subject)?.team;
}

interface StandingCase {
  readonly request: AssessRequest;
  readonly policy: Policy;
  readonly decision: PolicyDecision;
  readonly risk: RiskAssessment;
  /** Base branch commit whose policy file holds the rules; undefined when the policy is not from Git. */
  readonly signedAt: string | undefined;
}

async function judgeStandingRules(
  options: GateOptions,
  standing: StandingCase,
  context: CallContext,
): Promise<Pick<GateReport, 'standingApproval' | 'trust'>> {
  const { request, policy, decision, signedAt } = standing;
  const { proposal, remedy, reader } = request;
  const rules = policy.standingRules.filter((rule) => rule.remedy === remedy.id);
  const id = remedy.pattern ?? proposal.pattern;
  const pattern = id && options.patterns ? await options.patterns.get(id, context) : undefined;
  const radius = widestRadius(remedy, reader);
  const facts = {
    remedy: remedy.id,
    pattern: id,
    record: pattern ? trackRecord(pattern) : undefined,
    cleanRun: pattern && cleanRun(pattern),
    risk: standing.risk,
    blastRadius: radius,
  };
  const judged = rules.map((rule) => ({ rule, ...judgeTrust(facts, rule) }));
  const trust = judged.map((one) => one.reason);
  const trusted = judged.find((one) => one.trusted);
  if (!trusted || decision.effect !== 'require-approval') return { trust };
  if (!signedAt) return { trust: [...trust, `standing rule ${trusted.rule.id} is not in ${POLICY_PATH}, so it cannot approve`] };
  const signature = options.allowedSigners && (await verifyPolicySignature(options.mirror, signedAt, options.allowedSigners, context));
  if (signature && signature.status !== 'good') {
    return { trust: [...trust, `standing rule ${trusted.rule.id} cannot approve: ${POLICY_PATH}: ${signature.reason}`] };
  }
  const now = context.now();
  const standingApproval = {
    approver: `rule:${trusted.rule.id}@${signedAt}`,
    proposalDigest: proposalDigest(proposal),
    at: toTimestamp(now),
    expiresAt: toTimestamp(now + policy.approvalValidMs),
    reason: trusted.reason,
  };
  return { trust, standingApproval };
}
