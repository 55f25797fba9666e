import type { Evidence, FindingFacts, Severity } from '@tier0/core';

/** What a rule tells: a finding before the code table has given it a cause, a severity and a fingerprint. */
export interface FindingDraft<Code extends string = string> {
  readonly code: Code;
  /** Item id of the place where a change would fix it: the workload rather than one of its pods. */
  readonly subject: string;
  readonly container?: string | undefined;
  /** What tells this finding from another of the same code on the same subject, e.g. the image. */
  readonly key?: string | undefined;
  /** The sentence, where the code has none of its own. */
  readonly message?: string | undefined;
  /** What the code's own sentence is made of. */
  readonly facts?: FindingFacts | undefined;
  /** Puts the code's own sentence into what stands around it, e.g. the name of the workload. Default: as it is. */
  readonly frame?: ((sentence: string) => string) | undefined;
  /** Milliseconds since the epoch. */
  readonly sinceMs?: number | undefined;
  readonly evidence: readonly Evidence[];
  /** Item ids that the evidence names as where the trouble comes from; see `Finding.suspects`. They need not exist. */
  readonly suspects?: readonly string[] | undefined;
  /** Item ids that it was observed on where the subject is another; see `Finding.seenOn`. */
  readonly seenOn?: readonly string[] | undefined;
  /** Default: the severity of the code's entry. For what is a fault in one case and only degraded in another. */
  readonly severity?: Severity | undefined;
}
