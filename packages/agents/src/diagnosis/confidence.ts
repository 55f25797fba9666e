import type { Finding } from '@tier0/core';

/** How sure a root cause is, and what that rests on. */
export interface Confidence {
  /** 0 to 1. */
  readonly value: number;
  readonly basis: string;
}

/** What is known about a root cause besides its finding. */
export interface Circumstances {
  /** Something changed on the subject, or next to it, shortly before. */
  readonly hasChange: boolean;
  /** How many findings it explains. */
  readonly symptoms: number;
}

/** Confidence of a rule that quotes the fault itself, of one that saw a symptom with a cause of its own, and of a bare symptom. */
const STATED = 0.85;
const OBSERVED = 0.6;
const SYMPTOM_ONLY = 0.3;
const CHANGE_BONUS = 0.1;
const SYMPTOM_BONUS = 0.04;
/** Nobody is ever certain from one snapshot. */
const CEILING = 0.99;

/**
 * A judgement in three steps, raised when a change came before it and when it explains what else is wrong. How well it is calibrated is
 * measured (`pnpm bench diagnose`), not assumed.
 */
export function confidenceOf(finding: Finding, { hasChange, symptoms }: Circumstances): Confidence {
  const isBare = finding.cause === 'needs-investigation' || finding.cause === 'dependency-down';
  const base = isBare ? SYMPTOM_ONLY : finding.depth === 0 ? STATED : OBSERVED;
  const value = Math.min(CEILING, base + (hasChange ? CHANGE_BONUS : 0) + (symptoms > 0 ? SYMPTOM_BONUS : 0));
  const parts = [
    isBare ? `only a symptom is seen (rule ${finding.code})` : `rule ${finding.code}`,
    ...(hasChange ? ['a change in time order'] : []),
    ...(symptoms > 0 ? [`it explains ${symptoms} further ${symptoms === 1 ? 'finding' : 'findings'}`] : []),
  ];
  return { value: Number(value.toFixed(2)), basis: parts.join(', ') };
}
