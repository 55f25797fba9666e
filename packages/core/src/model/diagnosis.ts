import { z } from 'zod';
import { type Cause, CauseSchema } from './cause.ts';
import { type Evidence, EvidenceSchema } from './evidence.ts';
import { exactly } from './exactly.ts';
import { type Finding, FindingSchema } from './finding.ts';
import { type Gap, GapOfRecordSchema } from './gap.ts';

/** One candidate for what is wrong, with what speaks for and against it. */
export interface RootCause {
  readonly cause: Cause;
  /** Item id of the place where a change would fix it. */
  readonly subject: string;
  /** Container of the subject, when the cause is inside one. */
  readonly container?: string | undefined;
  readonly message: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** What the confidence rests on, e.g. `track record 38 of 40` or `rule and change in time order`. */
  readonly basis: string;
  /** Item ids from the cause to the symptom. */
  readonly path: readonly string[];
  /** Evidence ids that speak for it. At least one. */
  readonly evidenceFor: readonly string[];
  /** Evidence ids that speak against it. */
  readonly evidenceAgainst: readonly string[];
  /** Id of the pattern that recognised it. */
  readonly pattern?: string | undefined;
  /** Fingerprint of the finding it rests on. */
  readonly finding?: string | undefined;
}

/** Ranked root causes with the evidence they cite. */
export interface Diagnosis {
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  /** Most likely first. Empty when nothing was found. */
  readonly rootCauses: readonly RootCause[];
  readonly findings: readonly Finding[];
  /** Every piece of evidence that `rootCauses` cite. */
  readonly evidence: readonly Evidence[];
  /** What could not be looked at, and why. */
  readonly unknowns: readonly Gap[];
  /** Words of a language model, when one was asked. Every claim cites evidence ids; it decides nothing. */
  readonly narrative?: { readonly model: string; readonly text: string; readonly cites: readonly string[] } | undefined;
}

export const RootCauseSchema: z.ZodType<RootCause> = exactly<RootCause>()(
  z.strictObject({
    cause: CauseSchema,
    subject: z.string().min(1),
    container: z.string().optional(),
    message: z.string().min(1),
    confidence: z.number().min(0).max(1),
    basis: z.string().min(1),
    path: z.array(z.string()),
    evidenceFor: z.array(z.string()).min(1),
    evidenceAgainst: z.array(z.string()),
    pattern: z.string().optional(),
    finding: z.string().optional(),
  }),
);

export const DiagnosisSchema: z.ZodType<Diagnosis> = exactly<Diagnosis>()(
  z.strictObject({
    takenAt: z.iso.datetime(),
    rootCauses: z.array(RootCauseSchema),
    findings: z.array(FindingSchema),
    evidence: z.array(EvidenceSchema),
    unknowns: z.array(GapOfRecordSchema),
    narrative: z.strictObject({ model: z.string(), text: z.string(), cites: z.array(z.string()) }).optional(),
  }),
);

/** Evidence ids that root causes cite but the diagnosis does not hold. Empty for a sound diagnosis. */
export function missingCitations(diagnosis: Diagnosis): readonly string[] {
  const known = new Set(diagnosis.evidence.map((evidence) => evidence.id));
  const cited = diagnosis.rootCauses.flatMap((rootCause) => [...rootCause.evidenceFor, ...rootCause.evidenceAgainst]);
  return [...new Set([...cited, ...(diagnosis.narrative?.cites ?? [])])].filter((id) => !known.has(id));
}
