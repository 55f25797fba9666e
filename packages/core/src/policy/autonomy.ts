import { affectedWorkloads, type BlastRadius, reachInWords } from '../model/blast-radius.ts';
import type { RiskAssessment } from '../model/risk.ts';

/** How much may happen without a person, least first. */
export const AUTONOMY_LEVELS = ['observe', 'suggest', 'propose', 'auto-approve'] as const;

/** How much a pattern may do by itself. */
export type AutonomyLevel = (typeof AUTONOMY_LEVELS)[number];

/** One change of a team's kind of change, as it ended. */
export interface PastChange {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** What the person did who decided; `none` where nobody was asked. */
  readonly decision: 'approved' | 'edited' | 'rejected' | 'none';
  /** The symptom went and nothing got worse; undefined where it was never applied. */
  readonly succeeded?: boolean | undefined;
}

/** What an organisation promises itself about changes that nobody looks at. */
export interface TrustPromise {
  /** Failures among automatically approved changes at most, e.g. 0.01. */
  readonly maxFailureRate: number;
  /** Likeness to what the record is about at least, 0 to 1. */
  readonly minSimilarity: number;
  /** Other workloads that may be affected at most. */
  readonly maxBlastRadius: number;
  /** Whether production may be changed without a person. */
  readonly production: boolean;
  /** Nothing is approved automatically; what would have been is said, to be compared with what people do. */
  readonly shadow: boolean;
}

/** Shadow first, production never, one failure in a hundred. */
export const DEFAULT_PROMISE: TrustPromise = {
  maxFailureRate: 0.01,
  minSimilarity: 0.8,
  maxBlastRadius: 0,
  production: false,
  shadow: true,
};

/** All that a level depends on. */
export interface AutonomyFacts {
  readonly team: string;
  /** Kind of change, e.g. the id of the remedy. */
  readonly kind: string;
  /** This team's changes of this kind, oldest first. */
  readonly history: readonly PastChange[];
  /** Likeness of this case to those, 0 to 1. */
  readonly similarity: number;
  readonly risk: RiskAssessment | undefined;
  readonly blastRadius: BlastRadius | undefined;
  readonly production: boolean | undefined;
  readonly reversible: boolean;
}

/** How much may happen, and why. */
export interface AutonomyDecision {
  readonly level: AutonomyLevel;
  /** What the level would be without shadow mode. */
  readonly wouldAutoApprove: boolean;
  /** Failure rate that the record does not rule out (one-sided, 99 %), 0 to 1. */
  readonly failureBound: number;
  /** One paragraph with the numbers. */
  readonly explanation: string;
}

/** Standard normal quantile of 0.99: the chance that a record looks this good by luck is 1 %. */
const Z_99 = 2.326348;
/** A person's answer counts from so many successes on as a reason to open a pull request by oneself. */
const PROPOSE_FROM = 3;

/**
 * Decides how much autonomy a team's kind of change has earned. The record begins anew after every failure, rejection or edit: one of them takes
 * automatic approval away at once, and it must be earned again. Undecidable facts never raise the level. Pure.
 */
export function decideAutonomy(facts: AutonomyFacts, promise: TrustPromise = DEFAULT_PROMISE): AutonomyDecision {
  const clean = cleanRun(facts.history);
  const failureBound = upperFailureBound(clean);
  const obstacles = obstaclesTo(facts, promise, failureBound);
  const wouldAutoApprove = obstacles.length === 0;
  const level = levelOf(facts, { clean, wouldAutoApprove, shadow: promise.shadow });
  return { level, wouldAutoApprove, failureBound, explanation: explain(facts, { promise, clean, failureBound, obstacles, level }) };
}

/** Successes that people took as they were, since the last thing that went wrong. */
function cleanRun(history: readonly PastChange[]): number {
  let clean = 0;
  for (let at = history.length - 1; at >= 0; at--) {
    const { decision, succeeded } = history[at] as PastChange;
    if (succeeded === false || decision === 'rejected' || decision === 'edited') break;
    if (succeeded) clean++;
  }
  return clean;
}

/**
 * Largest failure rate that `clean` successes without a failure leave possible: Wilson's upper bound at zero failures, one-sided 99 %.
 * A promise of 1 % takes 536 successes in a row.
 */
export function upperFailureBound(clean: number): number {
  return (Z_99 * Z_99) / (clean + Z_99 * Z_99);
}

function obstaclesTo(facts: AutonomyFacts, promise: TrustPromise, failureBound: number): readonly string[] {
  const { similarity, risk, blastRadius, production, reversible } = facts;
  const obstacles: string[] = [];
  if (failureBound > promise.maxFailureRate)
    obstacles.push(`up to ${percent(failureBound)} of such changes could still fail, promised are ${percent(promise.maxFailureRate)}`);
  if (!(similarity >= promise.minSimilarity))
    obstacles.push(`the case is ${percent(similarity)} alike, needed are ${percent(promise.minSimilarity)}`);
  if (risk?.level !== 'low') obstacles.push(risk ? `the risk is ${risk.level}` : 'the risk is not known');
  if (!blastRadius || blastRadius.truncated) obstacles.push('how far it reaches is not known');
  else if (affectedWorkloads(blastRadius).length > promise.maxBlastRadius) {
    obstacles.push(`${reachInWords(blastRadius)} can be affected, at most ${promise.maxBlastRadius} may`);
  }
  if (production !== false && !promise.production)
    obstacles.push(production ? 'it is production' : 'whether it is production is not known');
  if (!reversible) obstacles.push('it cannot be taken back');
  return obstacles;
}

function levelOf(
  { similarity, risk, history }: AutonomyFacts,
  { clean, wouldAutoApprove, shadow }: { readonly clean: number; readonly wouldAutoApprove: boolean; readonly shadow: boolean },
): AutonomyLevel {
  if (wouldAutoApprove) return shadow ? 'propose' : 'auto-approve';
  if (!(similarity >= 0.5) || !risk || risk.level === 'critical') return 'observe';
  if (clean >= PROPOSE_FROM) return 'propose';
  return history.length > 0 ? 'suggest' : 'observe';
}

function explain(
  { team, kind, history }: AutonomyFacts,
  told: {
    readonly promise: TrustPromise;
    readonly clean: number;
    readonly failureBound: number;
    readonly obstacles: readonly string[];
    readonly level: AutonomyLevel;
  },
): string {
  const { promise, clean, failureBound, obstacles, level } = told;
  const record = `${team} has seen ${history.length} changes of the kind ${kind}; the last ${clean} in a row succeeded as proposed, so with 99 % certainty at most ${percent(failureBound)} of them fail.`;
  if (obstacles.length > 0) return `${record} Level ${level}: not approved automatically, since ${obstacles.join('; ')}.`;
  if (promise.shadow)
    return `${record} Level ${level}: it would be approved automatically (promised are ${percent(promise.maxFailureRate)} failures), but this is shadow mode and a person decides.`;
  return `${record} Level ${level}: this keeps the promise of at most ${percent(promise.maxFailureRate)} failures.`;
}

/** What shadow mode would have done, beside what people did. */
export interface ShadowComparison {
  /** Changes that would have been approved automatically. */
  readonly wouldHave: number;
  /** Of those, the ones a person approved as they were. */
  readonly agreed: number;
  /** Of those, the ones that failed, or that a person edited or rejected. */
  readonly wrong: number;
}

/** Compares shadow decisions with what happened. Pure. */
export function compareWithPeople(cases: readonly { readonly wouldAutoApprove: boolean; readonly change: PastChange }[]): ShadowComparison {
  const would = cases.filter(({ wouldAutoApprove }) => wouldAutoApprove).map(({ change }) => change);
  const isWrong = ({ decision, succeeded }: PastChange) => succeeded === false || decision === 'edited' || decision === 'rejected';
  return {
    wouldHave: would.length,
    agreed: would.filter(({ decision }) => decision === 'approved').length,
    wrong: would.filter(isWrong).length,
  };
}

function percent(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}
