import { z } from 'zod';
import { type Cause, CauseSchema } from './cause.ts';
import { type Evidence, EvidenceSchema } from './evidence.ts';
import { exactly } from './exactly.ts';
import { type JsonValue, JsonValueSchema } from './json-value.ts';
import { type Severity, SeveritySchema } from './severity.ts';

/** What a finding holds as data, by names that its code defines. */
export type FindingFacts = Readonly<Record<string, JsonValue | undefined>>;

/** A deterministic check matched an item (OCSF finding, SARIF result). */
export interface Finding {
  /** Rule code, `T0-<KIND>-<NNN>`. */
  readonly code: string;
  /** The root cause this finding would be if nothing explains it. */
  readonly cause: Cause;
  readonly severity: Severity;
  /**
   * How deep in the chain of causes it stands: what was written (0), what a container does (1), what a workload does (2), what a Service
   * does (3). On one subject the lower explains the higher.
   */
  readonly depth: 0 | 1 | 2 | 3;
  /** Item id. */
  readonly subject: string;
  /** Container of the subject, when the finding is about one. */
  readonly container?: string | undefined;
  readonly message: string;
  /** What the message says, as data: what a remedy reads. The code defines its shape. */
  readonly facts?: FindingFacts | undefined;
  /** Since when, as far as the snapshot tells. ISO 8601, UTC. */
  readonly since?: string | undefined;
  /** Code + owning workload + container + cause key: stable when pods are renamed. */
  readonly fingerprint: string;
  readonly evidence: readonly Evidence[];
  /**
   * Item ids that the evidence itself names as where the trouble comes from: the claim a pod waits for, the node it ran on, the Service
   * its log could not reach. A fault of one of them explains this finding.
   */
  readonly suspects?: readonly string[] | undefined;
  /**
   * Item ids that this was observed on where the subject is another: the workload whose log told of a role that lacks a verb. What else is
   * wrong with them is explained by this.
   */
  readonly seenOn?: readonly string[] | undefined;
  /** Fingerprints of the findings that cause this one. Empty for a root cause. */
  readonly explainedBy: readonly string[];
}

export const FindingSchema: z.ZodType<Finding> = exactly<Finding>()(
  z.strictObject({
    code: z.string().regex(/^T0-[A-Z]+-\d{3}$/),
    cause: CauseSchema,
    severity: SeveritySchema,
    depth: z.literal([0, 1, 2, 3]),
    subject: z.string().min(1),
    container: z.string().optional(),
    message: z.string().min(1),
    facts: z.record(z.string(), z.union([JsonValueSchema, z.undefined()])).optional(),
    since: z.iso.datetime().optional(),
    fingerprint: z.string().min(1),
    evidence: z.array(EvidenceSchema),
    suspects: z.array(z.string()).optional(),
    seenOn: z.array(z.string()).optional(),
    explainedBy: z.array(z.string()),
  }),
);
