import { affectedWorkloads, type BlastRadius } from '../model/blast-radius.ts';
import type { RiskAssessment } from '../model/risk.ts';
import { upperFailureBound } from './autonomy.ts';
import { isAbove } from './evaluate.ts';
import type { StandingRule } from './policy.ts';

/** How often a remedy worked and did not. */
export interface TrackRecord {
  readonly successes: number;
  readonly failures: number;
}

const Z_95 = 1.959964;

/**
 * Lower bound of the Wilson score interval for a success rate, 95 % two-sided: 0 with no trials, 0.21 after one success in one.
 * Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
 */
export function wilsonLowerBound(record: TrackRecord): number {
  const trials = record.successes + record.failures;
  if (trials === 0) return 0;
  const rate = record.successes / trials;
  const z2 = Z_95 * Z_95;
  const margin = Z_95 * Math.sqrt((rate * (1 - rate)) / trials + z2 / (4 * trials * trials));
  return Math.max(0, (rate + z2 / (2 * trials) - margin) / (1 + z2 / trials));
}

/** All that a judgement of trust depends on; nothing else is looked up. */
export interface TrustFacts {
  readonly remedy: string;
  readonly pattern: string | undefined;
  readonly record: TrackRecord | undefined;
  /** Successes since the last failure; undefined where the order is not known. */
  readonly cleanRun?: number | undefined;
  readonly risk: RiskAssessment;
  readonly blastRadius: BlastRadius;
}

/** Whether a standing rule may approve, and the sentence that says why or why not. */
export interface TrustJudgement {
  readonly trusted: boolean;
  readonly reason: string;
}

/** Judges one case by one standing rule. Pure; whatever is missing makes the answer no. */
export function judgeTrust(facts: TrustFacts, rule: StandingRule): TrustJudgement {
  const no = (reason: string): TrustJudgement => ({ trusted: false, reason: `standing rule ${rule.id} does not approve: ${reason}` });
  if (facts.remedy !== rule.remedy || facts.pattern !== rule.pattern) return no('it speaks about another remedy or pattern');
  if (!facts.record) return no('the pattern has no track record');
  if (facts.record.successes + facts.record.failures === 0) return no('the remedy has not been tried here yet');
  const bound = wilsonLowerBound(facts.record);
  const shown = `${facts.record.successes} of ${facts.record.successes + facts.record.failures} succeeded, lower bound ${percent(bound)}`;
  if (bound < rule.minSuccessRate) return no(`${shown}, needed ${percent(rule.minSuccessRate)}; a few successes are not yet evidence`);
  if (rule.maxFailureRate !== undefined) {
    const failures = upperFailureBound(facts.cleanRun ?? 0);
    if (failures > rule.maxFailureRate) {
      return no(
        `after ${facts.cleanRun ?? 0} successes in a row up to ${percent(failures)} could fail, promised are ${percent(rule.maxFailureRate)}`,
      );
    }
  }
  if (isAbove(facts.risk.level, rule.maxRisk)) return no(`risk is ${facts.risk.level}, the rule covers at most ${rule.maxRisk}`);
  const reached = affectedWorkloads(facts.blastRadius).length;
  if (facts.blastRadius.truncated) return no('the blast radius is larger than could be walked');
  if (reached > rule.maxBlastRadius) {
    return no(`${reached} other workloads can be affected, the rule covers at most ${rule.maxBlastRadius}`);
  }
  const reach = `${facts.risk.level} risk, ${reached} other workloads affected of at most ${rule.maxBlastRadius}`;
  return { trusted: true, reason: `standing rule ${rule.id} approves: ${shown} (needed ${percent(rule.minSuccessRate)}), ${reach}` };
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}
