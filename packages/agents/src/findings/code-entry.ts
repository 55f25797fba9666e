import type { Cause, Finding, FindingFacts, Severity } from '@tier0/core';
import type { z } from 'zod';

/**
 * How deep in the chain of causes a finding stands: what was written (0), what a container does (1), what a workload does (2),
 * what a Service does (3). On one subject the lower explains the higher.
 */
export type Depth = 0 | 1 | 2 | 3;

/** What one rule code means. */
export interface CodeEntry {
  readonly title: string;
  readonly severity: Severity;
  readonly cause: Cause;
  readonly depth: Depth;
  readonly meaning: string;
  readonly fix: string;
  /** What a finding of the code holds as data; the sentence is made of it. Absent: the rule writes the sentence itself. */
  readonly telling?: Telling | undefined;
}

/** The facts of a code and the sentence that says them. */
export interface Telling {
  readonly schema: z.ZodType<FindingFacts>;
  message(facts: FindingFacts): string;
}

/** Codes and what they mean. A code is never given another meaning. */
export type CodeTable = Readonly<Record<string, CodeEntry>>;

/** Facts of one shape: how they are checked and how they are said. */
export function telling<Facts extends FindingFacts>(schema: z.ZodType<Facts>, message: (facts: Facts) => string): Telling {
  return { schema: schema as unknown as z.ZodType<FindingFacts>, message: (facts) => message(facts as Facts) };
}

/** The facts of a finding when they are of the given shape; undefined for every other finding. */
export function factsOf<Facts>(finding: Finding, schema: z.ZodType<Facts>): Facts | undefined {
  if (finding.facts === undefined) return undefined;
  const parsed = schema.safeParse(finding.facts);
  return parsed.success ? parsed.data : undefined;
}
