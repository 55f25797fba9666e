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
}

export const ScenarioMetaSchema: z.ZodType<ScenarioMeta> = z.strictObject({
  schema: z.literal('tier0.scenario/v1'),
  title: z.string().min(1),
  now: z.iso.datetime(),
  serverVersion: z.string(),
  cluster: z.string().regex(/^[\w.-]+$/),
  syncPath: z.string(),
  approver: z.string().min(1),
  clockSpeed: z.number().min(1).max(3600),
  sampleEveryMs: z.number().int().min(20).max(60_000),
  programs: z.record(z.string(), z.string()),
  missingImages: z.array(z.string()),
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
}

/** `expected.yaml`: what a good answer says. Read by judges, never by a tool under test. */
export interface ExpectedAnswer {
  readonly healthy: boolean;
  readonly rootCauses: readonly ExpectedRootCause[];
  readonly live?:
    | { readonly status: string; readonly edits?: readonly { readonly file: string; readonly path: string }[] | undefined }
    | undefined;
}

const SubjectSchema = z.strictObject({ kind: z.string(), namespace: z.string().optional(), name: z.string() });

export const ExpectedAnswerSchema: z.ZodType<ExpectedAnswer> = z.strictObject({
  healthy: z.boolean(),
  rootCauses: z.array(z.strictObject({ cause: z.string(), subject: SubjectSchema, alsoAccept: z.array(SubjectSchema).optional() })),
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
