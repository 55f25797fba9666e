import { z } from 'zod';

/** A Kubernetes object as kubectl prints it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

/** `meta.json` of a scenario folder. */
export interface ScenarioMeta {
  readonly schema: 'tier0.scenario/v1';
  readonly title: string;
  /** The moment the recording was taken; the frozen or starting clock. ISO 8601, UTC. */
  readonly now: string;
  /** Kubernetes version to report, e.g. `v1.33.1`. */
  readonly serverVersion: string;
  /** Name of the cluster in item ids. */
  readonly cluster: string;
  /** Folder of `repo/` that is synced into the cluster. */
  readonly syncPath: string;
  /** Account of the scripted person who reviews pull requests. */
  readonly approver: string;
  /** How much faster than real time the clock runs when the scenario is played live. */
  readonly clockSpeed: number;
  /** Real milliseconds between two samples of resident memory. */
  readonly sampleEveryMs: number;
  /** Program to run for containers of an image (without tag), relative to the folder. Images without one are simulated. */
  readonly programs: Readonly<Record<string, string>>;
  /** Images that no registry has. */
  readonly missingImages: readonly string[];
  /** `written`: made by hand or by a generator. `recorded`: taken from a cluster that lived. Default `written`. */
  readonly origin?: 'written' | 'recorded' | undefined;
}

export const ScenarioMetaSchema: z.ZodType<ScenarioMeta> = z.strictObject({
  schema: z.literal('tier0.scenario/v1'),
  title: z.string().min(1),
  now: z.iso.datetime(),
  serverVersion: z.string(),
  cluster: z.string().regex(/^[\w.-]+$/),
  syncPath: z.string().default('clusters/production'),
  approver: z.string().min(1).default('nobody'),
  clockSpeed: z.number().min(1).max(3600).default(60),
  sampleEveryMs: z.number().int().min(20).max(60_000).default(200),
  programs: z.record(z.string(), z.string()).default({}),
  missingImages: z.array(z.string()).default([]),
  origin: z.enum(['written', 'recorded']).optional(),
});

/** One recorded series of `metrics.json`. */
export interface RecordedSeries {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `[milliseconds since the epoch, value]`. */
  readonly points: readonly (readonly [number, number])[];
}

export const RecordedSeriesSchema: z.ZodType<RecordedSeries> = z.strictObject({
  metric: z.string(),
  labels: z.record(z.string(), z.string()),
  points: z.array(z.tuple([z.number(), z.number()])),
});

/** A Kubernetes object by kind, namespace and name. */
export interface SubjectRef {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** One true root cause, with other subjects that count as right too. */
export interface ExpectedRootCause {
  readonly cause: string;
  readonly subject: SubjectRef;
  readonly alsoAccept?: readonly SubjectRef[] | undefined;
  /** Other words of the vocabulary that name the same fault just as well. Rare. */
  readonly alsoAcceptCauses?: readonly string[] | undefined;
  /** Objects that the way from the cause to the symptom leads through, in this order; others may stand between them. */
  readonly path?: readonly SubjectRef[] | undefined;
  /**
   * Regular expressions, case ignored. Where they are given, a tool names the cause in its own words: one of them must match what it said of an accepted
   * object, and the word of the vocabulary is there for people only. A name of an accepted object may then end in `*`.
   */
  readonly telling?: readonly string[] | undefined;
}

/** One condition on an object of the repaired snapshot. Exactly one of the tests is given. */
export interface FixPredicate {
  readonly object: SubjectRef;
  /** Field path as `tier0 edit` takes it: `spec.template.spec.containers[name=web].image`. Empty: the object as a whole. */
  readonly path: string;
  /** The field has this value. */
  readonly equals?: unknown;
  /** The field has one of these values. */
  readonly oneOf?: readonly unknown[] | undefined;
  /** True: the field (or the object) is there. False: it is not. */
  readonly exists?: boolean | undefined;
  /** The field, a number or a Kubernetes quantity, is at least this. */
  readonly atLeast?: string | number | undefined;
  /** The field, a number or a Kubernetes quantity, is at most this. */
  readonly atMost?: string | number | undefined;
}

/** A way to repair the incident: all of its predicates hold. */
export interface AcceptableFix {
  readonly all: readonly FixPredicate[];
}

/** `expected.yaml`: what a good answer says. Read by judges, never by a tool under test. */
export interface ExpectedAnswer {
  readonly healthy: boolean;
  readonly rootCauses: readonly ExpectedRootCause[];
  /** Objects that are not at fault, though they look it: naming one as the subject of a root cause is a false accusation. */
  readonly forbidden?: readonly SubjectRef[] | undefined;
  /** Ways to repair it; any one will do. Absent: no edit of an object can, people must act. */
  readonly fixes?: readonly AcceptableFix[] | undefined;
  readonly live?:
    | { readonly status: string; readonly edits?: readonly { readonly file: string; readonly path: string }[] | undefined }
    | undefined;
}

const SubjectSchema = z.strictObject({ kind: z.string(), namespace: z.string().optional(), name: z.string() });

/** One true root cause, as `expected.yaml` and the manifest of a run hold it. */
export const ExpectedRootCauseSchema: z.ZodType<ExpectedRootCause> = z.strictObject({
  cause: z.string(),
  subject: SubjectSchema,
  alsoAccept: z.array(SubjectSchema).optional(),
  alsoAcceptCauses: z.array(z.string()).optional(),
  path: z.array(SubjectSchema).optional(),
  telling: z
    .array(z.string().refine(isPattern, { error: 'is no regular expression' }))
    .min(1)
    .optional(),
});

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'i') instanceof RegExp;
  } catch {
    return false;
  }
}

const FixPredicateSchema: z.ZodType<FixPredicate> = z
  .strictObject({
    object: SubjectSchema,
    path: z.string().default(''),
    equals: z.unknown().optional(),
    oneOf: z.array(z.unknown()).optional(),
    exists: z.boolean().optional(),
    atLeast: z.union([z.string(), z.number()]).optional(),
    atMost: z.union([z.string(), z.number()]).optional(),
  })
  .refine((predicate) => Object.keys(predicate).length === 3, { error: 'give exactly one of equals, oneOf, exists, atLeast, atMost' });

export const ExpectedAnswerSchema: z.ZodType<ExpectedAnswer> = z.strictObject({
  healthy: z.boolean(),
  rootCauses: z.array(ExpectedRootCauseSchema),
  forbidden: z.array(SubjectSchema).optional(),
  fixes: z.array(z.strictObject({ all: z.array(FixPredicateSchema).min(1) })).optional(),
  live: z
    .strictObject({ status: z.string(), edits: z.array(z.strictObject({ file: z.string(), path: z.string() })).optional() })
    .optional(),
});

/** An incident as a folder: a cluster, a repository, recordings, and what a good answer says. */
export interface Scenario {
  /** Folder name. */
  readonly name: string;
  /** Absolute path. */
  readonly directory: string;
  readonly meta: ScenarioMeta;
  readonly objects: readonly KubernetesObject[];
  /** Recorded log by `<namespace>/<pod>/<container>`, with `.previous` appended for the crashed instance. */
  readonly logs: ReadonlyMap<string, string>;
  readonly metrics: readonly RecordedSeries[];
  readonly expected: ExpectedAnswer;
  /** Absolute path of the repository's files; undefined when the scenario has none. */
  readonly repository?: string | undefined;
}
