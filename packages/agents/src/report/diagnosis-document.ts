import {
  type Cause,
  CauseSchema,
  exactly,
  type Gap,
  GapSchema,
  type JsonValue,
  JsonValueSchema,
  type RehearsalResult,
  type Severity,
  SeveritySchema,
} from '@tier0/core';
import { z } from 'zod';

/** A Kubernetes object as a reader of the report names it. */
export interface SubjectReference {
  readonly kind: string;
  /** API group, where another kind is at home in the name: `crd.projectcalico.org` for a NetworkPolicy of Calico. */
  readonly group?: string | undefined;
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string | undefined;
  readonly name: string;
  /** Absent for an object that does not exist or was recorded without one. */
  readonly uid?: string | undefined;
}

/** An observation that can be made again. */
export interface EvidenceEntry {
  readonly source: string;
  /** What was asked: an item and a field, or a command. */
  readonly query: string;
  /** What came back, redacted, at most 4 KiB. */
  readonly excerpt: string;
}

/** One finding of the report. */
export interface FindingEntry {
  /** Rule code, `T0-<KIND>-<NNN>`. */
  readonly code: string;
  readonly severity: Severity;
  readonly cause: Cause;
  readonly subject: SubjectReference;
  readonly container?: string | undefined;
  readonly message: string;
  /** Since when, as far as the snapshot tells. ISO 8601, UTC. */
  readonly since?: string | undefined;
  /** The same for the same trouble, whatever its pods are called. */
  readonly fingerprint: string;
  readonly evidence: readonly EvidenceEntry[];
  /** Fingerprints of the findings that cause this one. */
  readonly explainedBy: readonly string[];
}

/** A wanted field of an object. */
export interface EditEntry {
  readonly item: SubjectReference;
  /** As `tier0 edit` takes it: `spec.template.spec.containers[name=web].image`. */
  readonly path: string;
  /** Value the field must still have; absent: it must not be there. */
  readonly expectOld?: JsonValue | undefined;
  /**
   * Present where `expectOld` or `value` are not the values themselves but their lengths and digests (`[withheld: ...]`), since they may be
   * secret: such an edit must not be written as it stands here.
   */
  readonly withheld?: true | undefined;
  /** Value it shall have; absent: it shall be removed. */
  readonly value?: JsonValue | undefined;
}

/** What can be done about a root cause. */
export interface RemedyEntry {
  readonly id: string;
  readonly kind: 'edit' | 'revert' | 'hand-over';
  readonly title: string;
  readonly why: string;
  readonly edits: readonly EditEntry[];
  readonly precondition: string;
  readonly risk: 'low' | 'medium' | 'high';
  readonly verify: string;
  readonly rollback: string;
  /** How the edits did on a copy of the snapshot; absent for a hand-over. */
  readonly rehearsal?: RehearsalResult | undefined;
  /** What would still be wrong after it, if anything. */
  readonly remains?: string | undefined;
}

/** Whom a root cause hits. */
export interface ImpactEntry {
  /** Items that the failure can reach. */
  readonly items: number;
  /** True when the walk stopped at its bound: there are more. */
  readonly truncated: boolean;
  /** Services, Ingresses, routes and workloads among them, nearest first, at most 20. */
  readonly reaches: readonly SubjectReference[];
}

/** One root cause of the report. */
export interface RootCauseEntry {
  readonly cause: Cause;
  readonly code: string;
  readonly subject: SubjectReference;
  readonly container?: string | undefined;
  readonly message: string;
  readonly since?: string | undefined;
  /** 0 to 1. */
  readonly confidence: number;
  /** What the confidence rests on. */
  readonly basis: string;
  /** Fingerprint of the finding it is. */
  readonly finding: string;
  /** Objects from the cause to the symptom that users meet. */
  readonly path: readonly SubjectReference[];
  /** Fingerprints of the findings it explains, nearest first. */
  readonly symptoms: readonly string[];
  readonly impact: ImpactEntry;
  /** Item id of the team that answers for it, where the catalog says. */
  readonly owner?: string | undefined;
  readonly remedies: readonly RemedyEntry[];
}

/** What is broken in a cluster, since when, why, who is hit, and what would fix it. Schema `tier0.diagnosis/v1`. */
export interface DiagnosisDocument {
  readonly schema: 'tier0.diagnosis/v1';
  /** The moment the answer is true for: that of the snapshot. ISO 8601, UTC. */
  readonly takenAt: string;
  /** Sorted by subject and code. */
  readonly findings: readonly FindingEntry[];
  /** Most certain first. Empty: nothing is at fault, as far as could be seen. */
  readonly rootCauses: readonly RootCauseEntry[];
  /** What could not be looked at, and why: one sentence each. */
  readonly unknowns: readonly string[];
  /** The same as data, in the same order: who could not look, at what, and why not. Absent in documents from before it was told. */
  readonly gaps?: readonly Gap[] | undefined;
}

const SubjectReferenceSchema: z.ZodType<SubjectReference> = exactly<SubjectReference>()(
  z.strictObject({
    kind: z.string(),
    group: z.string().optional(),
    namespace: z.string().optional(),
    name: z.string(),
    uid: z.string().optional(),
  }),
);

const FindingEntrySchema: z.ZodType<FindingEntry> = exactly<FindingEntry>()(
  z.strictObject({
    code: z.string().regex(/^T0-[A-Z]+-\d{3}$/),
    severity: SeveritySchema,
    cause: CauseSchema,
    subject: SubjectReferenceSchema,
    container: z.string().optional(),
    message: z.string().min(1),
    since: z.iso.datetime().optional(),
    fingerprint: z.string().min(1),
    evidence: z.array(z.strictObject({ source: z.string(), query: z.string(), excerpt: z.string() })),
    explainedBy: z.array(z.string()),
  }),
);

const RemedyEntrySchema: z.ZodType<RemedyEntry> = exactly<RemedyEntry>()(
  z.strictObject({
    id: z.string().min(1),
    kind: z.enum(['edit', 'revert', 'hand-over']),
    title: z.string().min(1),
    why: z.string(),
    edits: z.array(
      z.strictObject({
        item: SubjectReferenceSchema,
        path: z.string(),
        expectOld: JsonValueSchema.optional(),
        withheld: z.literal(true).optional(),
        value: JsonValueSchema.optional(),
      }),
    ),
    precondition: z.string(),
    risk: z.enum(['low', 'medium', 'high']),
    verify: z.string(),
    rollback: z.string(),
    rehearsal: z
      .strictObject({
        verdict: z.enum(['cured', 'not-cured', 'cannot-be-known']),
        reason: z.string(),
        passed: z.boolean(),
        notes: z.array(z.string()),
      })
      .optional(),
    remains: z.string().optional(),
  }),
);

const RootCauseEntrySchema: z.ZodType<RootCauseEntry> = exactly<RootCauseEntry>()(
  z.strictObject({
    cause: CauseSchema,
    code: z.string(),
    subject: SubjectReferenceSchema,
    container: z.string().optional(),
    message: z.string().min(1),
    since: z.iso.datetime().optional(),
    confidence: z.number().min(0).max(1),
    basis: z.string(),
    finding: z.string(),
    path: z.array(SubjectReferenceSchema),
    symptoms: z.array(z.string()),
    impact: z.strictObject({ items: z.number().int().min(0), truncated: z.boolean(), reaches: z.array(SubjectReferenceSchema) }),
    owner: z.string().optional(),
    remedies: z.array(RemedyEntrySchema),
  }),
);

export const DiagnosisDocumentSchema: z.ZodType<DiagnosisDocument> = exactly<DiagnosisDocument>()(
  z.strictObject({
    schema: z.literal('tier0.diagnosis/v1'),
    takenAt: z.iso.datetime(),
    findings: z.array(FindingEntrySchema),
    rootCauses: z.array(RootCauseEntrySchema),
    unknowns: z.array(z.string()),
    gaps: z.array(GapSchema).optional(),
  }),
);

/** The schema as JSON Schema (draft 2020-12), for those who do not use zod. */
export function diagnosisJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    $id: 'urn:tier0:schema:diagnosis:v1',
    title: 'tier0.diagnosis/v1',
    ...z.toJSONSchema(DiagnosisDocumentSchema),
  };
}
