import type { PolicyDecision } from '../model/policy-decision.ts';
import { RISK_LEVELS, type RiskAssessment, type RiskLevel } from '../model/risk.ts';
import type { GateCheck } from '../ports/gate.ts';
import type { Policy } from './policy.ts';

/** What a decision rests on. A fact that could not be found out is undefined, and undecidable means deny. */
export interface PolicyFacts {
  readonly remedy: string;
  readonly risk: RiskAssessment | undefined;
  /** Whether production is touched; undefined when the namespace is not known. */
  readonly production: boolean | undefined;
  /** Team that owns what is changed. */
  readonly owner: string | undefined;
  readonly checks: readonly GateCheck[];
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** May this change proceed? A forge merges nothing without a review, so every change that is not denied needs at least one. Pure; deny wins over everything, and every reason is said. */
export function evaluatePolicy(facts: PolicyFacts, policy: Policy): PolicyDecision {
  const denials = denyReasons(facts, policy);
  if (denials.length > 0) return { effect: 'deny', reasons: denials, requiredApprovals: 0 };
  const level = facts.risk?.level ?? 'critical';
  if (!facts.production) return outsideProduction(facts, level, policy);
  const requiredApprovals = Math.max(1, policy.approvals[level]);
  const reason = `production change of ${level} risk needs ${requiredApprovals} approval${requiredApprovals === 1 ? '' : 's'} from ${facts.owner}`;
  return { effect: 'require-approval', reasons: [reason], requiredApprovals, approverGroup: facts.owner };
}

function outsideProduction(facts: PolicyFacts, level: RiskLevel, policy: Policy): PolicyDecision {
  const requiredApprovals = Math.max(1, policy.approvals[level]);
  const reason = `${level} risk outside production needs ${requiredApprovals} approval${requiredApprovals === 1 ? '' : 's'}`;
  return { effect: 'require-approval', reasons: [reason], requiredApprovals, approverGroup: facts.owner };
}

function denyReasons(facts: PolicyFacts, policy: Policy): readonly string[] {
  const reasons = facts.checks.filter((check) => !check.passed).map((check) => `check "${check.name}" failed: ${check.detail}`);
  if (!facts.risk) reasons.push('the risk could not be computed');
  else if (isAbove(facts.risk.level, policy.maxRisk))
    reasons.push(`risk is ${facts.risk.level}, the policy allows at most ${policy.maxRisk}`);
  if (facts.production === undefined) reasons.push('it is not known whether production is touched');
  if (facts.production && !facts.owner) reasons.push('nobody owns what would be changed in production, so nobody could approve');
  if (policy.deniedRemedies.includes(facts.remedy)) reasons.push(`the policy forbids the remedy "${facts.remedy}"`);
  return [...reasons, ...freezeReasons(facts.nowMs, policy)];
}

/** Why nothing is changed at this instant, one line for each freeze in force. */
export function freezeReasons(nowMs: number, policy: Policy): readonly string[] {
  return policy.freezes
    .filter((freeze) => nowMs >= Date.parse(freeze.startsAt) && nowMs < Date.parse(freeze.endsAt))
    .map((freeze) => `changes are frozen until ${freeze.endsAt}: ${freeze.reason}`);
}

/** Whether `level` is riskier than `limit`. */
export function isAbove(level: RiskLevel, limit: RiskLevel): boolean {
  return RISK_LEVELS.indexOf(level) > RISK_LEVELS.indexOf(limit);
}

/** Whether a namespace counts as production under this policy. */
export function isProduction(namespace: string, policy: Policy): boolean {
  return policy.productionNamespaces.includes('*') || policy.productionNamespaces.includes(namespace);
}
