import type {
  Alert,
  CallContext,
  CmdbReader,
  Detector,
  Evidence,
  EvidenceSource,
  Gap,
  PatternLibrary,
  Remedy,
  RootCause,
} from '@tier0/core';

/** What measurements are taken with. */
export interface SignalOptions {
  readonly evidence: readonly EvidenceSource[];
  readonly patterns: PatternLibrary;
  /** How far back metrics are read, milliseconds. Default 6 h. */
  readonly windowMs: number;
  /** Samples needed for a trend. Default 12. */
  readonly minimumSamples: number;
  /** How far ahead trouble is foreseen, milliseconds. Default 12 h. */
  readonly horizonMs: number;
}

/** What a signal tells of one of its alerts. */
export interface SignalExplanation {
  readonly rootCauses: readonly RootCause[];
  /** Every piece that the root causes cite. */
  readonly evidence: readonly Evidence[];
  readonly unknowns: readonly Gap[];
}

/** One observation of a trial: a note, and whether it lets the remedy pass. */
export interface SignalCheck {
  readonly ok: boolean;
  readonly note: string;
}

/** One look at whether a remedy helped: a judgement, or why there is none yet. */
export type SignalLook =
  | { readonly resolved: boolean; readonly reasons: readonly string[]; readonly evidence: readonly Evidence[] }
  | { readonly waiting: string };

/** What measurements foretell: how it is seen, what is behind it, what helps, and when that has helped. */
export interface Signal {
  /** Name of its folder. */
  readonly name: string;
  /** What raises the alerts of this signal. */
  detector(options: SignalOptions): Detector;
  /** Whether an alert is one of this signal's. */
  answersFor(alert: Alert): boolean;
  /** Finds the cause of an alert that it raised. */
  explain(
    question: { readonly alert: Alert; readonly reader: CmdbReader; readonly options: SignalOptions },
    context: CallContext,
  ): Promise<SignalExplanation>;
  /** Remedies for a root cause that this signal explained; none for others. */
  remedies(
    question: {
      readonly rootCause: RootCause;
      readonly evidence: readonly Evidence[];
      readonly reader: CmdbReader;
      readonly options: SignalOptions;
    },
    context: CallContext,
  ): Promise<readonly Remedy[]>;
  /** Whether a remedy's success is measured by this signal. */
  judges(remedy: Remedy): boolean;
  /** What measurements say of a remedy beforehand. */
  rehearse(
    question: { readonly remedy: Remedy; readonly reader: CmdbReader; readonly options: Partial<SignalOptions> },
    context: CallContext,
  ): Promise<readonly SignalCheck[]>;
  /** What measurements say of a remedy afterwards. */
  verify(
    question: { readonly remedy: Remedy; readonly liveAtMs: number; readonly reader: CmdbReader; readonly options: Partial<SignalOptions> },
    context: CallContext,
  ): Promise<SignalLook>;
}
