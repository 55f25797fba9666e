/** How well stated confidence agrees with being right. */
export interface Calibration {
  /** Root causes that were stated with a confidence. */
  readonly stated: number;
  /** Mean squared distance between confidence and truth, 0 is best (G. W. Brier, Monthly Weather Review 78, 1950). */
  readonly brier: number;
  /** Equal fifths of the range of confidence; empty ones are left out. */
  readonly bins: readonly CalibrationBin[];
}

/** The claims whose confidence lies in one part of the range. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly meanConfidence: number;
  /** Share that was right. */
  readonly right: number;
}

const BINS = 5;

/** Undefined when no confidence was stated. */
export function calibrate(claims: readonly { readonly confidence: number; readonly isTrue: boolean }[]): Calibration | undefined {
  if (claims.length === 0) return undefined;
  const squared = claims.reduce((sum, { confidence, isTrue }) => sum + (confidence - (isTrue ? 1 : 0)) ** 2, 0);
  const bins = Array.from({ length: BINS }, (_, index) => {
    const inside = claims.filter(({ confidence }) => Math.min(BINS - 1, Math.floor(confidence * BINS)) === index);
    return binOf(inside, index);
  });
  return { stated: claims.length, brier: squared / claims.length, bins: bins.filter(({ count }) => count > 0) };
}

function binOf(inside: readonly { readonly confidence: number; readonly isTrue: boolean }[], index: number): CalibrationBin {
  const count = inside.length;
  return {
    from: index / BINS,
    to: (index + 1) / BINS,
    count,
    meanConfidence: inside.reduce((sum, { confidence }) => sum + confidence, 0) / Math.max(1, count),
    right: inside.filter(({ isTrue }) => isTrue).length / Math.max(1, count),
  };
}
