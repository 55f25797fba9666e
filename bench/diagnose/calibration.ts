/** One named root cause, and whether it was true. */
export interface Judged {
  /** Confidence that was stated, 0 to 1. */
  readonly confidence: number;
  /** Scenario it was named in. */
  readonly scenario: string;
  readonly isTrue: boolean;
}

/** How far stated confidence can be believed. */
export interface Calibration {
  readonly n: number;
  /** Mean squared distance between confidence and truth (G. W. Brier, Monthly Weather Review 78, 1950). 0 is perfect. */
  readonly brier: number;
  /** The same for confidences that were learned from the other scenarios only: what a table of hit rates would reach. */
  readonly leaveOneOutBrier: number;
  /** Expected calibration error over bins of a tenth: mean distance between stated and met, weighted by size. */
  readonly error: number;
}

/** Compares stated confidences with what turned out, and with hit rates learned leaving each scenario out in turn. */
export function calibrate(judged: readonly Judged[]): Calibration {
  const n = judged.length;
  if (n === 0) return { n, brier: 0, leaveOneOutBrier: 0, error: 0 };
  const outcome = ({ isTrue }: Judged) => (isTrue ? 1 : 0);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const learned = (one: Judged) => {
    const others = judged.filter((other) => other.scenario !== one.scenario && binOf(other) === binOf(one));
    // One success and one failure are added (Laplace): a bin nobody else is in says nothing.
    return (others.filter((other) => other.isTrue).length + 1) / (others.length + 2);
  };
  const bins = Map.groupBy(judged, binOf);
  return {
    n,
    brier: mean(judged.map((one) => (one.confidence - outcome(one)) ** 2)),
    leaveOneOutBrier: mean(judged.map((one) => (learned(one) - outcome(one)) ** 2)),
    error: [...bins.values()].reduce(
      (sum, bin) => sum + (bin.length / n) * Math.abs(mean(bin.map((one) => one.confidence)) - mean(bin.map(outcome))),
      0,
    ),
  };
}

function binOf({ confidence }: Judged): number {
  return Math.min(9, Math.floor(confidence * 10));
}
