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

/** What a root cause rests on. */
export type Proof = 'stated' | 'said' | 'seen' | 'bare';

interface Tally {
  readonly right: number;
  readonly of: number;
}

/**
 * How often each kind of proof named the right cause, by who made the recordings: the scenarios of this repository, then eight sets of incidents
 * of a live cluster and one of recordings after public reports, each counted at the first look of rules that had never been tried on it and
 * before anything was mended after it. Each maker counts alike, however many recordings it made; see `hitRate`.
 */
export const MEASURED: Readonly<Record<Proof, readonly Tally[]>> = {
  stated: [
    { right: 67, of: 67 },
    { right: 19, of: 20 },
    { right: 16, of: 18 },
    { right: 21, of: 24 },
    { right: 14, of: 22 },
    { right: 21, of: 25 },
    { right: 28, of: 32 },
    { right: 6, of: 11 },
    { right: 17, of: 24 },
    { right: 2, of: 6 },
  ],
  said: [
    { right: 19, of: 19 },
    { right: 5, of: 7 },
    { right: 13, of: 16 },
    { right: 12, of: 16 },
    { right: 19, of: 33 },
    { right: 14, of: 21 },
    { right: 20, of: 35 },
    { right: 14, of: 23 },
    { right: 16, of: 23 },
    { right: 15, of: 23 },
  ],
  seen: [
    { right: 7, of: 7 },
    { right: 1, of: 4 },
    { right: 1, of: 4 },
    { right: 1, of: 3 },
    { right: 4, of: 6 },
    { right: 1, of: 2 },
    { right: 1, of: 7 },
    { right: 5, of: 12 },
  ],
  // A symptom names no cause, and its right subject is half an answer at most.
  bare: [
    { right: 0, of: 1 },
    { right: 1, of: 2 },
    { right: 3, of: 5 },
    { right: 1, of: 3 },
    { right: 2, of: 5 },
    { right: 5, of: 11 },
    { right: 2, of: 6 },
    { right: 8, of: 16 },
    { right: 3, of: 13 },
    { right: 1, of: 1 },
  ],
};

/** Mean over the makers of (right + 1) / (of + 2), Laplace's rule of succession: few looks are never called certain. */
export function hitRate(proof: Proof): number {
  const rates = MEASURED[proof].map(({ right, of }) => (right + 1) / (of + 2));
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}

/** Shares of the doubt that is left which a change in time order, and further findings that are explained, take away. */
const CHANGE_SHARE = 0.25;
const SYMPTOM_SHARE = 0.1;
/** Nobody is certain from one snapshot. */
const CEILING = 0.95;
/** One line of a log, with nothing beside it, is one witness. */
const ONE_WITNESS = 0.7;

/** The measured hit rate of its kind of proof, raised by what supports it. How well it is calibrated is measured by `pnpm bench diagnose`. */
export function confidenceOf(finding: Finding, { hasChange, symptoms }: Circumstances): Confidence {
  const proof = proofOf(finding);
  const base = Math.min(CEILING, hitRate(proof));
  const raised = [hasChange ? CHANGE_SHARE : 0, symptoms > 0 ? SYMPTOM_SHARE : 0].reduce(
    (value, share) => value + (CEILING - value) * share,
    base,
  );
  const isAlone = proof === 'said' && !hasChange && !isTied(finding);
  const value = isAlone ? Math.min(ONE_WITNESS, raised) : raised;
  const parts = [
    proof === 'bare' ? `only a symptom is seen (rule ${finding.code})` : `rule ${finding.code}`,
    ...(isAlone ? ['the log alone says so'] : []),
    ...(hasChange ? ['a change in time order'] : []),
    ...(symptoms > 0 ? [`it explains ${symptoms} further ${symptoms === 1 ? 'finding' : 'findings'}`] : []),
  ];
  return { value: Number(value.toFixed(2)), basis: parts.join(', ') };
}

/** What a finding proves by: its own fields, the words of a program, what is merely seen, or a symptom alone. */
export function proofOf({
  cause,
  depth,
  evidence,
}: Pick<Finding, 'cause' | 'depth'> & { readonly evidence: readonly { readonly source: string }[] }): Proof {
  if (cause === 'needs-investigation' || cause === 'dependency-down') return 'bare';
  if (evidence.some(({ source }) => source === 'logs')) return 'said';
  return depth === 0 ? 'stated' : 'seen';
}

/** The words lead to another object than the one that spoke, or an object's own field was quoted beside them. */
function isTied({ subject, seenOn = [], evidence }: Finding): boolean {
  return (seenOn.length > 0 && !seenOn.includes(subject)) || evidence.some(({ source }) => source !== 'logs');
}
