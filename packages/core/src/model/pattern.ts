import { z } from 'zod';
import { type Cause, CauseSchema } from './cause.ts';
import { exactly } from './exactly.ts';

/** What an incident looked like, without the names it happened to. */
export interface IncidentShape {
  /** Rule codes that fired on the way from the cause to the symptom. */
  readonly codes: readonly string[];
  /** Kinds from the cause to the symptom, e.g. `ConfigMap > Deployment > Service`. */
  readonly path: readonly string[];
  /** What logs, events and checks said, with `<*>` where names and values stood. */
  readonly templates: readonly string[];
  /** Course of the metric that told of it, e.g. `rising`, `step`. */
  readonly metric?: string | undefined;
}

/** When a pattern applies. All given parts must hold. */
export interface PatternSignature {
  readonly cause: Cause;
  /** Software the pattern is about, as in the `tier0.dev/framework` label or the image name; absent: any. */
  readonly software?: string | undefined;
  /** Versions it applies to: comparators joined by spaces, e.g. `>=3.2.0 <3.2.9`. Absent: any. */
  readonly versions?: string | undefined;
  /** Words that describe the symptom, for ranking. */
  readonly keywords: readonly string[];
  /** By which another occurrence is recognised, whatever it happened to. */
  readonly shape?: IncidentShape | undefined;
}

/** One time the pattern's remedy was applied. */
export interface PatternOccurrence {
  readonly incident: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly succeeded: boolean;
  /** Version of the signature's software at that time. */
  readonly version?: string | undefined;
  /** What a reviewer did with the proposal; absent: took it as it was. */
  readonly review?: 'edited' | 'rejected' | undefined;
}

/** A cause and remedy with its track record (ITIL known error and workaround). */
export interface Pattern {
  readonly id: string;
  readonly title: string;
  readonly signature: PatternSignature;
  /** `Remedy.id` of the workaround it recommends. */
  readonly remedy: string;
  /** The workaround's numbers, e.g. `{ limitFactor: 2 }`. */
  readonly parameters: Readonly<Record<string, number>>;
  /** The lasting fix, for the follow-up. */
  readonly fix: string;
  /** Where the knowledge comes from: a URL or document name. */
  readonly reference?: string | undefined;
  /** Newest last. */
  readonly occurrences: readonly PatternOccurrence[];
}

export const PatternSchema: z.ZodType<Pattern> = exactly<Pattern>()(
  z.strictObject({
    id: z.string().min(1),
    title: z.string().min(1),
    signature: z.strictObject({
      cause: CauseSchema,
      software: z.string().optional(),
      versions: z.string().optional(),
      keywords: z.array(z.string()),
      shape: z
        .strictObject({
          codes: z.array(z.string()),
          path: z.array(z.string()),
          templates: z.array(z.string()),
          metric: z.string().optional(),
        })
        .optional(),
    }),
    remedy: z.string().min(1),
    parameters: z.record(z.string(), z.number()),
    fix: z.string(),
    reference: z.string().optional(),
    occurrences: z.array(
      z.strictObject({
        incident: z.string().min(1),
        at: z.iso.datetime(),
        succeeded: z.boolean(),
        version: z.string().optional(),
        review: z.enum(['edited', 'rejected']).optional(),
      }),
    ),
  }),
);

/** How often the remedy worked and did not. */
export function trackRecord(pattern: Pattern): { readonly successes: number; readonly failures: number } {
  const successes = pattern.occurrences.filter((occurrence) => occurrence.succeeded).length;
  return { successes, failures: pattern.occurrences.length - successes };
}

/** How often in a row, up to now, the remedy worked as it was proposed. */
export function cleanRun({ occurrences }: Pattern): number {
  const wrong = occurrences.findLastIndex(({ succeeded, review }) => !succeeded || review !== undefined);
  return occurrences.length - 1 - wrong;
}
