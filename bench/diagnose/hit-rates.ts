import { wilsonLowerBound } from '@tier0/core';

/** One named root cause and how it came out. */
export interface Named {
  readonly recording: string;
  /** Who made the recording. */
  readonly maker: string;
  readonly code: string;
  /** Kind of proof. */
  readonly proof: string;
  /** Confidence that was stated, 0 to 1. */
  readonly stated: number;
  readonly isTrue: boolean;
}

/** How often causes of one sort were right, beside what was stated of them. */
export interface HitRate {
  readonly name: string;
  readonly n: number;
  readonly right: number;
  /** Mean of the confidences that were stated. */
  readonly stated: number;
  /** Mean over them of what the other recordings would have made one expect. */
  readonly leaveOneOut: number;
  /** The same, where all recordings of the same maker are left out. */
  readonly leaveMakerOut: number;
  /** Wilson interval of the rate at 95 %. */
  readonly low: number;
  readonly high: number;
}

/** Hit rates by what `by` says, the most frequent first. */
export function hitRates(named: readonly Named[], by: (one: Named) => string): readonly HitRate[] {
  const groups = [...Map.groupBy(named, by)].sort(([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1));
  return groups.map(([name, own]) => rateOf(name, own));
}

function rateOf(name: string, own: readonly Named[]): HitRate {
  const right = own.filter(({ isTrue }) => isTrue).length;
  const mean = (of: (one: Named) => number) => own.reduce((sum, one) => sum + of(one), 0) / own.length;
  const without = (isLeft: (one: Named, other: Named) => boolean) => mean((one) => expected(own.filter((other) => !isLeft(one, other))));
  return {
    name,
    n: own.length,
    right,
    stated: mean(({ stated }) => stated),
    leaveOneOut: without((one, other) => one.recording === other.recording && one.maker === other.maker),
    leaveMakerOut: without((one, other) => one.maker === other.maker),
    low: wilsonLowerBound({ successes: right, failures: own.length - right }),
    high: 1 - wilsonLowerBound({ successes: own.length - right, failures: right }),
  };
}

/** One success and one failure are added (Laplace): where nobody else is, half is expected. */
function expected(others: readonly Named[]): number {
  return (others.filter(({ isTrue }) => isTrue).length + 1) / (others.length + 2);
}

/** Tenth of the stated confidence: `.7-.8`. */
export function binOf({ stated }: Named): string {
  const tenth = Math.min(9, Math.floor(stated * 10 + 1e-9));
  return `.${tenth}-${tenth === 9 ? '1' : `.${tenth + 1}`}`;
}

/** The rates as lines for people. */
export function hitRateTable(title: string, rates: readonly HitRate[]): string {
  const share = (value: number) => value.toFixed(2);
  const lines = rates.map(
    ({ name, n, right, stated, leaveOneOut, leaveMakerOut, low, high }) =>
      `${name.padEnd(28)} ${String(right).padStart(5)} of ${String(n).padEnd(5)} ${share(right / n)} [${share(low)}, ${share(high)}]  stated ${share(stated)}  leave one out ${share(leaveOneOut)}  leave maker out ${share(leaveMakerOut)}`,
  );
  return `${title}\n${lines.join('\n')}\n`;
}
