import { z } from 'zod';
import type { SubjectRef } from '../scenario/scenario.ts';
import type { AnsweredRootCause } from './tool-under-test.ts';

/** The truth about a recorded world, for tools that name objects and no causes: which objects count, and which words must be told of them. */
export interface WorldTruth {
  readonly faults: readonly {
    readonly subjects: readonly SubjectRef[];
    /** Regular expressions, case ignored; one of them must match what was said. */
    readonly telling: readonly string[];
  }[];
}

/** What a tool said about one cluster. */
export interface RecordedAnswer {
  /** What happened there, for people. */
  readonly title: string;
  /** Of the recording in this repository that it is about. */
  readonly digest?: string | undefined;
  /** Name of the recorded cluster that was looked at in the same moment, so that live tools can be put beside it. */
  readonly scenario?: string | undefined;
  /** Set for a world that is not in this repository. */
  readonly truth?: WorldTruth | undefined;
  readonly error?: string | undefined;
  readonly rootCauses: readonly AnsweredRootCause[];
  /** Remarks apart from accusations, e.g. about security. */
  readonly remarks?: number | undefined;
  readonly findings?: number | undefined;
  readonly unknowns?: readonly string[] | undefined;
  readonly raw?: string | undefined;
}

/** Answers of one tool, with when, where and by which command they were given. */
export interface Recording {
  readonly schema: 'tier0.recording/v1';
  readonly tool: { readonly id: string; readonly name: string; readonly version: string; readonly note?: string | undefined };
  readonly date: string;
  readonly machine: string;
  readonly command: string;
  /** Where the clusters came from. */
  readonly worlds: string;
  readonly entries: readonly RecordedAnswer[];
}

const SubjectSchema = z.strictObject({ kind: z.string(), namespace: z.string().optional(), name: z.string() });

export const RecordingSchema: z.ZodType<Recording> = z.strictObject({
  schema: z.literal('tier0.recording/v1'),
  tool: z.strictObject({ id: z.string().regex(/^[a-z0-9-]+$/), name: z.string(), version: z.string(), note: z.string().optional() }),
  date: z.string().min(4),
  machine: z.string().min(1),
  command: z.string().min(1),
  worlds: z.string(),
  entries: z.array(
    z.strictObject({
      title: z.string(),
      digest: z.string().optional(),
      scenario: z.string().optional(),
      truth: z
        .strictObject({ faults: z.array(z.strictObject({ subjects: z.array(SubjectSchema).min(1), telling: z.array(z.string()) })) })
        .optional(),
      error: z.string().optional(),
      rootCauses: z.array(
        z.strictObject({
          cause: z.string().optional(),
          subject: SubjectSchema,
          text: z.string(),
          confidence: z.number().optional(),
        }),
      ),
      remarks: z.number().int().optional(),
      findings: z.number().int().optional(),
      unknowns: z.array(z.string()).optional(),
      raw: z.string().optional(),
    }),
  ),
});
