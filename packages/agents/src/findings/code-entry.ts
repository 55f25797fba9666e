import type { Cause, Severity } from '@tier0/core';

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
}

/** Codes and what they mean. A code is never given another meaning. */
export type CodeTable = Readonly<Record<string, CodeEntry>>;
