import { z } from 'zod';
import type { ExpectedAnswer, SubjectRef } from '../scenario/scenario.ts';

/** A contestant as it stands in the manifest of a run. */
export interface ManifestTool {
  readonly name: string;
  readonly version: string;
  readonly kind: 'own' | 'peer' | 'baseline';
  /** Why it was not run and how to add it; undefined when it ran. */
  readonly notRun?: { readonly reason: string; readonly howToAdd: string } | undefined;
}

/** A scenario as it stands in the manifest of a run, with what judges hold against the answers. */
export interface ManifestScenario {
  readonly name: string;
  readonly title: string;
  /** SHA-256 over objects, logs, metrics and expected answer. */
  readonly digest: string;
  readonly expected: Pick<ExpectedAnswer, 'healthy' | 'rootCauses'>;
}

/** The first line of a run: everything needed to repeat it. */
export interface RunManifest {
  readonly type: 'run';
  readonly schema: 'tier0.trials/v1';
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seed: number;
  readonly repeats: number;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGb: number;
    readonly node: string;
    readonly platform: string;
  };
  readonly tools: readonly ManifestTool[];
  readonly scenarios: readonly ManifestScenario[];
}

/** A root cause as answered, and the object that it is counted for. */
export interface CountedRootCause {
  readonly cause?: string | undefined;
  /** As the tool named it. */
  readonly subject: SubjectRef;
  /** The workload that owns the subject, or the subject itself. */
  readonly countedAs: SubjectRef;
  readonly text: string;
  readonly confidence?: number | undefined;
}

/** The judgement of one answer. */
export interface TrialScore {
  /** The set of (cause, subject) equals the truth; for a healthy cluster: nothing was reported. */
  readonly exact: boolean;
  /** 0 when a true cause is missing, else the share of reported root causes that are true (rule of ITBench-AA). */
  readonly points: number;
  /** Every true place was named, whatever cause was given. */
  readonly placeNamed: boolean;
  /** Something was reported in a healthy cluster. */
  readonly falseAlarm: boolean;
}

/** What the tool asked of the cluster's API, from the cluster's own log. */
export interface RequestCounts {
  readonly reads: number;
  readonly writes: number;
  readonly secretReads: number;
  readonly bytes: number;
}

/** One tool, one scenario, once. */
export interface TrialRecord {
  readonly type: 'trial';
  readonly sequence: number;
  readonly tool: string;
  readonly scenario: string;
  /** 1, 2, ... */
  readonly repeat: number;
  /** Why there is no answer; a failed trial counts as a wrong answer. */
  readonly error?: string | undefined;
  readonly rootCauses: readonly CountedRootCause[];
  readonly findings: number;
  readonly unknowns: readonly string[];
  /** The answer as it came, at most 32 kB. */
  readonly raw: string;
  readonly score: TrialScore;
  readonly requests: RequestCounts;
  readonly wallMs: number;
  /** CPU of this process and of programs it ran and waited for, the embedded API included. */
  readonly cpuMs: number;
}

/** The last line of a run. */
export interface RunEnd {
  readonly type: 'end';
  readonly trials: number;
  readonly aborted: boolean;
}

const SubjectSchema = z.strictObject({ kind: z.string(), namespace: z.string().optional(), name: z.string() });
const ExpectedRootCauseSchema = z.strictObject({
  cause: z.string(),
  subject: SubjectSchema,
  alsoAccept: z.array(SubjectSchema).optional(),
  alsoAcceptCauses: z.array(z.string()).optional(),
  path: z.array(SubjectSchema).optional(),
});

export const RunManifestSchema: z.ZodType<RunManifest> = z.strictObject({
  type: z.literal('run'),
  schema: z.literal('tier0.trials/v1'),
  startedAt: z.iso.datetime(),
  seed: z.number().int(),
  repeats: z.number().int().min(1),
  machine: z.strictObject({ cpu: z.string(), cores: z.number(), memoryGb: z.number(), node: z.string(), platform: z.string() }),
  tools: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      kind: z.enum(['own', 'peer', 'baseline']),
      notRun: z.strictObject({ reason: z.string(), howToAdd: z.string() }).optional(),
    }),
  ),
  scenarios: z.array(
    z.strictObject({
      name: z.string(),
      title: z.string(),
      digest: z.string(),
      expected: z.strictObject({ healthy: z.boolean(), rootCauses: z.array(ExpectedRootCauseSchema) }),
    }),
  ),
});

export const TrialRecordSchema: z.ZodType<TrialRecord> = z.strictObject({
  type: z.literal('trial'),
  sequence: z.number().int(),
  tool: z.string(),
  scenario: z.string(),
  repeat: z.number().int(),
  error: z.string().optional(),
  rootCauses: z.array(
    z.strictObject({
      cause: z.string().optional(),
      subject: SubjectSchema,
      countedAs: SubjectSchema,
      text: z.string(),
      confidence: z.number().optional(),
    }),
  ),
  findings: z.number(),
  unknowns: z.array(z.string()),
  raw: z.string(),
  score: z.strictObject({ exact: z.boolean(), points: z.number(), placeNamed: z.boolean(), falseAlarm: z.boolean() }),
  requests: z.strictObject({ reads: z.number(), writes: z.number(), secretReads: z.number(), bytes: z.number() }),
  wallMs: z.number(),
  cpuMs: z.number(),
});

export const RunEndSchema: z.ZodType<RunEnd> = z.strictObject({
  type: z.literal('end'),
  trials: z.number().int(),
  aborted: z.boolean(),
});
