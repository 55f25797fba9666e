import type { PolicyDecision } from '../model/policy-decision.ts';
import { evaluatePolicy, type PolicyFacts } from './evaluate.ts';
import type { Policy } from './policy.ts';

/** One past case that a candidate policy would have decided differently. */
export interface ShadowDifference {
  /** Position in the list of cases. */
  readonly index: number;
  readonly current: PolicyDecision;
  readonly candidate: PolicyDecision;
  /** The candidate lets more happen without people: the direction that needs a second look. */
  readonly looser: boolean;
}

const STRICTNESS = { allow: 0, 'require-approval': 1, deny: 2 } as const;

/** Runs a candidate policy beside the current one on past facts, with no effect. Pure. */
export function compareInShadow(cases: readonly PolicyFacts[], current: Policy, candidate: Policy): readonly ShadowDifference[] {
  return cases.flatMap((facts, index) => {
    const now = evaluatePolicy(facts, current);
    const then = evaluatePolicy(facts, candidate);
    if (strictness(now) === strictness(then) && now.approverGroup === then.approverGroup) return [];
    return [{ index, current: now, candidate: then, looser: strictness(then) < strictness(now) }];
  });
}

function strictness(decision: PolicyDecision): number {
  return STRICTNESS[decision.effect] * 1000 + decision.requiredApprovals;
}
