/** A number with a fixed number of digits; a dash when there is none. */
export function numberText(value: number | undefined | null, digits = 0): string {
  return value === undefined || value === null || !Number.isFinite(value) ? '–' : value.toFixed(digits);
}

/** A share as whole per cent; a share that is not quite 0 or 1 never reads as if it were. */
export function percentText(share: number | undefined | null): string {
  if (share === undefined || share === null || !Number.isFinite(share)) return '–';
  if (share > 0 && share < 0.005) return '< 1 %';
  if (share < 1 && share > 0.995) return '> 99 %';
  return `${Math.round(100 * share)} %`;
}

/** `3`, or `3–7` for a place that is shared. */
export function placeText([first, last]: readonly [number, number]): string {
  return first === last ? String(first) : `${first}–${last}`;
}

/** Bytes in the unit that people read. */
export function bytesText(bytes: number): string {
  return bytes < 1_000
    ? `${Math.round(bytes)} B`
    : bytes < 1_000_000
      ? `${(bytes / 1_000).toFixed(1)} kB`
      : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
